"""Begin a rehearsal: everything that it needs, and the refusal of a district that is in use."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random

from hub.cases.repair_check import RepairJudge
from hub.clock import TIMEZONE
from hub.db import Pool
from hub.deadlines import load_calendar, seed_calendar
from hub.errors import Conflict, InvalidInput
from hub.evidence import EvidenceStore
from hub.ingest.store import BatchStore
from hub.rehearsal.cast import Handlers
from hub.rehearsal.handling import CaseHandling
from hub.rehearsal.office import Office
from hub.rehearsal.patrols import Patrols
from hub.rehearsal.photo_folder import open_photo_folder, photos_needed
from hub.rehearsal.play import PlayedDays, Rehearsal, RehearsalClock, RehearsalPlan
from hub.rehearsal.reporting import Reporting
from hub.rehearsal.scenery import SQL, Scenery, load_scenery
from hub.signals.awaited_photos import NO_WAIT, settle_awaited
from hub.worker.feedback import FeedbackChecks
from hub.worker.sweeps import Sweep, Sweeper
from hub.worker.timers import EACH_MINUTE

MAX_DAYS = 366
_OFTEN = {
    "signed_by_time",
    "overdue",
    "dispatch_late",
    "ladder",
    "explanations",
    "studies_overdue",
}
"""Sweeps that come several times a day; for all others once is often enough in a rehearsal."""


async def rehearse(
    pool: Pool,
    plan: RehearsalPlan,
    photos: Path,
    evidence: EvidenceStore,
    judge: RepairJudge,
    on_day: Callable[[date], None] = lambda _day: None,
) -> PlayedDays:
    """Play days in a district that has no cases yet.

    Raises InvalidInput for a bad plan or folder, and Conflict if there are cases.
    """
    if not 1 <= plan.days <= MAX_DAYS:
        raise InvalidInput(f"a rehearsal has 1 to {MAX_DAYS} days, not {plan.days}", field="days")
    folder = open_photo_folder(photos, evidence, photos_needed(plan.days * plan.matters_a_day))
    url = pool.conninfo
    assert isinstance(url, str)
    scenery, rng, handlers = await _open(pool, plan), Random(plan.seed), Handlers()
    async with pool.connection() as db:
        calendar = await load_calendar(db, plan.until - timedelta(days=plan.days))
    store, clock = BatchStore(url, evidence), RehearsalClock(plan.until)
    rehearsal = Rehearsal(
        pool,
        plan,
        clock,
        rng,
        folder,
        Reporting(rng, scenery, folder),
        CaseHandling(rng, folder, calendar, handlers),
        Office(Random(f"{plan.seed} office"), handlers),
        Patrols(pool, url, store, scenery, Random(f"{plan.seed} patrols")),
        FeedbackChecks(pool, evidence, judge, clock),
        Sweeper(pool, clock),
        *_sweeps(),
        on_day,
    )
    try:
        return await rehearsal.play()
    finally:
        store.disconnect()


def _sweeps() -> tuple[tuple[Sweep, ...], tuple[Sweep, ...]]:
    """Those of several times a day, and those of once a day."""
    awaited = Sweep("awaited_photos", partial(settle_awaited, wait=NO_WAIT))
    often = tuple(each for each in EACH_MINUTE if each.name in _OFTEN)
    daily = tuple(each for each in EACH_MINUTE if each.name not in _OFTEN)
    return often, (*daily, awaited)


async def _open(pool: Pool, plan: RehearsalPlan) -> Scenery:
    first = (plan.until - timedelta(days=plan.days)).astimezone(TIMEZONE)
    async with pool.connection() as db:
        row = await (await db.execute(SQL["count_cases"])).fetchone()
        if row is not None and row[0]:
            raise Conflict(
                f"the district has {row[0]} cases: days are played only where there are none, "
                "so that nothing invented mixes with what is real"
            )
        await db.execute(SQL["register_before"], {"first": first})
        scenery = await load_scenery(db)
        if not scenery.terminals:
            raise InvalidInput("the district has no terminal with a place; import one first")
        await seed_calendar(db, range(first.year, plan.until.year + 2), plan.until)
    return scenery
