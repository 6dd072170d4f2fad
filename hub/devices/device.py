"""A device as the hub knows it, and the rule of its presence. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

ONLINE_WITHIN_S = 30.0
STALE_WITHIN_S = 180.0


class Presence(StrEnum):
    """Computed from the last uplink; a last will is a hint that makes an online device stale."""

    NEVER = "never"
    ONLINE = "online"
    STALE = "stale"
    OFFLINE = "offline"


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
    """`lon`, `lat` are where a fixed device stands; `position` is where a terminal was last."""

    device_id: str
    kind: str
    name_zh: str
    name_en: str
    unit_key: str | None
    unit_name_zh: str | None
    unit_name_en: str | None
    holder: str | None
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
    clock_skew_s: float | None
    position: Position | None
    battery: float | None


def presence_of(
    now: datetime,
    last_uplink_at: datetime | None,
    last_will_at: datetime | None,
    online_within_s: float = ONLINE_WITHIN_S,
    stale_within_s: float = STALE_WITHIN_S,
) -> Presence:
    """Presence at an instant; `last_will_at` is when the broker announced the device's loss."""
    if last_uplink_at is None:
        return Presence.NEVER
    silent_for = now - last_uplink_at
    if silent_for > timedelta(seconds=stale_within_s):
        return Presence.OFFLINE
    lost = last_will_at is not None and last_will_at > last_uplink_at
    if lost or silent_for > timedelta(seconds=online_within_s):
        return Presence.STALE
    return Presence.ONLINE
