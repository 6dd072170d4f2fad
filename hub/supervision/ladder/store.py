"""Read and write the ladder, the plans of cases, and what has fired."""

from datetime import date, datetime
from functools import cache
from pathlib import Path

import yaml
from psycopg.types.json import Jsonb

from hub.cases import Case
from hub.cases.clock_runs import clock_runs
from hub.cases.store import clock_entries
from hub.db import Connection, load_queries
from hub.deadlines import WorkCalendar
from hub.errors import NotFound
from hub.supervision.ladder.ladder import Ladder, LadderPlan, LadderStep, planned, round_of

SQL = load_queries(__file__)
SHIPPED = Path(__file__).with_name("steps.yaml")


@cache
def shipped_ladder() -> Ladder:
    """The ladder that is in force until a district imports its own."""
    steps = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["steps"]
    return Ladder(0, tuple(LadderStep.model_validate(each) for each in steps))


async def load_ladder(db: Connection) -> Ladder:
    """The ladder in force."""
    row = await (await db.execute(SQL["newest"])).fetchone()
    if row is None:
        return shipped_ladder()
    steps = tuple(LadderStep.model_validate(each) for each in row[1])
    return Ladder(row[0], steps, row[2])


async def steps_of(db: Connection, version: int) -> dict[str, LadderStep]:
    """The steps of a version of the ladder by their keys."""
    if version == 0:
        return {step.step_key: step for step in shipped_ladder().steps}
    row = await (await db.execute(SQL["version"], (version,))).fetchone()
    found = [] if row is None else [LadderStep.model_validate(each) for each in row[0]]
    return {step.step_key: step for step in found}


async def add_version(
    db: Connection, ladder: Ladder, imported_at: datetime, actor: str, source: str, reason: str
) -> None:
    steps = Jsonb([step.model_dump(mode="json", exclude_none=True) for step in ladder.steps])
    await db.execute(
        SQL["add_version"], (ladder.version, imported_at, actor, source, reason, steps)
    )


async def plan_mark(db: Connection, ladder: Ladder, now: datetime) -> str:
    """What plans depend on besides the version of their case: the ladder and the calendar."""
    row = await (await db.execute(SQL["calendar_mark"], (date(now.year - 1, 1, 1),))).fetchone()
    assert row is not None
    return f"{ladder.version}/{row[0]}"


async def planned_now(
    db: Connection, case: Case, ladder: Ladder, calendar: WorkCalendar
) -> LadderPlan:
    """The plan of a case as it stands now."""
    entries = (await clock_entries(db, [case.case_id])).get(case.case_id, ())
    clock = clock_runs(entries, case.routed_at or case.filed_at)
    return planned(case, clock, ladder, calendar, await fired_steps(db, case))


async def fired_steps(db: Connection, case: Case) -> frozenset[str]:
    """The keys of the steps that the case's present deadline has had."""
    facts = {"case_id": case.case_id, "round": round_of(case), "due_at": case.due_at}
    rows = await (await db.execute(SQL["fired"], facts)).fetchall()
    return frozenset(row[0] for row in rows)


async def save_plan(db: Connection, case: Case, plan: LadderPlan, mark: str) -> None:
    following = next(iter(plan.to_come), None)
    facts = {
        "case_id": case.case_id,
        "mark": f"{case.version}/{mark}",
        "halt": plan.halt,
        "next_step": None if following is None else following.step.step_key,
        "next_at": None if following is None else following.at,
    }
    await db.execute(SQL["save_plan"], facts)


async def case_id_of(db: Connection, case_no: str) -> int:
    """The id of a case by its number. Raises NotFound."""
    row = await (await db.execute(SQL["case_id_of"], (case_no,))).fetchone()
    if row is None:
        raise NotFound(f"there is no case {case_no}", case_no=case_no)
    return int(row[0])
