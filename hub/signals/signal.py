"""A signal, and what is decided about it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import JsonValue

from hub.catalogue import DetectorMatch
from hub.geo.place import Spot

ENOUGH_DECISIONS = 10
LEAST_PRECISION = 0.5


class SignalState(StrEnum):
    NEW = "new"
    """WaitingReason for a person, or for what is missing (`reason`)."""
    MERGED = "merged"
    """Belongs to a case that existed."""
    VERIFYING = "verifying"
    """Somebody is asked to look."""
    ACCEPTED = "accepted"
    """A case was filed for it."""
    REJECTED = "rejected"
    SNOOZED = "snoozed"


class RejectionReason(StrEnum):
    """Why a signal was rejected."""

    FALSE_POSITIVE = "false_positive"
    BELOW_THRESHOLD = "below_threshold"
    OUT_OF_SCOPE = "out_of_scope"
    DUPLICATE = "duplicate"
    TEST = "test"
    OVER = "over"
    """It passed by itself before anybody had decided."""


class WaitingReason(StrEnum):
    """Why a signal waits for a person."""

    NO_EVIDENCE = "no_evidence"
    NO_PLACE = "no_place"
    VAGUE_PLACE = "vague_place"
    UNKNOWN_CATEGORY = "unknown_category"
    UNKNOWN_CONDITION = "unknown_condition"
    TO_BE_VERIFIED = "to_be_verified"
    LOW_PRECISION = "low_precision"
    """This camera was wrong about this class too often."""
    LOW_BATTERY = "low_battery"
    """Its terminal will soon be silent; somebody should call the holder."""
    OFF_POST = "off_post"
    """Its holder is outside of the own village in duty hours."""
    PHOTO_DISAGREES = "photo_disagrees"
    """Its photo shows something else than it reports; it may belong to a case already."""


class SignalSource(StrEnum):
    CAMERA = "camera"
    TERMINAL = "terminal"
    SENSOR = "sensor"
    HOTLINE = "hotline"
    APP = "app"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One row of `signal`. `identity` is the source's own id; `seq` the newest message's number.

    `boxes` belong to the photos in `evidence`, in the same order.
    """

    signal_id: int
    source: SignalSource
    identity: str
    device_id: str | None
    camera_id: str | None
    type: str
    item_key: str | None
    cond_key: str | None
    label: str | None
    score: float | None
    hits: int | None
    seq: int | None
    observed_at: datetime
    received_at: datetime
    lon: float | None
    lat: float | None
    error_m: float | None
    asset_id: str | None
    text: str
    evidence: tuple[str, ...]
    boxes: tuple[dict[str, JsonValue], ...]
    model: dict[str, JsonValue] | None
    state: SignalState
    reason: str | None
    case_id: int | None
    cleared_at: datetime | None

    @classmethod
    def of_terminal(
        cls,
        device_id: str,
        kind: str,
        identity: str,
        spot: Spot | None,
        *,
        label: str | None,
        text: str,
        observed_at: datetime,
        received_at: datetime,
        item_key: str | None = None,
        cond_key: str | None = None,
        evidence: tuple[str, ...] = (),
    ) -> Self:
        """A new signal from a terminal, or about it, which has no row yet."""
        return cls(
            signal_id=0,
            source=SignalSource.TERMINAL,
            identity=identity,
            device_id=device_id,
            camera_id=None,
            type=kind,
            item_key=item_key,
            cond_key=cond_key,
            label=label,
            score=None,
            hits=None,
            seq=None,
            observed_at=observed_at,
            received_at=received_at,
            lon=None if spot is None else spot.lon,
            lat=None if spot is None else spot.lat,
            error_m=None if spot is None else spot.error_m,
            asset_id=None,
            text=text,
            evidence=evidence,
            boxes=(),
            model=None,
            state=SignalState.NEW,
            reason=None,
            case_id=None,
            cleared_at=None,
        )

    @property
    def waits(self) -> bool:
        """Whether a person may decide about it."""
        return self.state in (SignalState.NEW, SignalState.VERIFYING)

    @property
    def is_undecided(self) -> bool:
        """Whether more of the same may still make it a case."""
        return self.state is SignalState.NEW or (
            self.state is SignalState.REJECTED and self.reason == RejectionReason.BELOW_THRESHOLD
        )


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """How often a camera was right and wrong about a class, by what people decided."""

    right: int
    wrong: int

    @property
    def is_trusted(self) -> bool:
        """With too few decisions to tell, the threshold of the catalogue alone counts."""
        decided = self.right + self.wrong
        return decided < ENOUGH_DECISIONS or self.right / decided >= LEAST_PRECISION


@dataclass(frozen=True, slots=True)
class SignalOutcome:
    """What became of a message. `new_case`: it made or reopened the case."""

    signal_id: int
    case_id: int | None
    new_case: bool
    state: SignalState
    reason: str | None


def outcome_of(signal: Signal, *, new_case: bool = False) -> SignalOutcome:
    return SignalOutcome(signal.signal_id, signal.case_id, new_case, signal.state, signal.reason)


def is_believed(signal: Signal, match: DetectorMatch) -> bool:
    """Whether a detection is sure enough to act on without a person."""
    detector = match.detector
    return (signal.score or 0) >= detector.min_score and (signal.hits or 0) >= detector.min_hits
