"""What the centre does besides its cases: letters, the matter list, weekly studies, figures, points."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from hub.cases.case import CLOCK_RUNS
from hub.clock import local_date
from hub.indicators.case_sets import CaseSet
from hub.indicators.definitions import SatisfactionBase
from hub.indicators.periods import read_period
from hub.indicators.publishing import publish
from hub.indicators.questions import IndicatorQuestion
from hub.journal.unit_of_work import UnitOfWork
from hub.points.commands import close_period, pay_period
from hub.rehearsal.cast import SUPERVISOR, Handlers
from hub.rehearsal.scenery import SQL
from hub.supervision.digest.outside_counts import import_counts
from hub.supervision.letters.commands import answer_letter, issue_by_hand, receive_letter
from hub.supervision.letters.letter import LetterKind, NewLetter
from hub.supervision.matters import commands as matters
from hub.supervision.matters.commands import PlanMember
from hub.supervision.matters.matter import Tier
from hub.supervision.weekly import commands as weekly

_SIGNS, _ANSWERS = 0.9, 0.7
"""The shares of letters that are signed for, and answered, on a day."""
_LISTS, _FOLLOWS, _PROGRESS, _RETIERS = 0.9, 0.75, 0.15, 0.04
"""Shares of days: a matter is listed; what is due for one is done; a word about it; another tier."""
_FORGETS = 0.06
"""The share of days whose counts of others nobody sends."""
_COUNTED = (("警情", ("纠纷", "噪声扰民", "交通"), 6.0), ("信访", ("欠薪", "征地", "物业"), 1.5))
_LEADERS = ("分管副区长", "政法委分管负责人", "乡镇（街道）主要负责人")
_TEAM = (("主办单位负责人", "总牵头"), ("司法所", "调解"), ("村（社区）书记", "入户走访、稳控"))
_STEPS = ((4, "走访双方，核实诉求"), (10, "召开协调会，形成方案"), (18, "督促落实，回访销号"))
_MINUTES = "听取主办单位汇报，逐件明确责任、时限和措施；超期事项由督查专班跟踪。"


@dataclass(frozen=True, slots=True)
class Office:
    """Acts for the supervisor and for the units that answer; each method is one unit of work."""

    rng: Random
    handlers: Handlers

    async def take_counts(self, work: UnitOfWork) -> None:
        """Yesterday's police calls and petitions by township; on some days nobody sends them."""
        if self.rng.random() < _FORGETS:
            return
        day = local_date(work.now) - timedelta(days=1)
        lines = ["日期,来源,乡镇,类别,数量"]
        for (township,) in await _rows(work, "townships"):
            for source, categories, mean in _COUNTED:
                for category in categories:
                    count = round(self.rng.expovariate(1 / mean))
                    lines.append(f"{day},{source},{township},{category},{count}")
        if len(lines) > 1:
            await import_counts(work, "\n".join(lines).encode(), f"{day}.csv")

    async def answer_letters(self, work: UnitOfWork) -> None:
        """Units sign for most of the letters that they got before today, and answer most of those."""
        for letter_id, unit_key in await _rows(work, "letters_to_answer", (work.now,)):
            if self.rng.random() >= _SIGNS:
                continue
            handler = await self.handlers.of(work, unit_key)
            await receive_letter(work, letter_id, handler)
            if self.rng.random() < _ANSWERS:
                await answer_letter(work, letter_id, "已安排人员限期办结", (), handler)

    async def order(self, work: UnitOfWork) -> None:
        """The supervisor puts a case to its unit by a letter of order."""
        pressing = {"states": [*CLOCK_RUNS], "now": work.now}
        for case_id, unit_key in await _rows(work, "case_to_order", pressing):
            due = work.now + timedelta(days=2)
            text = "请于两日内落实责任人，处置到位并书面回复。"
            letter = NewLetter(
                kind=LetterKind.ORDER, unit_key=unit_key, answer_due_at=due, text=text
            )
            await issue_by_hand(work, case_id, letter, SUPERVISOR)

    async def follow_matters(self, work: UnitOfWork) -> None:
        """A matter comes onto the list; those on it are reviewed, and their plans go on."""
        today = {"today": local_date(work.now)}
        for matter_id, tier, is_open, review_due_on, steps in await _rows(
            work, "matters_on_the_list", today
        ):
            await self._follow(work, matter_id, tier, review_due_on, steps, is_open=is_open)
        if self.rng.random() < _LISTS:
            for (case_id,) in await _rows(work, "case_to_list", ([*CLOCK_RUNS],)):
                await self._list(work, case_id)

    async def _list(self, work: UnitOfWork, case_id: int) -> None:
        tier = self.rng.choices(list(Tier), (25, 45, 30))[0]
        matter_id = await matters.list_matter(work, case_id, tier, self.rng.choice(_LEADERS))
        team = [PlanMember(name, duty) for name, duty in _TEAM]
        await matters.set_plan(work, matter_id, "诉求依法解决，双方签订协议，不再反复", team)
        for days, text in _STEPS:
            due_on = local_date(work.now) + timedelta(days=days)
            await matters.add_plan_step(work, matter_id, text, due_on)

    async def _follow(
        self,
        work: UnitOfWork,
        matter_id: int,
        tier: str,
        review_due_on: date,
        due_steps: Sequence[int],
        *,
        is_open: bool,
    ) -> None:
        today = local_date(work.now)
        for step_id in due_steps:
            if self.rng.random() < _FOLLOWS or not is_open:
                await matters.finish_plan_step(work, matter_id, step_id, "已完成，双方认可")
        if not is_open:
            await matters.strike_matter(work, matter_id, "事项已办结，回访稳定，予以销号")
            return
        if review_due_on <= today and self.rng.random() < _FOLLOWS:
            await matters.review_matter(work, matter_id, "双方情绪稳定，按方案推进")
        if self.rng.random() < _PROGRESS:
            await matters.note_progress(work, matter_id, "主办单位上门沟通，分歧缩小")
        if tier != Tier.HIGH and self.rng.random() < _RETIERS:
            await matters.change_tier(work, matter_id, Tier.HIGH, "当事人扬言上访，提级管理")

    async def study_weekly_list(self, work: UnitOfWork) -> None:
        """The minutes of this week's study, and what it decides about the first few cases."""
        listed = await _rows(work, "cases_of_the_week", (weekly.week_of(work.now),))
        if not listed:
            return
        week = listed[0][0]
        for _, case_id in listed:
            await weekly.record_ruling(work, week, case_id, "主办单位三日内拿出方案，督查专班跟踪")
        await weekly.record_minutes(work, week, _MINUTES)

    async def publish_month(self, work: UnitOfWork, month: str) -> None:
        """Freeze the figures of a month that is over."""
        base = SatisfactionBase.ANSWERED
        asked = IndicatorQuestion(read_period(month, work.now), CaseSet(), work.now, base)
        await publish(work, asked, "月度通报")

    async def close_points(self, work: UnitOfWork, month: str) -> None:
        """The month's points are closed, which comes before they are paid."""
        await close_period(work, month, "月度结算")

    async def pay_points(self, work: UnitOfWork, month: str) -> None:
        """The closed month is paid."""
        await pay_period(work, month, "已随绩效发放")


async def _rows(work: UnitOfWork, query: str, facts: Any = None) -> list[tuple[Any, ...]]:
    return await (await work.db.execute(SQL[query], facts)).fetchall()
