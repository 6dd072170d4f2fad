"""Move signals that joined a case by a vague place, once a case has come that they clearly fit better."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from psycopg.rows import class_row

from hub.cases.case import Case
from hub.cases.dedup import (
    ALARM_KEY,
    ASSET_ERROR_M,
    MAX_ERROR_M,
    LocatedIssue,
    Neighbour,
    at_its_asset,
    fits_better,
)
from hub.cases.store import case_by_id, lock_case
from hub.catalogue import CatalogueItem
from hub.geo.distance import box_around
from hub.geo.place import Spot
from hub.journal.unit_of_work import UnitOfWork
from hub.signals.outcomes import SYSTEM
from hub.signals.remainder import Remainder
from hub.signals.settling import join, matter, seen_at
from hub.signals.signal import Signal
from hub.signals.splitting import take_out, tell_split
from hub.signals.store import SQL, lock_signals_of_case


@dataclass(frozen=True, slots=True)
class VagueSighting:
    """A signal that is in an open case by its place alone, and what the rest of that case says."""

    signal_id: int
    case_id: int
    lon: float
    lat: float
    error_m: float
    seen_at: datetime
    dedup_key: str
    rest_lon: float
    rest_lat: float
    rest_error_m: float
    rest_first_at: datetime
    rest_last_at: datetime

    def issue(self, item: CatalogueItem) -> LocatedIssue:
        return LocatedIssue(item, Spot(self.lon, self.lat, self.error_m), None, self.seen_at)

    @property
    def rest(self) -> Neighbour:
        return Neighbour(
            case_id=self.case_id,
            lon=self.rest_lon,
            lat=self.rest_lat,
            error_m=self.rest_error_m,
            asset_id=None,
            dedup_key=self.dedup_key,
            state="",
            closed_at=None,
            occurred_at=self.rest_first_at,
            last_seen_at=self.rest_last_at,
        )


async def reconsider_around(
    work: UnitOfWork, signal: Signal, item: CatalogueItem, case_id: int
) -> None:
    """After a signal has come to a case: move there what others joined only for want of that case.

    These are signals whose place names no asset, which are less exact than `signal`, and which no person
    has put where they are, in cases that are still worked on. Call it under `lock_place`.
    """
    case = await case_by_id(work.db, case_id)
    if not case.is_open or case.item_key != item.item_key or signal.lon is None:
        return
    here = await _seen_there(work, case, signal, item)
    for sighting in await _vague_around(work, here, item):
        if fits_better(sighting.issue(item), here, sighting.rest):
            await _move(work, sighting, case, signal)


async def _seen_there(
    work: UnitOfWork, case: Case, signal: Signal, item: CatalogueItem
) -> Neighbour:
    """The case where the signal says that it is."""
    assert signal.lon is not None
    assert signal.lat is not None
    spot = Spot(signal.lon, signal.lat, signal.error_m or 0.0)
    issue = LocatedIssue(item, spot, signal.asset_id or case.asset_id, seen_at(signal))
    place = (await at_its_asset(work.db, issue)).spot
    return Neighbour(
        case_id=case.case_id,
        lon=place.lon,
        lat=place.lat,
        error_m=place.error_m,
        asset_id=None,
        dedup_key=case.dedup_key,
        state=case.state,
        closed_at=None,
        occurred_at=case.occurred_at,
        last_seen_at=case.last_seen_at,
    )


async def _vague_around(
    work: UnitOfWork, here: Neighbour, item: CatalogueItem
) -> list[VagueSighting]:
    box = box_around(here.lon, here.lat, item.dedup.radius_m + 2 * MAX_ERROR_M)
    facts = {
        "case_id": here.case_id,
        "item_key": item.item_key,
        "error_m": here.error_m,
        "alarm_key": ALARM_KEY,
        "asset_error_m": ASSET_ERROR_M,
        "window": timedelta(hours=item.dedup.window_h),
        "first_at": here.occurred_at,
        "last_at": here.last_seen_at,
        "west": box.west,
        "south": box.south,
        "east": box.east,
        "north": box.north,
    }
    async with work.db.cursor(row_factory=class_row(VagueSighting)) as cursor:
        await cursor.execute(SQL["vague_around"], facts)
        return await cursor.fetchall()


async def _move(work: UnitOfWork, sighting: VagueSighting, into: Case, signal: Signal) -> None:
    old = await lock_case(work.db, sighting.case_id)
    signals = await lock_signals_of_case(work.db, old.case_id)
    moved = [each for each in signals if each.signal_id == sighting.signal_id]
    staying = [each for each in signals if each.signal_id != sighting.signal_id]
    after = await take_out(work, Remainder(old, signals, moved, staying))
    _, condition = await matter(work.db, moved[0].item_key, moved[0].cond_key)
    case = await case_by_id(work.db, into.case_id)
    await join(work, replace(moved[0], case_id=None), case, condition, SYSTEM)
    reason = f"signal {signal.signal_id} shows case {into.case_no} nearer to it"
    await tell_split(work.by(SYSTEM.name), old, after, moved, into, reason)
