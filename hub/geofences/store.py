"""Read and write fences, the stays in them and their events."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from psycopg.rows import class_row

from hub.accounts.scope import WHOLE_DISTRICT, Scope
from hub.db import SHARE, Connection, load_queries
from hub.geofences.fence import (
    OUTSIDE,
    Crossing,
    Fence,
    FenceEvent,
    FenceStay,
    KnownEvent,
    PositionFix,
)
from hub.geofences.fence_map import FenceMap
from hub.geofences.views import GeofenceEventView, GeofenceView, InsideView

SQL = load_queries(__file__)


@dataclass(frozen=True, slots=True)
class NewTrack:
    """A terminal's fixes since it was followed last, in order. `seen_at` is the time of its live position."""

    fixes: Sequence[PositionFix]
    seen_at: datetime

    @property
    def until(self) -> datetime:
        """The instant up to which the track has then been followed."""
        return self.fixes[-1].observed_at if self.fixes else self.seen_at


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events to list, the newest first; `before` is the last one of the page before."""

    geofence_id: str | None = None
    device_id: str | None = None
    types: tuple[Crossing, ...] = ()
    late: bool | None = None
    before: int | None = None
    limit: int = 50
    scope: Scope = WHOLE_DISTRICT


async def load_fences(db: Connection) -> FenceMap:
    """The fences that are watched; rebuilt only if one has changed."""
    row = await (await db.execute(SQL["fences_content"])).fetchone()
    assert row is not None
    kept = _kept()
    if row[0] not in kept:
        rows = await (await db.execute(SQL["fences"])).fetchall()
        kept.clear()
        kept[row[0]] = FenceMap((Fence(*each[:-1]), each[-1]) for each in rows)
    return kept[row[0]]


@lru_cache(maxsize=1)
def _kept() -> dict[str, FenceMap]:
    return {}


async def list_fences(
    db: Connection, *, geofence_id: str | None = None, after: str = "", limit: int = 1000
) -> list[GeofenceView]:
    """Fences that are watched, by id; a single one, or those after an id."""
    facts = {"geofence_id": geofence_id, "after": after, "limit": limit}
    async with db.cursor(row_factory=class_row(GeofenceView)) as cursor:
        await cursor.execute(SQL["listed"], facts)
        return await cursor.fetchall()


async def terminals_inside(db: Connection, geofence_id: str) -> list[InsideView]:
    """The terminals in a fence, the longest stay first."""
    async with db.cursor(row_factory=class_row(InsideView)) as cursor:
        await cursor.execute(SQL["inside"], (geofence_id,))
        return await cursor.fetchall()


async def list_events(
    db: Connection, wanted: EventFilter
) -> tuple[list[GeofenceEventView], int | None]:
    """A page of events, and the `before` of the next one; None at the end."""
    facts = {
        "geofence_id": wanted.geofence_id,
        "device_id": wanted.device_id,
        "types": [str(each) for each in wanted.types] or None,
        "late": wanted.late,
        "before": wanted.before,
        "limit": wanted.limit + 1,
        **wanted.scope.facts,
    }
    async with db.cursor(row_factory=class_row(GeofenceEventView)) as cursor:
        await cursor.execute(SQL["events"], facts)
        found = await cursor.fetchall()
    page = found[: wanted.limit]
    return page, page[-1].event_id if len(found) > wanted.limit else None


async def moved_terminals(db: Connection) -> dict[str, NewTrack]:
    """The new tracks of a share of the terminals that have moved."""
    fixes: defaultdict[str, list[PositionFix]] = defaultdict(list)
    seen: dict[str, datetime] = {}
    for device_id, seen_at, *fix in await (await db.execute(SQL["moved"], (SHARE,))).fetchall():
        seen[device_id] = seen_at
        if fix[0] is not None:
            fixes[device_id].append(PositionFix(*fix))
    return {device_id: NewTrack(fixes[device_id], seen_at) for device_id, seen_at in seen.items()}


async def note_followed(db: Connection, tracks: Mapping[str, NewTrack]) -> None:
    until = [track.until for track in tracks.values()]
    await db.execute(SQL["follow"], (list(tracks), until))


async def read_stays(db: Connection, devices: Iterable[str]) -> dict[str, dict[str, FenceStay]]:
    """Stays by device and fence; a terminal outside a fence has none there."""
    stays: defaultdict[str, dict[str, FenceStay]] = defaultdict(dict)
    cursor = await db.execute(SQL["stays"], (list(devices),))
    for device_id, geofence_id, *stay in await cursor.fetchall():
        stays[device_id][geofence_id] = FenceStay(*stay)
    return stays


async def write_stay(db: Connection, device_id: str, geofence_id: str, stay: FenceStay) -> None:
    if stay == OUTSIDE:
        await db.execute(SQL["end_stay"], (device_id, geofence_id))
        return
    values = (stay.inside, stay.since, stay.turning_since, stay.dwelt)
    await db.execute(SQL["put_stay"], (device_id, geofence_id, *values))


async def insert_event(
    db: Connection, device_id: str, event: FenceEvent, now: datetime
) -> int | None:
    """Write an event; returns its id, or None if it is already stored."""
    facts = {
        "geofence_id": event.geofence_id,
        "device_id": device_id,
        "type": str(event.type),
        "at": event.at,
        "now": now,
        "late": event.late,
        "lon": event.lon,
        "lat": event.lat,
    }
    row = await (await db.execute(SQL["put_event"], facts)).fetchone()
    return None if row is None else int(row[0])


async def known_events(
    db: Connection, device_id: str, geofence_ids: Iterable[str]
) -> dict[str, list[KnownEvent]]:
    """The events of a terminal by fence, in order of time."""
    known: defaultdict[str, list[KnownEvent]] = defaultdict(list)
    cursor = await db.execute(SQL["events_of"], (device_id, list(geofence_ids)))
    for event_id, geofence_id, kind, at in await cursor.fetchall():
        known[geofence_id].append(KnownEvent(event_id, geofence_id, Crossing(kind), at))
    return known
