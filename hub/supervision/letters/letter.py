"""A letter: its kinds, its states and its number. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue


class LetterKind(StrEnum):
    ASSIGNMENT = "assignment"
    """交办函: hands a case to a unit."""
    REMINDER = "reminder"
    """提醒函: the first letter to a unit that is late."""
    SUPERVISION = "supervision"
    """督办函: the second one; the case is supervised from now on."""
    ORDER = "order"
    """督办单: an order of a supervisor, by hand or by a step of the ladder."""


NAMES_ZH = {
    LetterKind.ASSIGNMENT: "交办函",
    LetterKind.REMINDER: "提醒函",
    LetterKind.SUPERVISION: "督办函",
    LetterKind.ORDER: "督办单",
}
NAMES_EN = {
    LetterKind.ASSIGNMENT: "Letter of assignment",
    LetterKind.REMINDER: "Letter of reminder",
    LetterKind.SUPERVISION: "Letter of supervision",
    LetterKind.ORDER: "Supervision order",
}


class LetterState(StrEnum):
    SENT = "sent"
    RECEIVED = "received"
    """The unit has signed for it."""
    ANSWERED = "answered"
    RECALLED = "recalled"


class LetterEntryKind(StrEnum):
    """The kinds of entries in a letter's journal; the case's journal has them, too."""

    LETTER_ISSUED = "letter_issued"
    LETTER_RECEIVED = "letter_received"
    LETTER_ANSWERED = "letter_answered"
    LETTER_OVERDUE = "letter_overdue"
    """The answer has not come by its deadline."""
    LETTER_DEADLINE_MOVED = "letter_deadline_moved"
    """An edit of the calendar has moved the deadline of the answer."""
    LETTER_RECALLED = "letter_recalled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One row of `letter`. `copies` are the other units that get it; `facts` never change."""

    letter_id: int
    kind: LetterKind
    year: int
    number: int
    case_id: int
    unit_key: str
    copies: tuple[str, ...]
    facts: dict[str, JsonValue]
    issued_at: datetime
    issued_by: str
    answer_due_at: datetime | None = None
    overdue_at: datetime | None = None
    received_at: datetime | None = None
    received_by: str | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None
    answer: str | None = None
    answer_photos: tuple[str, ...] = ()
    recalled_at: datetime | None = None
    recalled_by: str | None = None
    recall_reason: str | None = None

    @property
    def letter_no(self) -> str:
        return letter_no(self.kind, self.year, self.number)

    @property
    def state(self) -> LetterState:
        if self.recalled_at is not None:
            return LetterState.RECALLED
        if self.answered_at is not None:
            return LetterState.ANSWERED
        return LetterState.SENT if self.received_at is None else LetterState.RECEIVED


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLetter:
    """A letter to be issued; `text` is what is said besides the facts of the case."""

    kind: LetterKind
    unit_key: str
    copies: tuple[str, ...] = ()
    answer_due_at: datetime | None = None
    text: str = ""


def letter_no(kind: LetterKind, year: int, number: int) -> str:
    """The number as documents have it; each kind is counted for itself, from 1 each year."""
    return f"{NAMES_ZH[kind]}〔{year}〕{number}号"
