"""Climb the ladder: plan the open cases, fire the steps that have come, and flag missing explanations.

A person fires a reminder besides, by hand.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

import structlog
from pydantic import JsonValue

from hub.cases import Actor, Case
from hub.cases.actor import Capacity
from hub.cases.commands import note
from hub.cases.store import case_by_id, lock_case
from hub.clock import TIMEZONE
from hub.db import SHARE
from hub.deadlines import WorkCalendar, load_calendar
from hub.errors import Conflict, Forbidden
from hub.journal.unit_of_work import UnitOfWork
from hub.supervision.ladder import store
from hub.supervision.ladder.ladder import (
    Addressee,
    Halt,
    Ladder,
    LadderStep,
    PlannedStep,
    StepKind,
    halt_of,
    round_of,
)
from hub.supervision.ladder.store import SQL
from hub.supervision.letters.commands import issue_letter
from hub.supervision.letters.letter import NewLetter

log = structlog.get_logger()

ACTOR = "system:ladder"


REMINDED_WITHIN = timedelta(hours=1)
"""Nobody reminds a unit of the same case by hand more often than that."""
_BY_HAND = "by_hand."


class LadderEntryKind(StrEnum):
    """The kinds of entries that the ladder writes to a case's journal."""

    REMINDER_SENT = "reminder_sent"
    EXPLANATION_DUE = "explanation_due"
    EXPLANATION_OVERDUE = "explanation_overdue"
    """The unit has not explained by the deadline for it."""
    LETTER_STEP = "letter_step"
    """The letter itself has an entry of its own."""
    EXPLANATION_MOVED = "explanation_moved"
    """An edit of the calendar has moved the deadline of the explanation."""
    WEEKLY_LISTED = "weekly_listed"


_ENTRY = {
    StepKind.REMINDER: LadderEntryKind.REMINDER_SENT,
    StepKind.EXPLANATION: LadderEntryKind.EXPLANATION_DUE,
    StepKind.LETTER: LadderEntryKind.LETTER_STEP,
    StepKind.WEEKLY_LIST: LadderEntryKind.WEEKLY_LISTED,
}


_NOBODY_TO_REMIND = {
    Halt.NO_DEADLINE: "no unit works on the case with a deadline: assign it first",
    Halt.FED_BACK: "the unit has fed back; the case waits for the centre",
    Halt.SUSPENDED: "the case is suspended, and its clock stands still",
    Halt.EXEMPT: "an appeal was granted: this delay does not count",
    Halt.ENDED: "the case has ended",
}


@dataclass(frozen=True, slots=True)
class _Climb:
    """What all cases of a sweep have in common."""

    ladder: Ladder
    calendar: WorkCalendar
    mark: str


async def climb_ladder(work: UnitOfWork) -> int:
    """Plan a share of the cases that have changed, and fire the steps of a share of those that are due.

    Returns how many cases it found.
    """
    ladder = await store.load_ladder(work.db)
    mark = await store.plan_mark(work.db, ladder, work.now)
    climb = _Climb(ladder, await load_calendar(work.db, work.now), mark)
    work = work.by(ACTOR)
    changed = await _cases(work, "stale", mark)
    found = await work.each("case_id", changed, partial(_plan, work, climb))
    due = await _cases(work, "due", mark)
    return found + await work.each("case_id", due, partial(_fire_due, work, climb))


async def note_explanations(work: UnitOfWork) -> int:
    """Note the explanations that have come, and flag those that have not by their deadline."""
    await work.db.execute(SQL["explained"])
    cursor = await work.db.execute(SQL["unexplained"], (work.now, SHARE))
    due = {row[0]: (row[0], row[1]) for row in await cursor.fetchall()}
    return await work.each("firing_id", due, partial(_flag_unexplained, work.by(ACTOR)))


async def remind(work: UnitOfWork, case_id: int, actor: Actor, text: str | None) -> Case:
    """Remind the units that work on a case now, as the ladder's reminder does, in somebody's own words.

    Raises NotFound, Forbidden for others than operators, and Conflict if no unit works on it or somebody
    has just reminded it.
    """
    case = await lock_case(work.db, case_id)
    if Capacity.OPERATOR not in actor.capacities:
        raise Forbidden("only an operator reminds a unit", actor=actor.name)
    halt = halt_of(case)
    if halt is not None:
        raise Conflict(_NOBODY_TO_REMIND[halt], halt=halt)
    cursor = await work.db.execute(SQL["reminded_by_hand"], (case_id, f"{_BY_HAND}%"))
    row = await cursor.fetchone()
    if row is not None and row[0] > work.now - REMINDED_WITHIN:
        raise Conflict(
            f"the unit was reminded at {row[0].astimezone(TIMEZONE):%H:%M}; wait an hour before the next",
            reminded_at=row[0].isoformat(),
        )
    said = (text or "").strip()
    step = LadderStep(
        step_key=f"{_BY_HAND}{work.now:%Y%m%d%H%M%S}",
        kind=StepKind.REMINDER,
        share_of_limit=1,
        reaches=(Addressee.LEAD_UNIT, Addressee.ASSIST_UNITS),
        text_zh=said or "请抓紧办理",
        text_en=said or "please make haste",
    )
    climb = _Climb(await store.load_ladder(work.db), await load_calendar(work.db, work.now), "")
    await _fire(work.by(actor.name), climb, case, PlannedStep(step, work.now))
    return case


async def _cases(work: UnitOfWork, query: str, mark: str) -> dict[int, int]:
    facts = {"mark": mark, "limit": SHARE, "now": work.now}
    rows = await (await work.db.execute(SQL[query], facts)).fetchall()
    return {row[0]: row[0] for row in rows}


async def _plan(work: UnitOfWork, climb: _Climb, case_id: int) -> None:
    case = await case_by_id(work.db, case_id)
    plan = await store.planned_now(work.db, case, climb.ladder, climb.calendar)
    await store.save_plan(work.db, case, plan, climb.mark)


async def _fire_due(work: UnitOfWork, climb: _Climb, case_id: int) -> None:
    """Fire every step that has come, in order: also several at once, if nobody looked for a while."""
    case = await case_by_id(work.db, case_id)
    plan = await store.planned_now(work.db, case, climb.ladder, climb.calendar)
    for each in plan.due(work.now):
        await _fire(work, climb, case, each)
    await _plan(work, climb, case_id)


async def _fire(work: UnitOfWork, climb: _Climb, case: Case, due: PlannedStep) -> None:
    step = due.step
    units = await _units(work, step, case)
    within = step.answer_within
    answer_due_at = None if within is None else within.after(work.now, climb.calendar)
    letter_id = None
    if step.letter is not None:
        assert case.lead_unit is not None
        new = NewLetter(
            kind=step.letter,
            unit_key=case.lead_unit,
            copies=units[1:],
            answer_due_at=answer_due_at,
        )
        letter_id = (await issue_letter(work, case, new, climb.calendar)).letter_id
    firing = {
        "case_id": case.case_id,
        "round": round_of(case),
        "step_key": step.step_key,
        "ladder_version": climb.ladder.version,
        "kind": str(step.kind),
        "case_due_at": case.due_at,
        "reached_at": due.at,
        "fired_at": work.now,
        "units": list(units),
        "supervisors": Addressee.SUPERVISORS in step.reaches,
        "text_zh": step.text_zh,
        "text_en": step.text_en,
        "letter_id": letter_id,
        "answer_due_at": answer_due_at,
    }
    await work.db.execute(SQL["add_firing"], firing)
    await note(work, case, _ENTRY[step.kind], _said(firing))
    log.info("ladder_step_fired", case_no=case.case_no, step=step.step_key)


async def _units(work: UnitOfWork, step: LadderStep, case: Case) -> tuple[str, ...]:
    """The units that a step reaches, the one that leads first."""
    found: list[str | None] = []
    for reach in sorted(step.reaches, key=lambda each: each is not Addressee.LEAD_UNIT):
        match reach:
            case Addressee.LEAD_UNIT:
                found.append(case.lead_unit)
            case Addressee.ASSIST_UNITS:
                found += case.assist_units
            case Addressee.TERRITORY_UNIT:
                found.append(case.territory_unit)
            case Addressee.SUPERIOR_UNIT:
                row = await (await work.db.execute(SQL["superior"], (case.lead_unit,))).fetchone()
                found.append(None if row is None else row[0])
            case Addressee.SUPERVISORS:
                pass
    return tuple(dict.fromkeys(key for key in found if key is not None))


def _said(firing: dict[str, object]) -> dict[str, JsonValue]:
    """The firing as the case's journal has it."""
    return {name: _json(value) for name, value in firing.items() if name != "case_id"}


def _json(value: object) -> JsonValue:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return [str(each) for each in value]
    assert value is None or isinstance(value, str | int | bool)
    return value


async def _flag_unexplained(work: UnitOfWork, firing: tuple[int, int]) -> None:
    firing_id, case_id = firing
    await work.db.execute(SQL["flag_unexplained"], (work.now, firing_id))
    case = await case_by_id(work.db, case_id)
    words: dict[str, JsonValue] = {
        "text_zh": "逾期未说明超期原因",
        "text_en": "the delay was not explained in time",
    }
    await note(work, case, LadderEntryKind.EXPLANATION_OVERDUE, {"firing_id": firing_id, **words})
