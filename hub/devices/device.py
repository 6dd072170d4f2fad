"""A device, and the rules of its presence and its clock. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wire.limits import CLOCK_AHEAD_S

LOW_BATTERY_PERCENT = 15.0
"""A terminal with less is reported, and its holder is not sent anywhere."""
ONLINE_WITHIN_S = 30.0
STALE_WITHIN_S = 180.0
WILL_COUNTS_AFTER_S = 5.0
"""A device that reconnects before its old connection ends is announced as lost, but is online."""
CLOCK_BEHIND_S = 180.0
"""No connection is this slow: if live samples take longer, the device's clock is behind."""
CLOCK_EASE_S = 30.0
OLDEST_MESSAGE = timedelta(days=30)
"""No device keeps a message for longer: the clock of an older one was never set."""


class Presence(StrEnum):
    """Computed from the last uplink; a last will is a hint that makes an online device stale."""

    NEVER = "never"
    ONLINE = "online"
    STALE = "stale"
    OFFLINE = "offline"


class ClockState(StrEnum):
    """The hub's judgement of a device's clock, by the times when samples are observed and received."""

    UNKNOWN = "unknown"
    RIGHT = "right"
    AHEAD = "ahead"
    """By more than CLOCK_AHEAD_S; the hub's time replaces its instants."""
    BEHIND = "behind"
    """By more than CLOCK_BEHIND_S; its instants are kept, although they are too early."""


@dataclass(frozen=True, slots=True)
class LastPosition:
    """The newest known position of a terminal, WGS-84."""

    lon: float
    lat: float
    accuracy_m: float
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class CameraReach:
    """Where a camera stands, and how far it sees, if that is known."""

    lon: float
    lat: float
    coverage_m: float | None


@dataclass(frozen=True, slots=True)
class Device:
    """A registered device. Terminals may have a `position`, cameras a `site`; edge nodes watch `cameras`.

    `clock_error_s` is by how much its clock is ahead, if that is certain.
    """

    device_id: str
    capabilities: tuple[str, ...]
    cameras: tuple[str, ...]
    position: LastPosition | None
    site: CameraReach | None = None
    clock_error_s: float | None = None


@dataclass(frozen=True, slots=True)
class PresenceFacts:
    """The facts that presence is computed from.

    `last_will_at` is when the broker announced the device's loss, unless the device has returned.
    `returned_at` is the uplink by which a stale device came back, until it is online or silent again.
    """

    last_uplink_at: datetime | None
    last_will_at: datetime | None = None
    returned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SettledPresence:
    """A device's presence, and the `returned_at` to keep for the next sweep."""

    presence: Presence
    returned_at: datetime | None = None


def happened_at(
    stamped_at: datetime, received_at: datetime, clock_error_s: float | None = None
) -> datetime:
    """When something happened, by the device's clock as far as that can be: never after its arrival.

    An instant that fits its arrival is taken as it is; another one is corrected by the clock's error,
    and is bounded by the arrival if it is still in the future, or older than any message.
    """
    behind = received_at - stamped_at
    fits = -timedelta(seconds=CLOCK_AHEAD_S) <= behind <= timedelta(seconds=CLOCK_BEHIND_S)
    if clock_error_s and not fits:
        stamped_at -= timedelta(seconds=clock_error_s)
    if received_at - stamped_at > OLDEST_MESSAGE:
        return received_at
    return min(stamped_at, received_at)


def disowned(stamped_at: datetime, at: datetime) -> datetime | None:
    """What the clock said, if it differs so much from `at`, when it happened, that people are told."""
    return stamped_at if abs(stamped_at - at) > timedelta(seconds=CLOCK_AHEAD_S) else None


def presence_of(
    now: datetime, last_uplink_at: datetime | None, last_will_at: datetime | None
) -> Presence:
    """Presence by the last uplink; `last_will_at` is when the broker announced the device's loss."""
    if last_uplink_at is None:
        return Presence.NEVER
    silent_for = now - last_uplink_at
    if silent_for > timedelta(seconds=STALE_WITHIN_S):
        return Presence.OFFLINE
    lost = last_will_at is not None and last_will_at > last_uplink_at
    if lost or silent_for > timedelta(seconds=ONLINE_WITHIN_S):
        return Presence.STALE
    return Presence.ONLINE


def settled(now: datetime, before: Presence, facts: PresenceFacts) -> SettledPresence:
    """The presence to publish, given the presence before: the same rule, but it does not flap.

    A stale device is online again only once a second uplink follows the first, and a last will
    counts only if no uplink has followed it for WILL_COUNTS_AFTER_S.
    """
    will_at = facts.last_will_at
    if will_at is not None and now - will_at < timedelta(seconds=WILL_COUNTS_AFTER_S):
        will_at = None
    presence = presence_of(now, facts.last_uplink_at, will_at)
    if presence is not Presence.ONLINE:
        return SettledPresence(presence)
    returned_at = facts.returned_at or facts.last_uplink_at
    if before is Presence.STALE and returned_at == facts.last_uplink_at:
        return SettledPresence(Presence.STALE, returned_at)
    return SettledPresence(Presence.ONLINE)


def clock_of(skew_s: float | None, before: ClockState) -> ClockState:
    """The state of a clock; one that was wrong must come well within the bound to be right again."""
    if skew_s is None:
        return ClockState.UNKNOWN
    ease = {before: CLOCK_EASE_S}
    if skew_s > CLOCK_AHEAD_S - ease.get(ClockState.AHEAD, 0.0):
        return ClockState.AHEAD
    if skew_s < -(CLOCK_BEHIND_S - ease.get(ClockState.BEHIND, 0.0)):
        return ClockState.BEHIND
    return ClockState.RIGHT
