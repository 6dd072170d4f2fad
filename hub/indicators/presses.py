"""What pressed on the units, as the indicators know it: reminders, and letters with their answers. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from hub.indicators.measure import CaseMeasure, MeasuredEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A reminder to the unit of a case, or what happened to a letter.

    `letter_in_time`: the calendar has moved its deadline, and its answer is not late any more.
    """

    kind: str
    id: int
    unit_key: str | None
    at: datetime
    overdue_at: datetime | None = None
    answered_at: datetime | None = None
    recalled_at: datetime | None = None


def reminder_of(case: CaseMeasure, entry: MeasuredEntry) -> list[Press]:
    """The reminder that an entry of a case tells of, to the unit that leads."""
    if entry.kind != "reminder_sent":
        return []
    return [Press(kind="reminder", id=entry.journal_id, unit_key=case.lead_unit, at=entry.at)]


def letter_of(entry: MeasuredEntry) -> list[Press]:
    """What an entry of a letter's journal tells of it."""
    if not entry.subject_id.isdecimal():
        return []
    letter = Press(
        kind="letter",
        id=int(entry.subject_id),
        unit_key=str(entry.data.get("unit_key") or "") or None,
        at=entry.at,
    )
    known = {
        "letter_issued": letter,
        "letter_overdue": replace(letter, overdue_at=entry.at),
        "letter_answered": replace(letter, answered_at=entry.at),
        "letter_recalled": replace(letter, recalled_at=entry.at),
    }
    if entry.kind == "letter_deadline_moved" and not entry.data.get("overdue"):
        return [replace(letter, kind="letter_in_time")]
    return [known[entry.kind]] if entry.kind in known else []
