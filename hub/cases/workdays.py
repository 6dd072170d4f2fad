"""An admin's edit of the calendar, and its effect on the deadlines of open cases."""

from dataclasses import replace
from datetime import date, datetime

from pydantic import JsonValue

from hub.accounts.account import Role
from hub.cases import store
from hub.cases.actor import Actor
from hub.cases.case import Case
from hub.cases.moving import note
from hub.cases.record import CaseEntryKind, changes
from hub.cases.store import SQL
from hub.deadlines import WorkCalendar, load_calendar
from hub.deadlines.store import write_day
from hub.errors import Forbidden
from hub.journal.unit_of_work import UnitOfWork


async def edit_day(work: UnitOfWork, day: date, is_workday: bool, text: str, actor: Actor) -> int:
    """Set whether a day is a workday, and move the affected deadlines; returns how many.

    Raises Forbidden unless the actor is an admin.
    """
    if actor.role is not Role.ADMIN:
        raise Forbidden("only an admin edits the calendar", actor=actor.name)
    rows = await (await work.db.execute(SQL["open_working_limits"], (work.now,))).fetchall()
    before = await load_calendar(work.db, work.now)
    await write_day(work.db, day, is_workday, text, actor.name)
    after = await load_calendar(work.db, work.now)
    moved = 0
    for (case_id,) in rows:
        case = await store.case_by_id(work.db, case_id)
        recomputed = _recomputed(case, before, after, work.now)
        if recomputed.due_at != case.due_at:
            await store.save_case(work.db, recomputed)
            data: dict[str, JsonValue] = {
                "day": day.isoformat(),
                "changes": changes(case, recomputed),
            }
            await note(work.by(actor.name), recomputed, CaseEntryKind.DEADLINE_RECOMPUTED, data)
            moved += 1
    return moved


def _recomputed(case: Case, before: WorkCalendar, after: WorkCalendar, now: datetime) -> Case:
    """The working time left stays the same; that of a suspended case counts from its suspension."""
    assert case.due_at is not None
    since = case.suspended_at if case.is_suspended and case.suspended_at else now
    left = before.between(since, case.due_at)
    if not left:
        return case
    due = after.add(since, left)
    assumed = after.is_assumed(after.local_date(since), after.local_date(due))
    return replace(case, due_at=due, calendar_assumed=assumed, version=case.version + 1)
