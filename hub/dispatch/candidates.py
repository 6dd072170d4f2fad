"""Gather the terminals as they stand for a task at a case, and rank them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from psycopg.rows import class_row

from hub.cases.case_facts import CaseFacts, case_facts
from hub.db import Connection
from hub.devices.device import presence_of
from hub.dispatch.recommend import (
    Candidate,
    Closeness,
    Ranking,
    Spot,
    TaskInHand,
    Wanted,
    rank,
)
from hub.dispatch.store import SQL, Recommendation, put_recommendation
from wire.messages import CommandType

RECENT = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Terminal:
    """A terminal as it stands, with what is known of its place."""

    device_id: str
    holder: str | None
    unit_key: str | None
    capabilities: list[str]
    last_uplink_at: datetime | None
    last_will_at: datetime | None
    lon: float | None
    lat: float | None
    order_at: datetime | None
    battery: float | None

    @property
    def spot(self) -> Spot | None:
        if self.lon is None or self.lat is None or self.order_at is None:
            return None
        return Spot(self.lon, self.lat, self.order_at)


async def recommend(
    db: Connection,
    case_id: int,
    type_: CommandType,
    actor: str,
    now: datetime,
    *,
    video: bool = False,
    asked: frozenset[str] = frozenset(),
) -> Recommendation:
    """Rank the terminals for a task at a case, and keep the ranking whole.

    `video`: only who can send it. `asked`: devices that had this task and are not asked again.
    Raises NotFound where there is no such case.
    """
    facts = await case_facts(db, case_id)
    ranking = await rank_for(db, facts, type_, now, video=video, asked=asked)
    made = Recommendation(uuid4(), case_id, type_, now, actor, ranking)
    await put_recommendation(db, made)
    return made


async def asked_in_chain(db: Connection, command_id: UUID) -> frozenset[str]:
    """The devices that a command and those it took the place of were sent to."""
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
) -> Ranking:
    """The ranking alone, kept nowhere."""
    wanted = Wanted(facts.case_id, type_, facts.lon, facts.lat, facts.priority, video=video)
    levels = await _territories(db)
    in_hand = await _tasks_in_hand(db)
    cursor = await db.execute(SQL["recent_tasks"], (now - RECENT,))
    recent: dict[str, int] = {row[0]: row[1] for row in await cursor.fetchall()}
    async with db.cursor(row_factory=class_row(Terminal)) as reader:
        await reader.execute(SQL["terminals"])
        terminals = await reader.fetchall()
    candidates = [
        Candidate(
            device_id=each.device_id,
            holder=each.holder,
            presence=presence_of(now, each.last_uplink_at, each.last_will_at),
            spot=each.spot,
            battery=each.battery,
            capabilities=tuple(each.capabilities),
            closeness=closeness(levels, each.unit_key, facts.territory_unit),
            in_hand=in_hand[each.device_id],
            recent=recent.get(each.device_id, 0),
            asked=each.device_id in asked,
        )
        for each in terminals
    ]
    return rank(wanted, candidates, now)


async def _tasks_in_hand(db: Connection) -> Mapping[str, tuple[TaskInHand, ...]]:
    in_hand: defaultdict[str, tuple[TaskInHand, ...]] = defaultdict(tuple)
    for device_id, *task in await (await db.execute(SQL["tasks_in_hand"])).fetchall():
        in_hand[device_id] += (TaskInHand(*task),)
    return in_hand


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
