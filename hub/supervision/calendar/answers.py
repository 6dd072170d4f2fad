"""The deadline of an explanation or of an answer to a letter under another calendar. Pure."""

from dataclasses import dataclass
from datetime import datetime

from hub.deadlines import WorkCalendar
from hub.supervision.ladder.ladder import StepSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAnswer:
    """What a unit has not answered yet: a letter of the ladder, or, without one, an explanation."""

    firing_id: int
    case_id: int
    case_no: str
    ladder_version: int
    step_key: str
    fired_at: datetime
    answer_due_at: datetime
    letter_id: int | None
    letter_no: str | None
    case_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """Two calendars, and under each the deadline of the case that an answer is about."""

    before: WorkCalendar
    after: WorkCalendar
    case_due_before: datetime | None
    case_due_after: datetime | None


def answer_due_by(answer: OpenAnswer, span: StepSpan, change: CalendarChange) -> datetime:
    """When the answer is due by the other calendar; as before, if nothing moves it.

    An explanation is asked for when the deadline of the case passes, also if the edit has moved that.
    """
    fired_at, before, after = answer.fired_at, change.before, change.after
    if answer.letter_id is None:
        asked = _later(fired_at, change.case_due_before)
        if span.after(asked, before) == answer.answer_due_at:
            return span.after(_later(fired_at, change.case_due_after), after)
    if span.after(fired_at, before) == answer.answer_due_at:
        return span.after(fired_at, after)
    return answer.answer_due_at


def _later(fired_at: datetime, due: datetime | None) -> datetime:
    return fired_at if due is None else max(fired_at, due)
