"""What each count and rate is: which cases it counts, and what is divided by what. Pure.

A case is told to the counts as marks: those that it has whatever the period, and those that say how it
lies to a period. A count is a condition on marks, so that a number and the list of its cases agree.
"""

from dataclasses import dataclass
from enum import IntFlag, StrEnum, auto
from functools import lru_cache, reduce
from operator import or_


class Mark(IntFlag):
    """One bit each; a row of a case, or of a signal, is the sum of its marks."""

    # Kept with the row.
    FIRST_ROUND = auto()
    """Not one that closed and was opened again."""
    BY_HAND = auto()
    """Filed by a person, without a signal."""
    LATE = auto()
    """A deadline passed before the unit fed back."""
    EXEMPT = auto()
    """By an approved appeal."""
    CLOSED_ON_TIME = auto()
    REWORKED = auto()
    EXTENDED = auto()
    RETURNED = auto()
    SENT_AGAIN = auto()
    RIGHT_FIRST = auto()
    """Led by the unit that it was routed to first, which never returned it."""
    RECURRENCE = auto()
    MERGED = auto()
    VOID = auto()
    SATISFIED = auto()
    MOSTLY_SATISFIED = auto()
    NOT_SATISFIED = auto()
    NO_ANSWER = auto()
    APPEAL_GRANTED = auto()
    APPEAL_REFUSED = auto()
    APPEAL_WITHDRAWN = auto()
    DUPLICATE = auto()
    """A signal that joined an open case."""
    LEFT_OUT = auto()
    """A signal that is no report: below the threshold, a test, or about a device."""
    # How the row lies to a period.
    RECEIVED_IN = auto()
    FILED_IN = auto()
    DISPATCHED_IN = auto()
    DUE_IN = auto()
    """The deadline falls in the period, or had passed before it and the case was still open."""
    HANDLED_BY = auto()
    """Fed back before the end of the period."""
    CLOSED_BY = auto()
    PAST_DUE = auto()
    """The deadline has passed, at the end of the period or by now."""
    CALLED_IN = auto()
    APPEALED_IN = auto()
    LOCAL = auto()
    """The unit that leads is a township or a village."""
    # Kept with the row, and newer than those above.
    ACCEPT_LATE = auto()
    """A signal for which the hall took longer than it may, to accept or to verify it."""
    DISPATCH_LATE = auto()
    """A case for which the hall took longer than it may, to find a unit."""


KEPT_MARKS = (int(Mark.RECEIVED_IN) - 1) | int(Mark.ACCEPT_LATE) | int(Mark.DISPATCH_LATE)
"""Those that are kept with the row, as bits."""


class Count(StrEnum):
    """The counts, in the order in which they are shown."""

    RECEIVED = "received"
    FILED = "filed"
    DISPATCHED = "dispatched"
    DUE = "due"
    HANDLED = "handled"
    CLOSED = "closed"
    HANDLED_IN_TIME = "handled_in_time"
    CLOSED_IN_TIME = "closed_in_time"
    OVERDUE_UNHANDLED = "overdue_unhandled"
    REWORKED = "reworked"
    EXTENDED = "extended"
    RETURNED = "returned"
    SENT_AGAIN = "sent_again"
    DUPLICATE = "duplicate"
    FIRST_TIME_RIGHT = "first_time_right"
    CLOSED_LOCALLY = "closed_locally"
    ACCEPTED_LATE = "accepted_late"
    DISPATCHED_LATE = "dispatched_late"
    RECURRED = "recurred"
    EXEMPT = "exempt"
    APPEALED = "appealed"
    APPEAL_GRANTED = "appeal_granted"
    APPEAL_REFUSED = "appeal_refused"
    APPEAL_WITHDRAWN = "appeal_withdrawn"
    CALLED_BACK = "called_back"
    ANSWERED = "answered"
    SATISFIED = "satisfied"
    NOT_SATISFIED = "not_satisfied"
    LEFT_OUT_NO_ANSWER = "left_out_no_answer"
    LEFT_OUT_MERGED = "left_out_merged"
    LEFT_OUT_VOID = "left_out_void"
    LEFT_OUT_NO_REPORT = "left_out_no_report"


class RateKey(StrEnum):
    """The rates, in the order in which they are shown."""

    FILING = "filing"
    DISPATCH = "dispatch"
    HANDLING = "handling"
    HANDLING_IN_TIME = "handling_in_time"
    CLOSING = "closing"
    CLOSING_IN_TIME = "closing_in_time"
    REWORK = "rework"
    EXTENSION = "extension"
    OVERDUE = "overdue"
    FIRST_TIME_RIGHT = "first_time_right"
    RETURN = "return"
    DUPLICATE = "duplicate"
    ACCEPT_LATE = "accept_late"
    DISPATCH_LATE = "dispatch_late"
    LOCAL = "local"
    SATISFACTION = "satisfaction"


class SatisfactionBase(StrEnum):
    """The denominator of the rate of satisfaction."""

    ANSWERED = "answered"
    """Called back, and somebody answered."""
    CALLED_BACK = "called_back"
    """Called back, whether somebody answered or not."""
    CLOSED = "closed"
    """All closed cases."""


_NO_MARK = Mark(0)


@dataclass(frozen=True, slots=True)
class MarkCondition:
    """The marks that a row must have, and those that it must not."""

    wanted: Mark
    unwanted: Mark = _NO_MARK

    def holds(self, marks: int) -> bool:
        # As plain integers: flags are slow.
        wanted = int(self.wanted)
        return int(marks) & wanted == wanted and not int(marks) & int(self.unwanted)


@dataclass(frozen=True, slots=True)
class RateDefinition:
    """What is divided by what; the names are those of published practice."""

    numerator: Count
    denominator: Count
    name_zh: str
    name_en: str


_M = Mark
_DUE = _M.DUE_IN
_DROPPED = _M.MERGED | _M.VOID
_DISPATCHED = _M.DISPATCHED_IN | _M.FIRST_ROUND
_HANDLED = _DUE | _M.HANDLED_BY
_CLOSED = _DUE | _M.CLOSED_BY

_CONDITIONS: dict[Count, tuple[MarkCondition, ...]] = {
    Count.RECEIVED: (
        MarkCondition(_M.RECEIVED_IN, _M.LEFT_OUT),
        MarkCondition(_M.FILED_IN | _M.FIRST_ROUND | _M.BY_HAND),
    ),
    Count.FILED: (MarkCondition(_M.FILED_IN | _M.FIRST_ROUND),),
    Count.DISPATCHED: (MarkCondition(_DISPATCHED),),
    Count.DUE: (MarkCondition(_DUE, _DROPPED),),
    Count.HANDLED: (MarkCondition(_HANDLED, _DROPPED),),
    Count.CLOSED: (MarkCondition(_CLOSED, _DROPPED),),
    Count.HANDLED_IN_TIME: (
        MarkCondition(_HANDLED, _DROPPED | _M.LATE),
        MarkCondition(_HANDLED | _M.EXEMPT, _DROPPED),
    ),
    Count.CLOSED_IN_TIME: (
        MarkCondition(_CLOSED | _M.CLOSED_ON_TIME, _DROPPED),
        MarkCondition(_CLOSED | _M.EXEMPT, _DROPPED),
    ),
    Count.OVERDUE_UNHANDLED: (
        MarkCondition(_DUE | _M.PAST_DUE, _DROPPED | _M.HANDLED_BY | _M.CLOSED_BY | _M.EXEMPT),
    ),
    Count.REWORKED: (MarkCondition(_DUE | _M.REWORKED, _DROPPED),),
    Count.EXTENDED: (MarkCondition(_DUE | _M.EXTENDED, _DROPPED),),
    Count.RETURNED: (MarkCondition(_DISPATCHED | _M.RETURNED),),
    Count.SENT_AGAIN: (MarkCondition(_DISPATCHED | _M.SENT_AGAIN),),
    Count.DUPLICATE: (MarkCondition(_M.RECEIVED_IN | _M.DUPLICATE, _M.LEFT_OUT),),
    Count.FIRST_TIME_RIGHT: (MarkCondition(_DISPATCHED | _M.RIGHT_FIRST | _M.CLOSED_BY, _DROPPED),),
    Count.CLOSED_LOCALLY: (MarkCondition(_CLOSED | _M.LOCAL, _DROPPED),),
    Count.ACCEPTED_LATE: (MarkCondition(_M.RECEIVED_IN | _M.ACCEPT_LATE, _M.LEFT_OUT),),
    Count.DISPATCHED_LATE: (MarkCondition(_DISPATCHED | _M.DISPATCH_LATE),),
    Count.RECURRED: (MarkCondition(_M.FILED_IN | _M.RECURRENCE),),
    Count.EXEMPT: (MarkCondition(_DUE | _M.EXEMPT, _DROPPED),),
    Count.APPEALED: (MarkCondition(_M.APPEALED_IN),),
    Count.APPEAL_GRANTED: (MarkCondition(_M.APPEALED_IN | _M.APPEAL_GRANTED),),
    Count.APPEAL_REFUSED: (MarkCondition(_M.APPEALED_IN | _M.APPEAL_REFUSED),),
    Count.APPEAL_WITHDRAWN: (MarkCondition(_M.APPEALED_IN | _M.APPEAL_WITHDRAWN),),
    Count.CALLED_BACK: (MarkCondition(_M.CALLED_IN),),
    Count.ANSWERED: (MarkCondition(_M.CALLED_IN, _M.NO_ANSWER),),
    Count.SATISFIED: (
        MarkCondition(_M.CALLED_IN | _M.SATISFIED),
        MarkCondition(_M.CALLED_IN | _M.MOSTLY_SATISFIED),
    ),
    Count.NOT_SATISFIED: (MarkCondition(_M.CALLED_IN | _M.NOT_SATISFIED),),
    Count.LEFT_OUT_NO_ANSWER: (MarkCondition(_M.CALLED_IN | _M.NO_ANSWER),),
    Count.LEFT_OUT_MERGED: (MarkCondition(_DUE | _M.MERGED),),
    Count.LEFT_OUT_VOID: (MarkCondition(_DUE | _M.VOID),),
    Count.LEFT_OUT_NO_REPORT: (MarkCondition(_M.RECEIVED_IN | _M.LEFT_OUT),),
}

EVERY_EVENT = (
    Mark.RECEIVED_IN
    | Mark.FILED_IN
    | Mark.DISPATCHED_IN
    | Mark.DUE_IN
    | Mark.CALLED_IN
    | Mark.APPEALED_IN
)
"""What happens to a signal, or to each round of a case, once. Every condition wants one of them, so that
events can be counted one by one.
"""

OF_FIRST_UNIT = frozenset(
    {
        Count.DISPATCHED,
        Count.DISPATCHED_LATE,
        Count.RETURNED,
        Count.SENT_AGAIN,
        Count.FIRST_TIME_RIGHT,
    }
)
"""These belong to the unit that a case was routed to first; all others to the unit that leads."""

LEFT_OUT = {
    Count.LEFT_OUT_NO_ANSWER: RateKey.SATISFACTION,
    Count.LEFT_OUT_MERGED: RateKey.HANDLING,
    Count.LEFT_OUT_VOID: RateKey.HANDLING,
    Count.LEFT_OUT_NO_REPORT: RateKey.FILING,
}
"""Counts of what is left out of the denominator of a rate, each for its reason."""

COUNT_NAMES: dict[Count, tuple[str, str]] = {
    Count.RECEIVED: ("受理数", "received"),
    Count.FILED: ("立案数", "filed"),
    Count.DISPATCHED: ("派遣数", "dispatched"),
    Count.DUE: ("应处置数", "due"),
    Count.HANDLED: ("处置数", "handled"),
    Count.CLOSED: ("结案数", "closed"),
    Count.HANDLED_IN_TIME: ("按期处置数", "handled in time"),
    Count.CLOSED_IN_TIME: ("按期结案数", "closed in time"),
    Count.OVERDUE_UNHANDLED: ("超期未处置数", "overdue and not handled"),
    Count.REWORKED: ("返工数", "reworked"),
    Count.EXTENDED: ("延期数", "extended"),
    Count.RETURNED: ("退单数", "returned"),
    Count.SENT_AGAIN: ("复派数", "sent again"),
    Count.DUPLICATE: ("重复数", "duplicates"),
    Count.FIRST_TIME_RIGHT: ("准确派遣数", "right the first time"),
    Count.CLOSED_LOCALLY: ("乡镇化解数", "closed by townships and villages"),
    Count.ACCEPTED_LATE: ("受理超时数", "accepted late"),
    Count.DISPATCHED_LATE: ("派遣超时数", "dispatched late"),
    Count.RECURRED: ("复发数", "recurred"),
    Count.EXEMPT: ("申诉豁免数", "exempt by appeal"),
    Count.APPEALED: ("申诉数", "appealed"),
    Count.APPEAL_GRANTED: ("申诉通过数", "appeals granted"),
    Count.APPEAL_REFUSED: ("申诉驳回数", "appeals refused"),
    Count.APPEAL_WITHDRAWN: ("申诉撤回数", "appeals withdrawn"),
    Count.CALLED_BACK: ("回访数", "called back"),
    Count.ANSWERED: ("接通数", "answered"),
    Count.SATISFIED: ("满意数", "satisfied"),
    Count.NOT_SATISFIED: ("不满意数", "not satisfied"),
    Count.LEFT_OUT_NO_ANSWER: ("未接通（不计）", "not answered (left out)"),
    Count.LEFT_OUT_MERGED: ("已并案（不计）", "merged (left out)"),
    Count.LEFT_OUT_VOID: ("已作废（不计）", "void (left out)"),
    Count.LEFT_OUT_NO_REPORT: ("非有效上报（不计）", "no report (left out)"),
}

RATES: dict[RateKey, RateDefinition] = {
    RateKey.FILING: RateDefinition(Count.FILED, Count.RECEIVED, "立案率", "Filing rate"),
    RateKey.DISPATCH: RateDefinition(Count.DISPATCHED, Count.FILED, "派遣率", "Dispatch rate"),
    RateKey.HANDLING: RateDefinition(Count.HANDLED, Count.DUE, "处置率", "Handling rate"),
    RateKey.HANDLING_IN_TIME: RateDefinition(
        Count.HANDLED_IN_TIME, Count.DUE, "按期处置率", "Handled in time"
    ),
    RateKey.CLOSING: RateDefinition(Count.CLOSED, Count.DUE, "结案率", "Closing rate"),
    RateKey.CLOSING_IN_TIME: RateDefinition(
        Count.CLOSED_IN_TIME, Count.DUE, "按期结案率", "Closed in time"
    ),
    RateKey.REWORK: RateDefinition(Count.REWORKED, Count.DUE, "返工率", "Rework rate"),
    RateKey.EXTENSION: RateDefinition(Count.EXTENDED, Count.DUE, "延期率", "Extension rate"),
    RateKey.OVERDUE: RateDefinition(Count.OVERDUE_UNHANDLED, Count.DUE, "超期率", "Overdue rate"),
    RateKey.FIRST_TIME_RIGHT: RateDefinition(
        Count.FIRST_TIME_RIGHT, Count.DISPATCHED, "准确派遣率", "Right the first time"
    ),
    RateKey.RETURN: RateDefinition(Count.RETURNED, Count.DISPATCHED, "退单率", "Return rate"),
    RateKey.DUPLICATE: RateDefinition(Count.DUPLICATE, Count.RECEIVED, "重复率", "Duplicate rate"),
    RateKey.ACCEPT_LATE: RateDefinition(
        Count.ACCEPTED_LATE, Count.RECEIVED, "受理超时率", "Accepted late"
    ),
    RateKey.DISPATCH_LATE: RateDefinition(
        Count.DISPATCHED_LATE, Count.DISPATCHED, "派遣超时率", "Dispatched late"
    ),
    RateKey.LOCAL: RateDefinition(
        Count.CLOSED_LOCALLY, Count.CLOSED, "乡镇化解率", "Closed by townships and villages"
    ),
    RateKey.SATISFACTION: RateDefinition(Count.SATISFIED, Count.ANSWERED, "满意率", "Satisfaction"),
}


def conditions_of(count: Count) -> tuple[MarkCondition, ...]:
    """A row counts that meets one of them; there are no more than two."""
    return _CONDITIONS[count]


def counts_in(count: Count, marks: int) -> bool:
    """Whether a row with these marks counts."""
    return any(having.holds(marks) for having in _CONDITIONS[count])


def marks_of_event(event: Mark) -> int:
    """The kept marks that the counts of an event look at; `events_of_round` in SQL leaves out the others."""
    of_event = [each for all_of in _CONDITIONS.values() for each in all_of if event in each.wanted]
    return int(reduce(or_, (each.wanted | each.unwanted for each in of_event))) & KEPT_MARKS


@lru_cache(maxsize=1 << 16)
def counted(marks: int) -> tuple[Count, ...]:
    """The counts in which a row with these marks counts."""
    return tuple(count for count in Count if counts_in(count, marks))


def denominator_of(rate: RateKey, satisfaction: SatisfactionBase) -> Count:
    """The count that a rate is divided by; that of satisfaction is a setting."""
    return Count(satisfaction) if rate is RateKey.SATISFACTION else RATES[rate].denominator


def find_count(name: str) -> Count | None:
    """A count by its name in the code or in Chinese; 应结案数 is the same as 应处置数."""
    if name == "应结案数":
        return Count.DUE
    known = {zh: count for count, (zh, _) in COUNT_NAMES.items()}
    return known.get(name) or (Count(name) if name in set(Count) else None)
