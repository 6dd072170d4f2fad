"""The steps of the ladder as data, and when each is due for a case. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub.cases.case import CLOCK_RUNS, Case
from hub.cases.clock_runs import ClockRuns
from hub.cases.effects import LEAST_REWORK
from hub.deadlines import Limit, LimitType, WorkCalendar, due_at
from hub.deadlines.limits import CONTINUOUS, continuous_time, working_time
from hub.supervision.letters.letter import LetterKind
from wire.messages.base import Slug, Text


class StepKind(StrEnum):
    REMINDER = "reminder"
    """The units are told."""
    EXPLANATION = "explanation"
    """The unit that leads must explain, by a deadline of its own."""
    LETTER = "letter"
    """A letter is issued to the unit that leads, with copies to the other units."""
    WEEKLY_LIST = "weekly_list"
    """The case comes onto the weekly list, and those reached are told."""


class Addressee(StrEnum):
    """Whom a step reaches."""

    LEAD_UNIT = "lead_unit"
    ASSIST_UNITS = "assist_units"
    SUPERIOR_UNIT = "superior_unit"
    """The unit above the one that leads."""
    TERRITORY_UNIT = "territory_unit"
    SUPERVISORS = "supervisors"


class Halt(StrEnum):
    """Why no step is due for a case, however long it waits."""

    NO_DEADLINE = "no_deadline"
    FED_BACK = "fed_back"
    SUSPENDED = "suspended"
    EXEMPT = "exempt"
    """An appeal was granted: this lateness does not count. A new deadline that passes does."""
    ENDED = "ended"


class StepSpan(BaseModel):
    """A length of time; work_day and work_hour count working time, the others all of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: Annotated[float, Field(ge=0, le=366)]
    type: LimitType

    def after(self, start: datetime, calendar: WorkCalendar) -> datetime:
        """The instant at which the span that begins at `start` ends."""
        if not self.value:
            return start
        limit = Limit(self.type, self.value)
        return due_at(start, limit.type, limit.value, limit.policy, calendar).due_at

    def words(self) -> str:
        """For a table on a terminal."""
        return f"{self.value:g} {self.type}"


class LadderStep(BaseModel):
    """A step: when it is due, what it does, whom it reaches, and how long they have for an answer.

    It is due when `share_of_limit` of the case's limit is used, or a span after the deadline.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    step_key: Slug
    kind: StepKind
    share_of_limit: Annotated[float, Field(gt=0, le=1)] | None = None
    after_due: StepSpan | None = None
    letter: LetterKind | None = None
    reaches: Annotated[tuple[Addressee, ...], Field(min_length=1)]
    answer_within: StepSpan | None = None
    text_zh: Annotated[Text, Field(min_length=1)]
    text_en: Annotated[Text, Field(min_length=1)]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.share_of_limit is None) == (self.after_due is None):
            raise ValueError("give either share_of_limit or after_due")
        if (self.kind is StepKind.LETTER) != (self.letter is not None):
            raise ValueError("a step of the kind letter, and no other, names its letter")
        if self.kind in (StepKind.LETTER, StepKind.EXPLANATION):
            if Addressee.LEAD_UNIT not in self.reaches:
                raise ValueError(f"a step of the kind {self.kind} must reach lead_unit")
        elif self.answer_within is not None:
            raise ValueError(f"a step of the kind {self.kind} asks for no answer")
        if self.answer_within is not None and not self.answer_within.value:
            raise ValueError("answer_within is more than 0")
        return self


@dataclass(frozen=True, slots=True)
class Ladder:
    """A version of the steps. 0 is the one that is shipped.

    A later version makes up for nothing: its steps count from `since` on.
    """

    version: int
    steps: tuple[LadderStep, ...]
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step with its instant; `fired` and `left_out` ones will not come."""

    step: LadderStep
    at: datetime
    fired: bool = False
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class LadderPlan:
    """The steps of a case in the order of their instants, and why they stand still, if they do."""

    halt: Halt | None
    steps: tuple[PlannedStep, ...]

    @property
    def to_come(self) -> tuple[PlannedStep, ...]:
        if self.halt is not None:
            return ()
        return tuple(each for each in self.steps if not (each.fired or each.left_out))

    def due(self, now: datetime) -> tuple[PlannedStep, ...]:
        """The steps that have come and have not fired."""
        return tuple(each for each in self.to_come if each.at <= now)


def round_of(case: Case) -> str:
    """The name of the case's present deadline: a new limit, a step of one, an extension or rework begins a
    new round.

    An edit of the calendar and a suspension move the deadline of the same round.
    """
    began = "" if case.routed_at is None else case.routed_at.isoformat()
    step = "" if case.step is None else f"/{case.step}"
    return f"{began}/{case.extensions}/{case.rework}{step}"


def halt_of(case: Case) -> Halt | None:
    """Why the ladder stands still for the case; None if it runs."""
    if not case.is_open:
        return Halt.ENDED
    if case.due_at is None or case.lead_unit is None or case.limit is None:
        return Halt.NO_DEADLINE
    if case.state not in CLOCK_RUNS:
        return Halt.FED_BACK
    if case.is_suspended:
        return Halt.SUSPENDED
    is_exempt = case.exempt_at is not None and case.overdue_at is not None
    return Halt.EXEMPT if is_exempt else None


def planned(
    case: Case, clock: ClockRuns, ladder: Ladder, calendar: WorkCalendar, fired: Collection[str]
) -> LadderPlan:
    """The plan of a case. `clock` is the one that runs; `fired` are the steps that its deadline has had."""
    halt = halt_of(case)
    if case.due_at is None or case.limit is None or halt in (Halt.ENDED, Halt.NO_DEADLINE):
        return LadderPlan(halt, ())
    steps = []
    for step in ladder.steps:
        at = instant(step, case, clock, calendar)
        done = step.step_key in fired
        missed = not done and ladder.since is not None and at < ladder.since
        steps.append(PlannedStep(step, at, done, missed))
    return LadderPlan(halt, tuple(sorted(steps, key=lambda each: each.at)))


def instant(step: LadderStep, case: Case, clock: ClockRuns, calendar: WorkCalendar) -> datetime:
    """When a step is due for a case that has a deadline."""
    assert case.due_at is not None
    if step.after_due is not None:
        return step.after_due.after(case.due_at, calendar)
    assert step.share_of_limit is not None
    return _with_left(case, clock, 1 - step.share_of_limit, calendar)


def _with_left(case: Case, clock: ClockRuns, share: float, calendar: WorkCalendar) -> datetime:
    """The instant at which this share of the running limit is left.

    The limit is the one that the clock began with, and the original one again for each time that it was
    extended. Counted back from the deadline, since pauses move that and not the time that is left.
    """
    due, limit, extensions = case.due_at, case.limit, clock.extensions
    assert due is not None
    assert limit is not None
    if not clock.is_of_rework:
        return _before(due, limit, (1 + extensions) * share, calendar)
    unextended = _before(due, limit, extensions, calendar)
    least = working_time(LEAST_REWORK, calendar)
    if calendar.between(_before(unextended, limit, 0.5, calendar), unextended) >= least:
        return _before(due, limit, (0.5 + extensions) * share, calendar)
    worked = least + calendar.between(unextended, due)
    return worked_before(calendar, due, worked * share)


def _before(end: datetime, limit: Limit, times: float, calendar: WorkCalendar) -> datetime:
    """The instant from which `times` the limit leads to `end`."""
    if limit.type in CONTINUOUS:
        return end - continuous_time(limit) * times
    return worked_before(calendar, end, working_time(limit, calendar) * times)


def worked_before(calendar: WorkCalendar, end: datetime, worked: timedelta) -> datetime:
    """The latest instant from which `worked` working time leads to `end`."""
    if not worked:
        return end
    day = calendar.local_date(end)
    begin = calendar.midnight(day)
    while (whole := calendar.between(begin, end)) < worked:
        day -= timedelta(days=1)
        begin = calendar.midnight(day)
    return (
        calendar.add(begin, whole - worked) if whole > worked else next(calendar.shifts(begin))[0]
    )


def check_keys(steps: Sequence[LadderStep]) -> str | None:
    """What is wrong with the keys of a ladder's steps; None if nothing is."""
    keys = [step.step_key for step in steps]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    return f"step_key occurs twice: {', '.join(twice)}" if twice else None
