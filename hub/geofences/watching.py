"""Follow terminals through the fences as they move, and as their backlog arrives."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from hub.db import Connection
from hub.geofences.fence import OUTSIDE, Fence, FenceEvent, FenceStay, PositionFix, step
from hub.geofences.fence_map import FenceMap
from hub.geofences.history import explain, stay_before
from hub.geofences.store import (
    SQL,
    insert_event,
    known_events,
    load_fences,
    moved_terminals,
    note_followed,
    read_stays,
    write_stay,
)
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork

log = structlog.get_logger()

TerminalAtFence = tuple[str, Fence, FenceEvent]
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class _Movement:
    """The changed stays of one terminal, and its events to publish."""

    device_id: str
    stays: Mapping[str, FenceStay]
    events: Sequence[TerminalAtFence]


LOOK_AROUND = timedelta(minutes=5)
"""A late track is read with this much around it, so that its exact ends matter little."""


async def follow_terminals(work: UnitOfWork) -> int:
    """Follow a share of the terminals that have moved; returns their number."""
    fences = await load_fences(work.db)
    if not fences.by_id:
        return 0
    tracks = await moved_terminals(work.db)
    if not tracks:
        return 0
    stays = await read_stays(work.db, tracks)
    moves: dict[str, _Movement] = {}
    for device_id, track in tracks.items():
        before = stays.get(device_id, {})
        after, events = walk(fences, before, track.fixes, work.now)
        changed = {
            geofence_id: after.get(geofence_id, OUTSIDE)
            for geofence_id in before.keys() | after.keys()
            if after.get(geofence_id, OUTSIDE) != before.get(geofence_id, OUTSIDE)
        }
        if changed or events:
            at_fences = [(device_id, fences.by_id[e.geofence_id].fence, e) for e in events]
            moves[device_id] = _Movement(device_id, changed, at_fences)
    await work.each("device_id", moves, partial(_write_movement, work))
    await note_followed(work.db, tracks)
    return len(tracks)


async def _write_movement(work: UnitOfWork, movement: _Movement) -> None:
    for geofence_id, stay in movement.stays.items():
        await write_stay(work.db, movement.device_id, geofence_id, stay)
    await _record(work, movement.events)


def walk(
    fences: FenceMap, stays: Mapping[str, FenceStay], track: Iterable[PositionFix], now: datetime
) -> tuple[dict[str, FenceStay], list[FenceEvent]]:
    """The stays and events after a track. Fences that are retired have no stays. Pure."""
    after = {
        geofence_id: stay for geofence_id, stay in stays.items() if geofence_id in fences.by_id
    }
    events: list[FenceEvent] = []
    for fix in track:
        for geofence_id in sorted(fences.near(fix.lon, fix.lat) | after.keys()):
            mapped = fences.by_id[geofence_id]
            distance_m = mapped.area.distance_m(fix.lon, fix.lat)
            stay, found = step(mapped.fence, after.get(geofence_id, OUTSIDE), fix, distance_m, now)
            events += found
            if stay == OUTSIDE:
                after.pop(geofence_id, None)
            else:
                after[geofence_id] = stay
    return after, events


async def look_back(work: UnitOfWork) -> int:
    """Find the events of terminals while they were offline, from backlog that arrived late.

    These are history: none is an alarm, and no present stay changes. Returns their number.
    """
    spans: dict[str, Span] = {}
    for device_id, first_at, last_at in await (
        await work.db.execute(SQL["take_arrivals"])
    ).fetchall():
        known = spans.get(device_id, (first_at, last_at))
        spans[device_id] = (min(first_at, known[0]), max(last_at, known[1]))
    fences = await load_fences(work.db)
    events: list[TerminalAtFence] = []
    for device_id, (first_at, last_at) in spans.items() if fences.by_id else ():
        row = await (await work.db.execute(SQL["followed_until"], (device_id,))).fetchone()
        if row is not None and first_at <= row[0]:
            span = (first_at - LOOK_AROUND, min(last_at + LOOK_AROUND, row[0]))
            events += await _history(work.db, fences, device_id, span, work.now)
    return await _record(work, events)


async def _history(
    db: Connection,
    fences: FenceMap,
    device_id: str,
    span: Span,
    now: datetime,
) -> Sequence[TerminalAtFence]:
    rows = await (await db.execute(SQL["track"], (device_id, *span))).fetchall()
    track = [PositionFix(*row) for row in rows]
    near: set[str] = set().union(*(fences.near(fix.lon, fix.lat) for fix in track))
    known = await known_events(db, device_id, near)
    before = {fence: stay_before(known.get(fence, ()), span[0]) for fence in near}
    _, events = walk(fences, before, track, now)
    new: list[TerminalAtFence] = []
    for geofence_id in sorted(near):
        found = [event for event in events if event.geofence_id == geofence_id]
        explained = explain(found, known.get(geofence_id, ()))
        for event_id, event in explained.dated_back.items():
            facts = {"event_id": event_id, "at": event.at, "lon": event.lon, "lat": event.lat}
            await db.execute(SQL["date_back"], facts)
        new += [(device_id, fences.by_id[geofence_id].fence, event) for event in explained.new]
    return new


async def _record(work: UnitOfWork, events: Iterable[TerminalAtFence]) -> int:
    """Store events and journal the new ones; returns their number."""
    entries = []
    for device_id, fence, event in events:
        event_id = await insert_event(work.db, device_id, event, work.now)
        if event_id is not None:
            entries.append(_entry(device_id, fence, event, event_id, work.now))
    work.record(*entries)
    if entries:
        log.info("geofences_crossed", count=len(entries))
    return len(entries)


def _entry(
    device_id: str, fence: Fence, event: FenceEvent, event_id: int, now: datetime
) -> NewEntry:
    return NewEntry(
        Subject.DEVICE,
        device_id,
        "geofence",
        "system:geofences",
        now,
        event=str(event.type),
        data={
            "event_id": event_id,
            "geofence_id": fence.geofence_id,
            "name_zh": fence.name_zh,
            "name_en": fence.name_en,
            "at": event.at.isoformat(),
            "late": event.late,
            "lon": event.lon,
            "lat": event.lat,
        },
    )
