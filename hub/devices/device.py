"""A device as the hub knows it, and the rule of its presence. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wire.limits import CLOCK_AHEAD_S

ONLINE_WITHIN_S = 30.0
STALE_WITHIN_S = 180.0
WILL_COUNTS_AFTER_S = 5.0
"""A device that another connection of its own takes over from is announced as lost, and back at once."""
CLOCK_BEHIND_S = 180.0
"""A line this slow is no line: a device whose samples come in later has a clock that is behind."""
CLOCK_EASE_S = 30.0


class Presence(StrEnum):
    """Computed from the last uplink; a last will is a hint that makes an online device stale."""

    NEVER = "never"
    ONLINE = "online"
    STALE = "stale"
    OFFLINE = "offline"


class ClockState(StrEnum):
    """What the hub makes of a device's clock, from when its samples are observed and received."""

    UNKNOWN = "unknown"
    RIGHT = "right"
    AHEAD = "ahead"
    """More than CLOCK_AHEAD_S; its instants are taken for the hub's own."""
    BEHIND = "behind"
    """More than CLOCK_BEHIND_S; its instants are kept, and look older than they are."""


@dataclass(frozen=True, slots=True)
class Position:
    """The newest known position of a terminal, WGS-84; speed in m/s, heading in degrees."""

    lon: float
    lat: float
    accuracy_m: float
    speed: float | None
    heading: float | None
    observed_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Device:
    """`lon`, `lat` are where a fixed device stands; `position` is where a terminal was last.

    `holder` is as registered or, where nobody is, as the device says; `holder_reported` is what it says.
    `clock_skew_s` is how far its clock is ahead of the hub's, negative where it is behind.
    """

    device_id: str
    kind: str
    name_zh: str
    name_en: str
    unit_key: str | None
    unit_name_zh: str | None
    unit_name_en: str | None
    holder: str | None
    holder_reported: str | None
    capabilities: tuple[str, ...]
    lon: float | None
    lat: float | None
    coverage_m: float | None
    heading_deg: float | None
    cameras: tuple[str, ...]
    gb28181_id: str | None
    firmware: str | None
    boot_id: str | None
    presence: Presence
    last_uplink_at: datetime | None
    clock: ClockState
    clock_skew_s: float | None
    clock_measured_at: datetime | None
    position: Position | None
    battery: float | None


@dataclass(frozen=True, slots=True)
class Heard:
    """What presence is worked out from.

    `last_will_at` is when the broker announced the device's loss, unless it is back since.
    `returned_at` is the uplink by which a stale device came back, until it is online or silent again.
    """

    last_uplink_at: datetime | None
    last_will_at: datetime | None = None
    returned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A device's presence, and the `returned_at` to keep for the next sweep."""

    presence: Presence
    returned_at: datetime | None = None


def presence_of(
    now: datetime, last_uplink_at: datetime | None, last_will_at: datetime | None
) -> Presence:
    """Presence by what was heard; `last_will_at` is when the broker announced the device's loss."""
    if last_uplink_at is None:
        return Presence.NEVER
    silent_for = now - last_uplink_at
    if silent_for > timedelta(seconds=STALE_WITHIN_S):
        return Presence.OFFLINE
    lost = last_will_at is not None and last_will_at > last_uplink_at
    if lost or silent_for > timedelta(seconds=ONLINE_WITHIN_S):
        return Presence.STALE
    return Presence.ONLINE


def settled(now: datetime, before: Presence, heard: Heard) -> Standing:
    """The presence that is told, given what it was: the same rule, but it does not flap.

    A stale device is online again only once a second uplink follows the first, and a last will
    counts only where nothing has followed it for WILL_COUNTS_AFTER_S.
    """
    will_at = heard.last_will_at
    if will_at is not None and now - will_at < timedelta(seconds=WILL_COUNTS_AFTER_S):
        will_at = None
    presence = presence_of(now, heard.last_uplink_at, will_at)
    if presence is not Presence.ONLINE:
        return Standing(presence)
    returned_at = heard.returned_at or heard.last_uplink_at
    if before is Presence.STALE and returned_at == heard.last_uplink_at:
        return Standing(Presence.STALE, returned_at)
    return Standing(Presence.ONLINE)


def clock_of(skew_s: float | None, before: ClockState) -> ClockState:
    """Whether a device's clock can be trusted; it has to come well within a bound to count again."""
    if skew_s is None:
        return ClockState.UNKNOWN
    ease = {before: CLOCK_EASE_S}
    if skew_s > CLOCK_AHEAD_S - ease.get(ClockState.AHEAD, 0.0):
        return ClockState.AHEAD
    if skew_s < -(CLOCK_BEHIND_S - ease.get(ClockState.BEHIND, 0.0)):
        return ClockState.BEHIND
    return ClockState.RIGHT
