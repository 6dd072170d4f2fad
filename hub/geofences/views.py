"""Geofences and their events, as the API shows them."""

from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from wire.messages.base import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class GeofenceView:
    """`boundary` is GeoJSON in WGS-84; `inside` counts the terminals in it.

    A terminal inside has left once it is more than `margin_m` beyond the boundary; either side counts
    after `settle_s`. A stay of `dwell_s` is an event of its own; null if there is none.
    """

    geofence_id: str
    name_zh: str
    name_en: str
    margin_m: float
    settle_s: float
    dwell_s: float | None
    watched_from: Instant
    boundary: dict[str, JsonValue]
    inside: int


@dataclass(frozen=True, slots=True)
class InsideView:
    """A terminal in a fence."""

    device_id: str
    holder: str | None
    since: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class GeofenceDetail(GeofenceView):
    """`terminals` are those inside, the longest stay first."""

    terminals: list[InsideView]


@dataclass(frozen=True, slots=True)
class GeofenceEventView:
    """`at` is when it happened, `noticed_at` when the hub noticed; if `late`, it is history, not an alarm."""

    event_id: int
    geofence_id: str
    name_zh: str
    name_en: str
    device_id: str
    holder: str | None
    type: Literal["enter", "leave", "dwell"]
    at: Instant
    noticed_at: Instant
    late: bool
    lon: float
    lat: float
