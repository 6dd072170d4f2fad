"""Play days in an empty district: matters come in, people act, and the worker's sweeps run on time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from random import Random

import structlog

from hub.cases import Case, State
from hub.cases.actor import Actor
from hub.cases.owning import add_note, claim
from hub.cases.store import case_by_id
from hub.clock import TIMEZONE
from hub.db import Pool
from hub.errors import HubError
from hub.journal.unit_of_work import UnitOfWork, unit_of_work
from hub.rehearsal.agenda import Agenda, Step
from hub.rehearsal.cast import DISPATCHER, SUPERVISOR
from hub.rehearsal.course import draw_course
from hub.rehearsal.handling import CaseHandling, HandledCase
from hub.rehearsal.matter import DailyMatter, Way, draw_matter, draw_way
from hub.rehearsal.office import Office
from hub.rehearsal.patrols import PATROLS, ROUNDS, Patrols
from hub.rehearsal.photo_folder import PhotoFolder, PhotoPair
from hub.rehearsal.reporting import Reported, Reporting
from hub.rehearsal.scenery import Sighting
from hub.signals import commands as signals
from hub.signals.signal import RejectReason
from hub.worker.feedback import FeedbackChecks
from hub.worker.sweeps import Sweep, Sweeper

log = structlog.get_logger()

_DESK = Actor.of(DISPATCHER)
_SWEEP_HOURS = (9, 14, 18)
"""The worker sweeps each minute; in a rehearsal, what is due waits for the next of these hours."""
_DAILY_HOUR = 8
"""What is swept once a day waits for this hour."""
_TRIES = 3
_LEFT = (7, 26, 55, 90, 140)
"""The minutes before the end at which something comes in that is left to whoever looks then."""
_CLAIMED = 0.15
"""The share of cases that a dispatcher looks after by name."""
_NOTES = ("已电话联系属地，现场有人看护", "来电人补充：位置在路口东侧", "请夜间巡查时复核")
_PUBLISHES_ON, _PAYS_ON = 3, 8
"""Days of the month: the month before is published and its points are closed; they are paid."""


@dataclass(frozen=True, slots=True)
class RehearsalPlan:
    """`days` local days that end at `until`; the same seed and end give the same days."""

    days: int
    until: datetime
    seed: int
    matters_a_day: float = 9.0


@dataclass(frozen=True, slots=True)
class PlayedDays:
    """What was played: how much came in, and the steps that people took or were refused."""

    matters: int
    steps: int
    refused: int


@dataclass
class RehearsalClock:
    """The clock of the rehearsal, as the hub's parts take one."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Rehearsal:
    """Plays a plan. `on_day` is told each day that begins."""

    pool: Pool
    plan: RehearsalPlan
    clock: RehearsalClock
    rng: Random
    photos: PhotoFolder
    reporting: Reporting
    handling: CaseHandling
    office: Office
    patrols: Patrols
    checks: FeedbackChecks
    sweeper: Sweeper
    sweeps: tuple[Sweep, ...]
    daily: tuple[Sweep, ...]
    on_day: Callable[[date], None]
    _agenda: Agenda = field(default_factory=Agenda)
    _handled: set[int] = field(default_factory=set)
    _matters: int = 0
    _steps: int = 0
    _refused: int = 0

    async def play(self) -> PlayedDays:
        first = (self.plan.until - timedelta(days=self.plan.days)).astimezone(TIMEZONE).date()
        for number in range(self.plan.days + 1):
            day = first + timedelta(days=number)
            if number % 7 == 0:
                self._agenda.add(_local(day), self._tend(self.patrols.make_room))
            self._agenda.add(_local(day), partial(self._begin_day, day))
        for minutes in _LEFT:
            at = self.plan.until - timedelta(minutes=minutes)
            self._agenda.add(at, partial(self._matter, words_only=True))
        for at, step in self._agenda.until(self.plan.until):
            self.clock.at = at.astimezone(UTC)
            await step()
        return PlayedDays(self._matters, self._steps, self._refused)

    async def _begin_day(self, day: date) -> None:
        self.on_day(day)
        for _ in range(self._count_of(day)):
            hour = self.rng.triangular(6.5, 21.5, 10.5)
            at = _local(day) + timedelta(hours=hour)
            self._agenda.add(at, self._matter)
        self._plan_patrols(day)
        self._plan_office(day)
        self._agenda.add(_local(day, _DAILY_HOUR), partial(self._sweep, self.daily))
        for hour in _SWEEP_HOURS:
            self._agenda.add(_local(day, hour, 1), partial(self._sweep, self.sweeps))

    def _plan_patrols(self, day: date) -> None:
        self._agenda.add(_local(day, 7), self._tend(self.patrols.begin_day))
        for at in ROUNDS:
            on_foot = at in PATROLS and self.handling.calendar.is_workday(day)
            look = partial(self.patrols.look_round, patrol=on_foot)
            self._agenda.add(_local(day, at.hour, at.minute), self._tend(look))

    def _plan_office(self, day: date) -> None:
        """Every day, on workdays, once a week and once a month."""
        office, month = self.office, f"{day.replace(day=1) - timedelta(days=1):%Y-%m}"
        self._office(day, time(7, 45), office.take_counts)
        self._office(day, time(9, 30), office.answer_letters)
        if self.handling.calendar.is_workday(day):
            self._office(day, time(16, 30), office.follow_matters)
        if day.weekday() == 0:
            self._office(day, time(9), office.order)
        if day.weekday() == 1:
            self._office(day, time(15, 30), office.study_weekly_list)
        if day.day == _PUBLISHES_ON:
            self._office(day, time(10), partial(office.publish_month, month=month))
            self._office(day, time(10, 30), partial(office.close_points, month=month))
        if day.day == _PAYS_ON:
            self._office(day, time(10), partial(office.pay_points, month=month))

    def _office(self, day: date, at: time, act: Callable[[UnitOfWork], Awaitable[None]]) -> None:
        async def acted() -> None:
            async with unit_of_work(self.pool, SUPERVISOR.actor, self.clock.at) as work:
                await act(work)

        async def tried() -> None:
            await self._tried(acted)

        self._agenda.add(_local(day, at.hour, at.minute), tried)

    def _tend(self, act: Callable[[datetime], Awaitable[None]]) -> Step:
        async def tended() -> None:
            await act(self.clock.at)

        return tended

    def _count_of(self, day: date) -> int:
        busy = 1.1 if self.handling.calendar.is_workday(day) else 0.7
        mean = self.plan.matters_a_day * busy
        return max(0, round(self.rng.gauss(mean, mean**0.5)))

    async def _matter(self, *, words_only: bool = False) -> None:
        """With `words_only` a terminal says what there is in words; that waits for a person."""
        matter = draw_matter(self.rng)
        pair = self.photos.draw(matter.photos)
        where = self.reporting.scenery.sighting(self.rng, matter)
        self._matters += 1
        way = Way.WORDS if words_only else draw_way(self.rng, matter)
        await self._come_in(matter, way, pair, where)

    async def _come_in(
        self, matter: DailyMatter, way: Way, pair: PhotoPair | None, where: Sighting
    ) -> None:
        reported: Reported | None = None

        async def take_in() -> None:
            nonlocal reported
            async with unit_of_work(self.pool, "system:signals", self.clock.at) as work:
                reported = await self.reporting.report(work, matter, way, where, pair)

        if not await self._tried(take_in) or reported is None:
            return
        if reported.case_id is not None:
            await self._take_on(reported.case_id, pair)
        elif reported.waits and way is not Way.WORDS:
            decide = partial(self._decide, reported.signal_id, matter, pair)
            self._agenda.add(self.clock.at + timedelta(minutes=self.rng.uniform(2, 30)), decide)

    async def _decide(self, signal_id: int, matter: DailyMatter, pair: PhotoPair | None) -> None:
        """The desk decides about a signal that waits."""
        is_wrong = self.rng.random() < 0.25
        case_id: int | None = None

        async def decided() -> None:
            nonlocal case_id
            async with unit_of_work(self.pool, _DESK.name, self.clock.at) as work:
                if is_wrong:
                    reason = RejectReason.FALSE_POSITIVE
                    await signals.reject_signal(work, signal_id, reason, _DESK)
                    return
                outcome = await signals.accept_signal(
                    work, signal_id, matter.item_key, matter.cond_key, _DESK
                )
                case_id = outcome.case_id

        if await self._tried(decided) and case_id is not None:
            await self._take_on(case_id, pair)

    async def _take_on(self, case_id: int, pair: PhotoPair | None) -> None:
        if case_id in self._handled:
            return
        self._handled.add(case_id)
        if self.rng.random() < _CLAIMED:
            await self._tried(partial(self._claim, case_id))
        handled = HandledCase(case_id, draw_course(self.rng), pair)
        self._plan_next(await self._case(case_id), handled)

    async def _claim(self, case_id: int) -> None:
        """The dispatcher looks after a case, and says what was found on the telephone."""
        async with unit_of_work(self.pool, _DESK.name, self.clock.at) as work:
            await claim(work, case_id, _DESK)
            await add_note(work, case_id, _DESK, self.rng.choice(_NOTES))

    def _plan_next(self, case: Case, handled: HandledCase, tries: int = 0) -> None:
        at = self.handling.next_at(case, handled, self.clock.at)
        if at is not None:
            if tries == _TRIES:
                at, tries = at + timedelta(days=1), 0
            self._agenda.add(at, partial(self._act, handled, case.version, tries))
        else:
            self._handled.discard(handled.case_id)

    async def _act(self, handled: HandledCase, version: int, tries: int) -> None:
        """What is next for a case; if it moved meanwhile, that is thought over."""
        case: Case | None = None

        async def act() -> None:
            nonlocal case
            async with unit_of_work(self.pool, _DESK.name, self.clock.at) as work:
                case = await case_by_id(work.db, handled.case_id)
                if case.version == version:
                    case = await self.handling.act(work, handled, case)

        acted = await self._tried(act)
        if acted and case is not None and case.state is State.FEEDBACK:
            await self.checks.check_waiting()
            case = None
        self._plan_next(
            case or await self._case(handled.case_id), handled, 0 if acted else tries + 1
        )

    async def _case(self, case_id: int) -> Case:
        async with self.pool.connection() as db:
            return await case_by_id(db, case_id)

    async def _sweep(self, sweeps: tuple[Sweep, ...]) -> None:
        await self.sweeper.run_all(sweeps)

    async def _tried(self, step: Callable[[], Awaitable[None]]) -> bool:
        """Whether the step was taken; one that the hub refuses is counted and logged."""
        try:
            await step()
        except HubError as error:
            self._refused += 1
            log.info("step_refused", error=str(error)[:300], at=self.clock.at.isoformat())
            return False
        self._steps += 1
        return True


def _local(day: date, hour: int = 0, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), TIMEZONE)
