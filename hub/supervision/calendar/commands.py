"""Edit the calendar: the clocks of cases and studies move, and those of what their units must answer."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from psycopg.rows import class_row
from pydantic import JsonValue

from hub.cases.actor import Actor
from hub.cases.commands import edit_days, moved_by, note
from hub.cases.store import case_by_id
from hub.cases.workdays import MovedClock, MovedDeadline, edited, span_of
from hub.db import Connection
from hub.deadlines import WorkCalendar
from hub.deadlines.store import DayEdit, whole_calendar
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork
from hub.supervision.calendar.answers import CalendarChange, OpenAnswer, answer_due_by
from hub.supervision.ladder.commands import LadderEntryKind
from hub.supervision.ladder.store import SQL, steps_of
from hub.supervision.letters.commands import move_answer

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _MovedAnswer:
    answer: OpenAnswer
    deadline: MovedDeadline


async def edit_calendar(
    work: UnitOfWork, edits: Sequence[DayEdit], actor: Actor
) -> tuple[MovedDeadline, ...]:
    """Set whether days are workdays, and move every open deadline that counts them.

    Those are of cases, joint studies, explanations, and answers to letters of the ladder. Raises as
    `edit_days` does.
    """
    before = await whole_calendar(work.db)
    cases = await edit_days(work, edits, actor)
    after = await whole_calendar(work.db)
    waiting = await _open_answers(work.db, edits, lock=True)
    answers = await _moved_answers(work.db, waiting, cases, before, after)
    for each in answers:
        await _move(work.by(actor.name), each)
    moved = (*cases, *(each.deadline for each in answers))
    _tell(work, edits, actor, moved)
    return moved


async def moves_of(
    db: Connection, edits: Sequence[DayEdit], now: datetime
) -> tuple[MovedDeadline, ...]:
    """The deadlines that `edit_calendar` would move; nothing is written. Raises InvalidInput like it."""
    cases = await moved_by(db, edits, now)
    before = await whole_calendar(db)
    waiting = await _open_answers(db, edits, lock=False)
    answers = await _moved_answers(db, waiting, cases, before, edited(before, edits))
    return (*cases, *(each.deadline for each in answers))


async def _open_answers(
    db: Connection, edits: Sequence[DayEdit], *, lock: bool
) -> Sequence[OpenAnswer]:
    first, _ = span_of(edits)
    query = SQL["open_answers"] + (b" FOR NO KEY UPDATE OF f" if lock else b"")
    async with db.cursor(row_factory=class_row(OpenAnswer)) as cursor:
        await cursor.execute(query, {"first": first})
        return await cursor.fetchall()


async def _moved_answers(
    db: Connection,
    waiting: Sequence[OpenAnswer],
    cases: Sequence[MovedDeadline],
    before: WorkCalendar,
    after: WorkCalendar,
) -> list[_MovedAnswer]:
    """The answers whose deadline moves. A case that moves too is known by both of its deadlines."""
    of_case = {each.case_id: each for each in cases if each.clock is MovedClock.CASE}
    steps = {each: await steps_of(db, each) for each in {one.ladder_version for one in waiting}}
    found = []
    for answer in waiting:
        span = steps[answer.ladder_version][answer.step_key].answer_within
        assert span is not None
        case = of_case.get(answer.case_id)
        dues = (case.due_before, case.due_after) if case else (answer.case_due_at,) * 2
        due = answer_due_by(answer, span, CalendarChange(before, after, *dues))
        if due != answer.answer_due_at:
            found.append(_MovedAnswer(answer, _deadline(answer, due, after)))
    return found


def _deadline(answer: OpenAnswer, due: datetime, calendar: WorkCalendar) -> MovedDeadline:
    days = (calendar.local_date(answer.fired_at), calendar.local_date(due))
    return MovedDeadline(
        answer.case_id,
        answer.case_no,
        answer.answer_due_at,
        due,
        calendar.is_assumed(*days),
        MovedClock.EXPLANATION if answer.letter_id is None else MovedClock.LETTER,
        answer.letter_no,
    )


async def _move(work: UnitOfWork, moved: _MovedAnswer) -> None:
    """A letter tells of it in its own journal, and both in that of the case."""
    answer, due = moved.answer, moved.deadline.due_after
    facts = {"due_at": due, "now": work.now, "firing_id": answer.firing_id}
    await work.db.execute(SQL["move_answer"], facts)
    if answer.letter_id is not None:
        await move_answer(work, answer.letter_id, due)
        return
    said: dict[str, JsonValue] = {
        "firing_id": answer.firing_id,
        "answer_due_at": due.isoformat(),
        "text_zh": "说明超期原因的期限随日历调整",
        "text_en": "the deadline of the explanation moved with the calendar",
    }
    case = await case_by_id(work.db, answer.case_id)
    await note(work, case, LadderEntryKind.EXPLANATION_MOVED, said)


def _tell(
    work: UnitOfWork, edits: Sequence[DayEdit], actor: Actor, moved: Sequence[MovedDeadline]
) -> None:
    days: list[JsonValue] = [
        {"day": edit.day.isoformat(), "is_workday": edit.is_workday, "note": edit.note}
        for edit in edits
    ]
    counted = Counter(str(each.clock) for each in moved)
    entry = NewEntry(
        Subject.CATALOGUE,
        "calendar",
        "calendar_edited",
        actor.name,
        work.now,
        data={"days": days, "moved": len(moved), "moved_by_clock": dict(counted)},
    )
    work.record(entry)
    log.info("calendar_edited", days=len(days), moved=len(moved))
