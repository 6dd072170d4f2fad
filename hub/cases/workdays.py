"""An admin's edits of the calendar, and their effect on the clocks of open cases."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from psycopg.rows import class_row
from pydantic import JsonValue

from hub.accounts.account import Role
from hub.cases import store
from hub.cases.actor import Actor
from hub.cases.case import Case, State
from hub.cases.clock_runs import ClockEntry, clock_runs, due_by
from hub.cases.effects import STUDY_LIMIT
from hub.cases.moving import note
from hub.cases.record import CaseEntryKind, changes
from hub.cases.store import SQL
from hub.db import Connection
from hub.deadlines import WorkCalendar, due_at
from hub.deadlines.limits import CONTINUOUS
from hub.deadlines.store import MAX_NOTE, DayEdit, whole_calendar, write_days
from hub.errors import Forbidden, InvalidInput
from hub.journal.unit_of_work import UnitOfWork
from wire.limits import FIRST_DAY, LAST_DAY


class MovedClock(StrEnum):
    """Whose deadline an edit of the calendar moves."""

    CASE = "case"
    """The unit's, for its repair."""
    STUDY = "study"
    """That of the joint study."""
    EXPLANATION = "explanation"
    """The unit's, for explaining why it is late."""
    LETTER = "letter"
    """The unit's, for answering a letter."""


@dataclass(frozen=True, slots=True)
class MovedDeadline:
    """A deadline of a case that an edit of the calendar moves.

    `assumed`: a day until then is judged by its weekday. `letter_no` is the letter's, if it is of one.
    """

    case_id: int
    case_no: str
    due_before: datetime
    due_after: datetime
    assumed: bool
    clock: MovedClock = MovedClock.CASE
    letter_no: str | None = None


async def edit_days(
    work: UnitOfWork, edits: Sequence[DayEdit], actor: Actor
) -> tuple[MovedDeadline, ...]:
    """Set whether days are workdays, and move the deadlines of open cases and joint studies with them.

    Returns the deadlines that moved. Paused, staged and overdue cases move too; one that is no
    longer overdue loses the mark. Raises Forbidden unless the actor is an admin, and InvalidInput
    for no day, one that is given twice or is far away, or a long note.
    """
    if actor.role is not Role.ADMIN:
        raise Forbidden("only an admin edits the calendar", actor=actor.name)
    check_days(edits)
    touched = await _touched(work.db, edits, lock=True)
    before = await whole_calendar(work.db)
    await write_days(work.db, edits, actor.name)
    after = await whole_calendar(work.db)
    moved: list[MovedDeadline] = []
    for case, recomputed in await _recomputed(work.db, touched, before, after, work.now):
        await store.save_case(work.db, recomputed)
        days = _days_that_count(case, recomputed, edits, after)
        data: dict[str, JsonValue] = {"days": days, "changes": changes(case, recomputed)}
        await note(work.by(actor.name), recomputed, CaseEntryKind.DEADLINE_RECOMPUTED, data)
        moved += _moved(case, recomputed)
    return tuple(moved)


async def moved_by(
    db: Connection, edits: Sequence[DayEdit], now: datetime
) -> tuple[MovedDeadline, ...]:
    """The deadlines that `edit_days` would move; nothing is written. Raises InvalidInput like it."""
    check_days(edits)
    before = await whole_calendar(db)
    after = edited(before, edits)
    touched = await _touched(db, edits, lock=False)
    found = await _recomputed(db, touched, before, after, now)
    return tuple(each for case, then in found for each in _moved(case, then))


def edited(calendar: WorkCalendar, edits: Sequence[DayEdit]) -> WorkCalendar:
    """The calendar with the edits."""
    return WorkCalendar({**calendar.days, **{edit.day: edit.is_workday for edit in edits}})


def span_of(edits: Sequence[DayEdit]) -> tuple[datetime, datetime]:
    """The begin of the first day that is edited, and the end of the last one."""
    calendar = WorkCalendar()
    first = calendar.midnight(min(edit.day for edit in edits))
    return first, calendar.midnight(max(edit.day for edit in edits) + timedelta(days=1))


def check_days(edits: Sequence[DayEdit]) -> None:
    """Raises InvalidInput for no day, one that is given twice or is far away, or a long note."""
    days = [edit.day for edit in edits]
    if not days:
        raise InvalidInput("give at least one day", field="days")
    if twice := sorted({day.isoformat() for day in days if days.count(day) > 1}):
        raise InvalidInput(f"given twice: {', '.join(twice)}; leave each day once", field="days")
    if far := [day for day in days if not FIRST_DAY <= day <= LAST_DAY]:
        raise InvalidInput(
            f"{far[0]} is not from {FIRST_DAY.year} to {LAST_DAY.year}: correct it", field="days"
        )
    if any(len(edit.note) > MAX_NOTE or "\x00" in edit.note for edit in edits):
        raise InvalidInput(f"a note has {MAX_NOTE} characters or fewer", field="note")


@dataclass(frozen=True, slots=True)
class _TouchedClock:
    """A case with a clock whose time may span an edited day: its limit's, or that of its study, or both."""

    case_id: int
    by_limit: bool
    study_began_at: datetime | None


async def _touched(
    db: Connection, edits: Sequence[DayEdit], *, lock: bool
) -> Sequence[_TouchedClock]:
    first, last = span_of(edits)
    query = SQL["touched_clocks"] + (b" FOR NO KEY UPDATE OF c" if lock else b"")
    async with db.cursor(row_factory=class_row(_TouchedClock)) as cursor:
        await cursor.execute(query, {"first": first, "last": last})
        return await cursor.fetchall()


async def _recomputed(
    db: Connection,
    touched: Sequence[_TouchedClock],
    before: WorkCalendar,
    after: WorkCalendar,
    now: datetime,
) -> list[tuple[Case, Case]]:
    """The cases that change, each before and after."""
    entries = await store.clock_entries(db, [each.case_id for each in touched if each.by_limit])
    cases = await store.cases_by_ids(db, [each.case_id for each in touched])
    by_id = {case.case_id: case for case in cases}
    found = []
    for each in touched:
        case = then = by_id[each.case_id]
        if each.by_limit:
            then = _case_by(then, entries.get(each.case_id, ()), before, after, now)
        if each.study_began_at is not None:
            then = _study_by(then, each.study_began_at, before, after, now)
        if then != case:
            found.append((case, replace(then, version=case.version + 1)))
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


def _study_by(
    case: Case, began_at: datetime, before: WorkCalendar, after: WorkCalendar, now: datetime
) -> Case:
    """The case with the clock of its study; one that began before studies had this limit stays."""
    if _study_due(began_at, before)[0] != case.study_due_at:
        return case
    due, assumed = _study_due(began_at, after)
    late = case.study_overdue_at if due <= now else None
    return replace(case, study_due_at=due, calendar_assumed=assumed, study_overdue_at=late)


def _study_due(began_at: datetime, calendar: WorkCalendar) -> tuple[datetime, bool]:
    limit = STUDY_LIMIT
    deadline = due_at(began_at, limit.type, limit.value, limit.policy, calendar)
    return deadline.due_at, deadline.calendar_assumed


def _days_that_count(
    before: Case, after: Case, edits: Sequence[DayEdit], calendar: WorkCalendar
) -> list[JsonValue]:
    """The edited days until the last of the deadlines."""
    dues = (before.due_at, before.study_due_at, after.due_at, after.study_due_at)
    last = calendar.local_date(max(each for each in dues if each is not None))
    return [edit.day.isoformat() for edit in edits if edit.day <= last]


def _moved(before: Case, after: Case) -> list[MovedDeadline]:
    clocks = [(MovedClock.CASE, before.due_at, after.due_at)]
    if before.state is State.JOINT_STUDY:
        clocks.append((MovedClock.STUDY, before.study_due_at, after.study_due_at))
    return [
        MovedDeadline(before.case_id, before.case_no, due, then, after.calendar_assumed, clock)
        for clock, due, then in clocks
        if due is not None and then is not None and due != then
    ]
