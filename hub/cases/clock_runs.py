"""When the clock of a case ran, read from its journal, and its deadline under another calendar. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.cases.case import Case, Event
from hub.cases.effects import LEAST_REWORK
from hub.deadlines import Policy, WorkCalendar
from hub.deadlines.limits import CONTINUOUS, working_time

ADDS_TO_THE_CLOCK = frozenset({Event.EXTEND})
"""These move the deadline of the clock that runs; any other that moves it starts a new one."""


@dataclass(frozen=True, slots=True)
class ClockEntry:
    """An entry of a case's journal that may have touched its clock. `event` is None for a note."""

    at: datetime
    event: str | None
    moved_due: bool


@dataclass(frozen=True, slots=True)
class ClockRuns:
    """The times in which the clock ran, oldest first; the last one has no end.

    `by` is the event that started the clock, None if it is not known. `extensions`: how often this
    clock was extended; one before it doesn't count.
    """

    runs: tuple[tuple[datetime, datetime | None], ...]
    by: str | None = None
    extensions: int = 0

    @property
    def is_of_rework(self) -> bool:
        """Whether the deadline is one that a failed repair was given."""
        return self.by in (Event.FAIL, Event.NOT_SATISFIED)


def clock_runs(entries: Iterable[ClockEntry], started_at: datetime) -> ClockRuns:
    """The runs of the clock that counts now. `started_at` stands in if the entries don't tell."""
    ended: list[tuple[datetime, datetime | None]] = []
    since, by, extensions = started_at, None, 0
    for entry in entries:
        if entry.event == Event.SUSPEND:
            ended.append((since, entry.at))
            since = entry.at
        elif entry.event == Event.RESUME:
            since = entry.at
        elif entry.event in ADDS_TO_THE_CLOCK:
            extensions += 1
        elif entry.moved_due:
            ended, since, by, extensions = [], entry.at, entry.event, 0
    return ClockRuns((*ended, (since, None)), by, extensions)


def due_by(
    case: Case, clock: ClockRuns, before: WorkCalendar, after: WorkCalendar
) -> datetime | None:
    """The deadline of a case by another calendar, or None if it stays where it is.

    The working time from the start of the clock to the deadline is the same in both; pauses don't
    count. That of a clock through the night moves only if a rework gave it working hours.
    """
    assert case.due_at is not None
    assert case.limit is not None
    runs = _from_next_day(case, clock, before)
    if case.limit.type in CONTINUOUS:
        least = working_time(LEAST_REWORK, before)
        if not case.rework or before.add(runs[-1][0], least) != case.due_at:
            return None
    worked = _worked(runs, case.due_at, before)
    if not worked:
        return None
    moved = _reached(runs, worked, after)
    # The deadline may be noted at the end of a break, at which the clock stands where it stood before.
    return None if moved == _reached(runs, worked, before) else moved


def _from_next_day(
    case: Case, clock: ClockRuns, calendar: WorkCalendar
) -> Sequence[tuple[datetime, datetime | None]]:
    """The runs as the limit counts them: whole days begin with the day after the start."""
    (since, until), *others = clock.runs
    if case.policy is Policy.END_OF_DAY_FROM_NEXT and not clock.is_of_rework:
        since = calendar.midnight(calendar.local_date(since) + timedelta(days=1))
        if until is not None:
            since = min(since, until)
    return [(since, until), *others]


def _worked(
    runs: Sequence[tuple[datetime, datetime | None]], until: datetime, calendar: WorkCalendar
) -> timedelta:
    ends = ((begin, until if end is None else min(end, until)) for begin, end in runs)
    return sum((calendar.between(begin, end) for begin, end in ends if begin < end), timedelta())


def _reached(
    runs: Sequence[tuple[datetime, datetime | None]], worked: timedelta, calendar: WorkCalendar
) -> datetime:
    """The instant at which the clock has counted `worked`."""
    left = worked
    for begin, end in runs:
        available = None if end is None else calendar.between(begin, end)
        if available is None or left <= available:
            return calendar.add(begin, left)
        left -= available
    raise AssertionError("the last run has no end")
