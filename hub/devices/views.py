"""A device and its journal as the API shows them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import JsonValue

from hub.devices.device import ClockState, Presence
from hub.devices.sync import Sync

DeviceKind: TypeAlias = Literal["terminals", "cameras", "edges"]


@dataclass(frozen=True, slots=True)
class PositionView:
    """Speed in m/s, heading in degrees. `observed_at` is null for a fixed device."""

    lon: float
    lat: float
    accuracy_m: float | None
    heading: float | None
    speed: float | None
    observed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceView:
    """`clock_skew_s` is how far the device's clock is ahead of the hub's, negative if it is behind.

    It is the median over the newest live messages and includes their travel time. `holder` is the
    registered holder, or else the one that the device reports, `holder_reported`.
    `config_sync` and `model_sync` are null without a desired state.
    """

    device_id: str
    kind: DeviceKind
    name_zh: str
    name_en: str
    unit_key: str | None
    unit_name_zh: str | None
    unit_name_en: str | None
    holder: str | None
    holder_reported: str | None
    capabilities: list[str]
    presence: Presence
    last_seen_at: datetime | None
    position: PositionView | None
    battery: float | None
    coverage_m: float | None
    heading_deg: float | None
    firmware: str | None
    cameras: list[str]
    gb28181_id: str | None
    clock: ClockState
    clock_skew_s: float | None
    clock_measured_at: datetime | None
    config_sync: Sync | None
    model_sync: Sync | None


@dataclass(frozen=True, slots=True)
class DeviceEntryView:
    """`kind` is presence, clock, geofence, registered, registry_changed, config_desired and the like."""

    journal_id: int
    at: datetime
    kind: str
    actor: str
    event: str | None
    from_state: str | None
    to_state: str | None
    reason: str | None
    data: dict[str, JsonValue]
