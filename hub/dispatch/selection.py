"""Choose terminals by hand, by unit, by an area drawn on the map, or the nearest to a place."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from shapely import Point, Polygon

from hub.db import Connection
from hub.devices.device import Presence, presence_of
from hub.dispatch.candidates import terminals
from hub.dispatch.recommend import USABLE_S, Candidate
from hub.dispatch.store import SQL
from hub.errors import InvalidInput
from hub.geo.distance import distances_m


@dataclass(frozen=True, slots=True)
class ByHand:
    device_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfUnit:
    """The terminals of a unit and of everything below it."""

    unit_key: str


@dataclass(frozen=True, slots=True)
class InArea:
    """The terminals that were last seen inside a ring of (lon, lat), at most half an hour ago."""

    ring: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Nearest:
    """The terminals that are online and next to a place."""

    lon: float
    lat: float
    count: int


Selection: TypeAlias = ByHand | OfUnit | InArea | Nearest


async def select_devices(db: Connection, selection: Selection, now: datetime) -> tuple[str, ...]:
    """The ids, each once, in the order of the choice. Raises InvalidInput for a ring that encloses
    nothing.
    """
    match selection:
        case ByHand(device_ids):
            return tuple(dict.fromkeys(device_ids))
        case OfUnit(unit_key):
            cursor = await db.execute(SQL["terminals_of_unit"], (unit_key,))
            return tuple(row[0] for row in await cursor.fetchall())
        case InArea(ring):
            return await _in_area(db, ring, now)
        case Nearest(lon, lat, count):
            return await _nearest(db, lon, lat, count, now)


async def _in_area(
    db: Connection, ring: tuple[tuple[float, float], ...], now: datetime
) -> tuple[str, ...]:
    area = Polygon(ring) if len(ring) >= 3 else Polygon()
    if not area.is_valid or area.area == 0:
        raise InvalidInput("the area needs three corners or more, and no crossing", field="area")
    return tuple(
        each.device_id for each in await _seen(db, now) if area.covers(Point(each.lon, each.lat))
    )


async def _nearest(
    db: Connection, lon: float, lat: float, count: int, now: datetime
) -> tuple[str, ...]:
    online = [
        each
        for each in await _seen(db, now)
        if presence_of(now, each.last_uplink_at, each.last_will_at) is Presence.ONLINE
    ]
    metres = distances_m([(each.lon or 0.0, each.lat or 0.0) for each in online], lon, lat)
    found = sorted(zip(metres, (each.device_id for each in online), strict=True))
    return tuple(device_id for _, device_id in found[:count])


async def _seen(db: Connection, now: datetime) -> list[Candidate]:
    """The terminals whose position is recent enough to go by."""
    usable_since = now - timedelta(seconds=USABLE_S)
    return [
        each
        for each in await terminals(db)
        if each.lon is not None
        and each.observed_at is not None
        and each.observed_at >= usable_since
    ]
