"""An admin's edits of the calendar, and their effect on the deadlines of open cases."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from pydantic import JsonValue

from hub.accounts.account import Role
from hub.cases import store
from hub.cases.actor import Actor
from hub.cases.case import Case
from hub.cases.clock_runs import ClockEntry, clock_runs, due_by
from hub.cases.moving import note
from hub.cases.record import CaseEntryKind, changes
from hub.cases.store import SQL
from hub.db import Connection
from hub.deadlines import WorkCalendar
from hub.deadlines.limits import CONTINUOUS
from hub.deadlines.store import DayEdit, whole_calendar, write_days
from hub.errors import Forbidden, InvalidInput
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class MovedDeadline:
    """A case whose deadline an edit of the calendar moves. `assumed` is `calendar_assumed` after it."""

    case_id: int
    case_no: str
    due_before: datetime
    due_after: datetime
    assumed: bool


async def edit_days(
    work: UnitOfWork, edits: Sequence[DayEdit], actor: Actor
) -> tuple[MovedDeadline, ...]:
    """Set whether days are workdays, and move the deadlines of all open cases that count them.

    Returns the deadlines that moved. Paused, staged and overdue cases move too; one that is no
    longer overdue loses the mark. Raises Forbidden unless the actor is an admin, and InvalidInput
    for no day or one that is given twice.
    """
    _check(edits, actor)
    touched = await _touched(work.db, edits, lock=True)
    before = await whole_calendar(work.db)
    await write_days(work.db, edits, actor.name)
    after = await whole_calendar(work.db)
    moved = []
    for case, recomputed in await _recomputed(work.db, touched, before, after, work.now):
        await store.save_case(work.db, recomputed)
        days = _days_that_count(case, recomputed, edits, before)
        data: dict[str, JsonValue] = {"days": days, "changes": changes(case, recomputed)}
        await note(work.by(actor.name), recomputed, CaseEntryKind.DEADLINE_RECOMPUTED, data)
        if recomputed.due_at != case.due_at:
            moved.append(_moved(case, recomputed))
    _tell(work, edits, actor, len(moved))
    return tuple(moved)


async def moved_by(
    db: Connection, edits: Sequence[DayEdit], now: datetime
) -> tuple[MovedDeadline, ...]:
    """The deadlines that edits would move; nothing is written. Raises InvalidInput like `edit_days`."""
    _check_days(edits)
    before = await whole_calendar(db)
    after = WorkCalendar({**before.days, **{edit.day: edit.is_workday for edit in edits}})
    touched = await _touched(db, edits, lock=False)
    found = await _recomputed(db, touched, before, after, now)
    return tuple(_moved(case, then) for case, then in found if case.due_at != then.due_at)


def _check(edits: Sequence[DayEdit], actor: Actor) -> None:
    if actor.role is not Role.ADMIN:
        raise Forbidden("only an admin edits the calendar", actor=actor.name)
    _check_days(edits)


def _check_days(edits: Sequence[DayEdit]) -> None:
    days = [edit.day for edit in edits]
    if not days:
        raise InvalidInput("give at least one day", field="days")
    if twice := sorted({day.isoformat() for day in days if days.count(day) > 1}):
        raise InvalidInput(f"given twice: {', '.join(twice)}", field="days")


async def _touched(db: Connection, edits: Sequence[DayEdit], *, lock: bool) -> list[int]:
    """The open cases with a clock whose time may span one of the days."""
    calendar = WorkCalendar()
    first = calendar.midnight(min(edit.day for edit in edits))
    last = calendar.midnight(max(edit.day for edit in edits) + timedelta(days=1))
    query = SQL["open_working_limits_locked" if lock else "open_working_limits"]
    return [row[0] for row in await (await db.execute(query, (first, last))).fetchall()]


async def _recomputed(
    db: Connection,
    case_ids: Sequence[int],
    before: WorkCalendar,
    after: WorkCalendar,
    now: datetime,
) -> list[tuple[Case, Case]]:
    """The cases that change, each before and after."""
    entries = await _clock_entries(db, case_ids)
    found = []
    for case_id in case_ids:
        case = await store.case_by_id(db, case_id)
        then = _case_by(case, entries[case_id], before, after, now)
        if then != case:
            found.append((case, replace(then, version=case.version + 1)))
    return found


async def _clock_entries(
    db: Connection, case_ids: Sequence[int]
) -> Mapping[int, Sequence[ClockEntry]]:
    found: dict[int, list[ClockEntry]] = defaultdict(list)
    cursor = await db.execute(SQL["clock_entries"], ([str(each) for each in case_ids],))
    for subject_id, at, event, moved_due in await cursor.fetchall():
        found[int(subject_id)].append(ClockEntry(at, event, moved_due))
    return found


def _case_by(
    case: Case,
    entries: Sequence[ClockEntry],
    before: WorkCalendar,
    after: WorkCalendar,
    now: datetime,
) -> Case:
    assert case.due_at is not None
    assert case.routed_at is not None
    clock = clock_runs(entries, case.routed_at)
    due = due_by(case, clock, before, after) or case.due_at
    assumed = case.calendar_assumed
    if case.limit_type not in CONTINUOUS:
        first = after.local_date(clock.runs[0][0])
        assumed = after.is_assumed(first, after.local_date(due))
    late = case.overdue_at if due <= (case.feedback_at or now) else None
    return replace(case, due_at=due, calendar_assumed=assumed, overdue_at=late)


def _days_that_count(
    before: Case, after: Case, edits: Sequence[DayEdit], calendar: WorkCalendar
) -> list[JsonValue]:
    assert before.due_at is not None
    assert after.due_at is not None
    last = calendar.local_date(max(before.due_at, after.due_at))
    return [edit.day.isoformat() for edit in edits if edit.day <= last]


def _moved(before: Case, after: Case) -> MovedDeadline:
    assert before.due_at is not None
    assert after.due_at is not None
    return MovedDeadline(
        before.case_id, before.case_no, before.due_at, after.due_at, after.calendar_assumed
    )


def _tell(work: UnitOfWork, edits: Sequence[DayEdit], actor: Actor, moved: int) -> None:
    days: list[JsonValue] = [
        {"day": edit.day.isoformat(), "is_workday": edit.is_workday, "note": edit.note}
        for edit in edits
    ]
    entry = NewEntry(
        Subject.CATALOGUE,
        "calendar",
        "calendar_edited",
        actor.name,
        work.now,
        data={"days": days, "moved": moved},
    )
    work.record(entry)
    log.info("calendar_edited", days=len(days), moved=moved)
