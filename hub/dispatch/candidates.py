"""Read the state of the terminals, and rank them for a task at a case."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from hub.accounts.scope import WHOLE_DISTRICT, Scope
from hub.cases.case_facts import CaseFacts, case_facts
from hub.db import Connection
from hub.dispatch.recommend import (
    Candidate,
    Circumstances,
    Closeness,
    Ranking,
    TasksInHand,
    TaskWanted,
    rank,
)
from hub.dispatch.store import SQL, Recommendation, keep_ranking
from wire.messages import CommandType

RECENT = timedelta(hours=4)


async def recommend(
    db: Connection,
    case_id: int,
    type_: CommandType,
    actor: str,
    now: datetime,
    *,
    video: bool = False,
    scope: Scope = WHOLE_DISTRICT,
) -> Recommendation:
    """Rank the terminals for a task at a case, and keep the ranking.

    `video`: only those that can send it. Raises NotFound if there is no such case.
    """
    facts = await case_facts(db, case_id)
    ranking = await rank_for(db, facts, type_, now, video=video, scope=scope)
    return await keep_ranking(db, case_id, type_, ranking, now, actor)


async def asked_in_chain(db: Connection, command_id: UUID) -> frozenset[str]:
    """The devices of a command and of all that it replaced."""
    cursor = await db.execute(SQL["asked_before"], (command_id,))
    return frozenset(row[0] for row in await cursor.fetchall())


async def rank_for(
    db: Connection,
    facts: CaseFacts,
    type_: CommandType,
    now: datetime,
    *,
    video: bool = False,
    asked: frozenset[str] = frozenset(),
    scope: Scope = WHOLE_DISTRICT,
) -> Ranking:
    """The ranking, without storing it. `asked`: devices that had this task and are not asked again."""
    caller = None if facts.caller is None else facts.caller.device_id
    wanted = TaskWanted(
        facts.case_id, type_, facts.lon, facts.lat, facts.priority, video=video, caller=caller
    )
    candidates = await terminals(db, scope)
    levels = await _territories(db)
    cursor = await db.execute(SQL["recent_tasks"], (now - RECENT,))
    circumstances = Circumstances(
        closeness={
            unit: closeness(levels, unit, facts.territory_unit)
            for unit in {each.unit_key for each in candidates}
        },
        in_hand=await _tasks_in_hand(db, facts.case_id, type_),
        recent={row[0]: row[1] for row in await cursor.fetchall()},
        asked=asked,
    )
    return rank(wanted, candidates, circumstances, now)


async def terminals(db: Connection, scope: Scope = WHOLE_DISTRICT) -> list[Candidate]:
    """The terminals of a scope in their present state."""
    cursor = await db.execute(SQL["terminals"], scope.facts, binary=True)
    return [Candidate._make(row) for row in await cursor.fetchall()]


async def _tasks_in_hand(
    db: Connection, case_id: int, type_: CommandType
) -> Mapping[str, TasksInHand]:
    wanted = {"case_id": case_id, "type": type_}
    cursor = await db.execute(SQL["tasks_in_hand"], wanted, binary=True)
    return {device_id: TasksInHand(*tasks) for device_id, *tasks in await cursor.fetchall()}


async def _territories(db: Connection) -> Mapping[str, tuple[str | None, str]]:
    """Parent and level of each territory."""
    cursor = await db.execute(SQL["territories"])
    return {row[0]: (row[1], row[2]) for row in await cursor.fetchall()}


def closeness(
    territories: Mapping[str, tuple[str | None, str]], one: str | None, other: str | None
) -> Closeness:
    """The level of the smallest territory that two units have in common."""
    around_other = set(_upwards(territories, other))
    shared = next((unit for unit in _upwards(territories, one) if unit in around_other), None)
    return Closeness.NONE if shared is None else Closeness(territories[shared][1])


def _upwards(territories: Mapping[str, tuple[str | None, str]], unit: str | None) -> list[str]:
    way: list[str] = []
    while unit is not None and unit in territories and unit not in way:
        way.append(unit)
        unit = territories[unit][0]
    return way
