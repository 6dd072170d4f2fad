"""A signal, and what is decided about it. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self, TypeAlias

from pydantic import JsonValue

from hub.catalogue import DetectorMatch
from hub.geo.place import Spot

SignalKey: TypeAlias = tuple[str | None, str]
"""A device, and its own id of a signal."""


class SignalState(StrEnum):
    NEW = "new"
    """Waits for a person, or for something that is missing (`reason`)."""
    MERGED = "merged"
    """Belongs to a case that existed."""
    VERIFYING = "verifying"
    """Waits to be verified."""
    ACCEPTED = "accepted"
    """A case was filed for it."""
    REJECTED = "rejected"
    SNOOZED = "snoozed"
    """Waits again at `snoozed_until`, or as soon as something graver is seen (`reason` is kept)."""
    NOTED = "noted"
    """True, and nothing for a case: a person has seen to it (`reason`)."""


class RejectReason(StrEnum):
    """Why a signal was rejected."""

    FALSE_POSITIVE = "false_positive"
    BELOW_THRESHOLD = "below_threshold"
    OUT_OF_SCOPE = "out_of_scope"
    DUPLICATE = "duplicate"
    TEST = "test"
    OVER = "over"
    """It passed by itself before it was decided."""


class NotedReason(StrEnum):
    """How a person saw to a signal that is no case."""

    NOTED = "noted"
    REMINDED = "reminded"
    """The holder got a message."""


class WaitingReason(StrEnum):
    """Why a signal waits for a person."""

    NO_EVIDENCE = "no_evidence"
    PHOTO_AWAITED = "photo_awaited"
    """The photos that it names have not come yet; it goes on by itself when one does."""
    NO_PLACE = "no_place"
    FALSE_PLACE = "false_place"
    """The place that it names is no place of the district, such as 0, 0: it is not used."""
    OUT_OF_SIGHT = "out_of_sight"
    """The place that it names is far beyond what its camera can see: it is not used."""
    VAGUE_PLACE = "vague_place"
    UNKNOWN_CATEGORY = "unknown_category"
    UNKNOWN_CONDITION = "unknown_condition"
    TO_BE_VERIFIED = "to_be_verified"
    MONITORED = "monitored"
    """Its camera and class only monitor: automation did nothing, and notes what it would have done."""
    NOT_AUTOMATIC = "not_automatic"
    """By the policy of its severity a person files such cases."""
    SPLIT_OFF = "split_off"
    """A person has taken it out of a case that it doesn't belong to."""
    LOW_BATTERY = "low_battery"
    """Its terminal will soon run out of power; call the holder."""
    OFF_POST = "off_post"
    """Its holder is outside the home village in duty hours."""
    CAMERA_BLIND = "camera_blind"
    """Its camera sends frames that show nothing: bad, black, grey or frozen ones."""
    PHOTO_DISAGREES = "photo_disagrees"
    """Its photo shows something other than the report; it may already belong to a case."""


NO_MATTER_FOR_A_CASE = frozenset(
    {WaitingReason.LOW_BATTERY, WaitingReason.OFF_POST, WaitingReason.CAMERA_BLIND}
)
"""Signals about a device and its holder; a person notes them, or reminds the holder of a terminal."""


class SourceKind(StrEnum):
    CAMERA = "camera"
    TERMINAL = "terminal"
    SENSOR = "sensor"
    HOTLINE = "hotline"
    APP = "app"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One row of `signal`; `signal_id` is 0 until it is stored.

    `identity` is the device's own id, and `content_sha256` of the message that made the signal; `seq` is
    the number of its newest message. `boxes` belong to the photos in `evidence`, in the same order.
    `stamped_at` is what the device's clock said, if `observed_at` is not taken from it. `would` is what
    automation would have done with it: {action, case_id, reason}. `decided_by` made the newest decision.
    """

    signal_id: int = 0
    source: SourceKind
    identity: str
    device_id: str | None
    camera_id: str | None = None
    type: str
    item_key: str | None = None
    cond_key: str | None = None
    label: str | None = None
    score: float | None = None
    hits: int | None = None
    seq: int | None = None
    observed_at: datetime
    received_at: datetime
    stamped_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    error_m: float | None = None
    asset_id: str | None = None
    text: str = ""
    evidence: tuple[str, ...] = ()
    boxes: tuple[dict[str, JsonValue], ...] = ()
    model: dict[str, JsonValue] | None = None
    state: SignalState = SignalState.NEW
    reason: str | None = None
    case_id: int | None = None
    cleared_at: datetime | None = None
    content_sha256: str | None = None
    snoozed_until: datetime | None = None
    would: dict[str, JsonValue] | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None

    @property
    def key(self) -> SignalKey:
        return self.device_id, self.identity

    def unplaced(self) -> Self:
        """The signal without the place that it names."""
        return replace(self, lon=None, lat=None, error_m=None, asset_id=None)

    def placed(self, spot: Spot | None) -> Self:
        """The signal at a place; None leaves it where it is."""
        if spot is None:
            return self
        return replace(self, lon=spot.lon, lat=spot.lat, error_m=spot.error_m, asset_id=None)

    @property
    def waits(self) -> bool:
        """Whether it waits for a person."""
        return self.state in (SignalState.NEW, SignalState.VERIFYING)

    @property
    def is_decidable(self) -> bool:
        """Whether a person may decide about it: it waits, or is put off."""
        return self.waits or self.state is SignalState.SNOOZED

    @property
    def is_undecided(self) -> bool:
        """Whether further messages may still make it a case."""
        if self.reason == WaitingReason.SPLIT_OFF:
            return False
        return self.state is SignalState.NEW or (
            self.state is SignalState.REJECTED and self.reason == RejectReason.BELOW_THRESHOLD
        )


@dataclass(frozen=True, slots=True)
class SignalOutcome:
    """The outcome of a message. `new_case`: it made or reopened the case.

    `key_reused`: it came under a key that its device used before for something else.
    """

    signal_id: int
    case_id: int | None
    new_case: bool
    state: SignalState
    reason: str | None
    key_reused: bool = False


def outcome_of(signal: Signal, *, new_case: bool = False) -> SignalOutcome:
    return SignalOutcome(signal.signal_id, signal.case_id, new_case, signal.state, signal.reason)


def is_believed(signal: Signal, match: DetectorMatch, hits: int) -> bool:
    """Whether a detection is sure enough to act on without a person.

    `hits` are those that came within the detector's window.
    """
    detector = match.detector
    return (signal.score or 0) >= detector.min_score and hits >= detector.min_hits
