"""What the people in charge do with a case next, by its state and its course."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from hub.cases.actor import Actor
from hub.cases.case import Case, Event, Satisfaction, State
from hub.cases.moving import transition
from hub.cases.store import case_by_id
from hub.deadlines import WorkCalendar
from hub.evidence.photos import PhotoSource
from hub.journal.unit_of_work import UnitOfWork
from hub.rehearsal.asking import appeal, ask_for_more_time, decide
from hub.rehearsal.cast import DISPATCHER, SEAT, SUPERVISOR, Handlers
from hub.rehearsal.course import CaseCourse, Diligence
from hub.rehearsal.photo_folder import PhotoFolder, PhotoPair
from hub.studies import commands as studies
from hub.studies.study import StudyPosition

_OPERATOR, _SEAT = Actor.of(DISPATCHER), Actor.of(SEAT)
_CHIEF = Actor.of(SUPERVISOR)
_TEACHES, _MOSTLY = 0.5, 0.2
"""Shares: of rulings that the catalogue learns, and of people who are only mostly satisfied."""
_LATE_AT_MOST = timedelta(days=8)
"""What is late that long is put right, whatever its pace."""
_DONE = ("已修复并清理现场", "已更换，恢复通行", "已处置完毕，现场整洁")


@dataclass
class HandledCase:
    """A case, how it will go, and the photos that show it."""

    case_id: int
    course: CaseCourse
    pair: PhotoPair | None
    failed_once: bool = False
    showed_repair: bool = False
    explained: bool = False
    asked: bool = False
    appealed: bool = False


@dataclass(frozen=True, slots=True)
class CaseHandling:
    """Acts for everybody who has to do with a case."""

    rng: Random
    photos: PhotoFolder
    calendar: WorkCalendar
    handlers: Handlers

    def next_at(self, case: Case, handled: HandledCase, now: datetime) -> datetime | None:
        """When somebody acts on the case next; None once all is over."""
        course = handled.course
        at: datetime | None = None
        match case.state:
            case _ if case.requests:
                at = self.calendar.add(now, timedelta(minutes=12 * course.operator_min))
            case State.JOINT_STUDY:
                at = self.calendar.add(now, timedelta(minutes=20 * course.operator_min))
            case State.FILED | State.VERIFYING | State.REOPENED:
                at = now + timedelta(minutes=course.operator_min)
            case State.ROUTED if course.diligence is Diligence.DARK:
                at = self.calendar.add(now, timedelta(hours=9))
            case State.ROUTED | State.HANDLING:
                at = self._unit_acts_at(case, handled, now)
            case State.FEEDBACK:
                at = now + timedelta(minutes=1)
            case State.CALLBACK:
                at = self.calendar.add(now, timedelta(minutes=4 * course.operator_min))
            case State.CLOSED if self._appeals(case, handled):
                at = self.calendar.add(now, timedelta(hours=5))
        return at

    async def act(self, work: UnitOfWork, handled: HandledCase, case: Case) -> Case:
        """Do what is next with a case that was just read; returns it as it then is.

        Raises what `transition` does.
        """
        after = None
        match case.state:
            case _ if case.requests:
                await decide(work, case, self.rng)
            case State.FILED | State.REOPENED:
                after = await self._route(work, case)
            case State.JOINT_STUDY:
                await self._rule(work, case)
            case State.ROUTED | State.HANDLING if handled.course.is_false_alarm:
                after = await self._void(work, case)
            case State.ROUTED:
                after = await self._sign_or_return(work, case, handled)
            case State.HANDLING:
                after = await self._feed_back(work, case, handled)
            case State.VERIFYING:
                after = await self._check(work, case, handled)
            case State.CALLBACK:
                after = await self._call_back(work, case, handled)
            case State.CLOSED:
                handled.appealed = True
                await appeal(work, case, await self._handler(work, case))
        return after or await case_by_id(work.db, case.case_id)

    def _appeals(self, case: Case, handled: HandledCase) -> bool:
        was_late = case.overdue_at is not None
        return was_late and handled.course.appeals and not handled.appealed

    def _unit_acts_at(self, case: Case, handled: HandledCase, now: datetime) -> datetime:
        """A share of the time between routing and deadline; people work in working hours."""
        assert case.routed_at is not None
        assert case.due_at is not None
        course = handled.course
        share = course.sign_share if case.state is State.ROUTED else course.pace
        if self._asks_for_time(case, handled):
            share = min(share, 0.6)
        at = case.routed_at + (case.due_at - case.routed_at) * share
        at = min(at, case.due_at + _LATE_AT_MOST)
        return self.calendar.add(max(at, now), timedelta(minutes=self.rng.uniform(1, 30)))

    def _asks_for_time(self, case: Case, handled: HandledCase) -> bool:
        may = case.state is State.HANDLING and case.overdue_at is None
        return may and handled.course.extends and not handled.asked

    async def _route(self, work: UnitOfWork, case: Case) -> Case:
        """What routing leaves open is studied jointly; what came back goes where the desk says."""
        units = self._candidates(case)
        if case.state is State.FILED and case.bounces == 0 and len(units) > 1:
            reason = "权属不清，请相关单位联合研判"
            return await transition(
                work, case.case_id, Event.REFER_STUDY, actor=_OPERATOR, units=units, reason=reason
            )
        actor = _CHIEF if case.bounces > 1 else _OPERATOR
        return await transition(work, case.case_id, Event.ROUTE, actor=actor, unit_key=units[0])

    async def _void(self, work: UnitOfWork, case: Case) -> Case:
        """There was nothing; of a case of high severity, a second person says so, too."""
        actor = _OPERATOR if case.void_asked_by is None else _CHIEF
        reason = "现场核实无此问题，予以作废"
        return await transition(work, case.case_id, Event.VOID, actor=actor, reason=reason)

    async def _rule(self, work: UnitOfWork, case: Case) -> None:
        """The invited units answer, and the supervisor rules for the first that takes it on."""
        units = self._candidates(case)
        for number, unit in enumerate(units):
            position = StudyPosition.OURS if number == 0 else StudyPosition.SHARED
            await studies.answer(
                work, case.case_id, _OPERATOR, position, "现场查看后答复", unit_key=unit
            )
        now_standing = await case_by_id(work.db, case.case_id)
        ruled, ruling = await studies.rule(
            work,
            case.case_id,
            _CHIEF,
            version=now_standing.version,
            lead_unit=units[0],
            assist_units=units[1:],
            minutes="会议听取各单位意见，一致同意由主办单位负责处置。",
            basis="属地管理与行业监管职责",
        )
        if self.rng.random() < _TEACHES:
            proposal = await studies.propose(work, ruled, _CHIEF, ruling=ruling)
            await studies.accept(work, proposal.proposal_id, _CHIEF)

    def _candidates(self, case: Case) -> tuple[str, ...]:
        """Who might be responsible: whoever returned it, the territory, and the city's managers."""
        keys = (case.returned_from, case.territory_unit, "urban_management")
        return tuple(dict.fromkeys(key for key in keys if key is not None))

    async def _sign_or_return(self, work: UnitOfWork, case: Case, handled: HandledCase) -> Case:
        unit = await self._handler(work, case)
        if handled.course.returns and case.bounces == 0:
            reason = "不属本单位管辖，请核实权属"
            return await transition(work, case.case_id, Event.RETURN, actor=unit, reason=reason)
        plan = "现场处置后反馈照片"
        return await transition(
            work, case.case_id, Event.SIGN, actor=unit, person="当班人员", plan=plan
        )

    async def _feed_back(self, work: UnitOfWork, case: Case, handled: HandledCase) -> Case | None:
        unit = await self._handler(work, case)
        if self._asks_for_time(case, handled):
            handled.asked = True
            await ask_for_more_time(work, case, unit)
            return None
        if case.overdue_at is not None and not handled.explained:
            handled.explained = True
            reason = "施工材料未到，已安排加班处置"
            await transition(work, case.case_id, Event.EXPLAIN, actor=unit, reason=reason)
        shown = handled.failed_once or handled.showed_repair
        after = self.photos.another() if shown or handled.pair is None else handled.pair.after
        if after is None:
            return None
        source = PhotoSource(None, unit.username, work.now, work.now, case.lon, case.lat)
        sha256 = await self.photos.take(work.db, after, source)
        handled.showed_repair = True
        return await transition(
            work,
            case.case_id,
            Event.FEEDBACK,
            actor=unit,
            text=self.rng.choice(_DONE),
            evidence=(sha256,),
        )

    async def _handler(self, work: UnitOfWork, case: Case) -> Actor:
        assert case.lead_unit is not None
        return Actor.of(await self.handlers.of(work, case.lead_unit))

    async def _check(self, work: UnitOfWork, case: Case, handled: HandledCase) -> Case:
        if handled.course.fails_first and not handled.failed_once:
            handled.failed_once = True
            reason = "照片显示处置不彻底，请返工"
            return await transition(work, case.case_id, Event.FAIL, actor=_OPERATOR, reason=reason)
        actor = _CHIEF if case.supervised else _OPERATOR
        return await transition(work, case.case_id, Event.PASS, actor=actor)

    async def _call_back(self, work: UnitOfWork, case: Case, handled: HandledCase) -> Case:
        course, case_id = handled.course, case.case_id
        if case.callback_attempts + 1 < course.attempts:
            return await transition(work, case_id, Event.UNREACHABLE, actor=_SEAT, text="无人接听")
        if course.satisfied or handled.failed_once:
            mostly = self.rng.random() < _MOSTLY
            said = Satisfaction.MOSTLY if mostly else Satisfaction.SATISFIED
            return await transition(work, case_id, Event.SATISFIED, actor=_SEAT, satisfaction=said)
        handled.failed_once = True
        reason = "来电人表示问题未解决"
        return await transition(work, case_id, Event.NOT_SATISFIED, actor=_SEAT, reason=reason)
