"""The matter list as the API shows it."""

from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import class_row
from pydantic import BaseModel, JsonValue

from hub.accounts.account import Account
from hub.cases import State
from hub.catalogue import Severity
from hub.catalogue.item import ItemKind
from hub.db import Connection
from hub.errors import NotFound
from hub.journal import Subject, entries_of
from hub.supervision.matters.commands import SQL
from hub.supervision.matters.matter import MatterEntryKind, Tier, local_day


class MatterView(BaseModel):
    """A matter with how far its plan has come. `review_due`: it should be reviewed by today."""

    matter_id: int
    case_id: int
    case_no: str
    state: State
    title_zh: str | None
    title_en: str | None
    item_kind: ItemKind | None
    text: str
    lead_unit: str | None
    lead_unit_name_zh: str | None
    lead_unit_name_en: str | None
    territory_name_zh: str | None
    territory_name_en: str | None
    tier: Tier
    leader: str
    review_days: int
    listed_at: datetime
    listed_by: str
    reviewed_at: datetime | None
    review_due_on: date
    review_due: bool
    goal: str
    struck_at: datetime | None
    struck_by: str | None
    strike_reason: str | None
    steps: int
    steps_done: int
    steps_late: int
    next_step_on: date | None


class MatterList(BaseModel):
    """The matters of a filter, at most as many as were asked for; `more` if there are others."""

    items: list[MatterView]
    more: bool


class PlanMemberView(BaseModel):
    name: str
    duty: str


class PlanStepView(BaseModel):
    step_id: int
    text: str
    due_on: date
    done_at: datetime | None
    done_by: str | None
    done_by_name: str | None
    result: str | None


class MatterEventView(BaseModel):
    """An entry of the matter's journal."""

    at: datetime
    actor: str
    actor_name: str | None
    kind: MatterEntryKind
    reason: str | None
    data: dict[str, JsonValue]


class MatterDetail(MatterView):
    members: list[PlanMemberView]
    plan: list[PlanStepView]
    timeline: list[MatterEventView]


class MatterCandidate(BaseModel):
    """An open dispute or hazard that is not on the list."""

    case_id: int
    case_no: str
    state: State
    severity: Severity
    title_zh: str
    title_en: str
    item_kind: ItemKind
    text: str
    filed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterFilter:
    matter_id: int | None = None
    case_id: int | None = None
    tier: Tier | None = None
    struck: bool | None = None
    due: bool | None = None
    limit: int = 200


async def list_matters(
    db: Connection, wanted: MatterFilter, account: Account, now: datetime
) -> MatterList:
    """Matters whose cases the account may see: those due for review first, then by tier."""
    facts = account.scope.facts | {
        "matter_id": wanted.matter_id,
        "case_id": wanted.case_id,
        "tier": wanted.tier,
        "struck": wanted.struck,
        "due": wanted.due,
        "today": local_day(now),
        "limit": wanted.limit + 1,
    }
    async with db.cursor(row_factory=class_row(MatterView)) as cursor:
        await cursor.execute(SQL["list"], facts)
        rows = await cursor.fetchall()
    return MatterList(items=rows[: wanted.limit], more=len(rows) > wanted.limit)


async def visible_matter(
    db: Connection, matter_id: int, account: Account, now: datetime
) -> MatterView:
    """A matter as the list has it. Raises NotFound, also for one that is not seen."""
    found = await list_matters(db, MatterFilter(matter_id=matter_id, limit=1), account, now)
    if not found.items:
        raise NotFound(f"there is no matter {matter_id}", matter_id=matter_id)
    return found.items[0]


async def matter_detail(
    db: Connection, matter_id: int, account: Account, now: datetime
) -> MatterDetail:
    """A matter with its plan and its journal. Raises NotFound, also for one that is not seen."""
    found = await visible_matter(db, matter_id, account, now)
    async with db.cursor(row_factory=class_row(PlanMemberView)) as cursor:
        await cursor.execute(SQL["members"], (matter_id,))
        members = await cursor.fetchall()
    async with db.cursor(row_factory=class_row(PlanStepView)) as steps:
        await steps.execute(SQL["steps"], (matter_id,))
        plan = await steps.fetchall()
    return MatterDetail(
        **found.model_dump(),
        members=members,
        plan=plan,
        timeline=await _timeline(db, matter_id),
    )


async def matter_candidates(db: Connection, account: Account, limit: int) -> list[MatterCandidate]:
    """Open disputes and hazards that are not on the list, the newest first."""
    async with db.cursor(row_factory=class_row(MatterCandidate)) as cursor:
        await cursor.execute(SQL["candidates"], account.scope.facts | {"limit": limit})
        return await cursor.fetchall()


async def _timeline(db: Connection, matter_id: int) -> list[MatterEventView]:
    entries = await entries_of(db, Subject.MATTER, str(matter_id))
    actors = sorted({entry.actor for entry in entries})
    rows = await (await db.execute(SQL["actor_names"], (actors,))).fetchall()
    names: dict[str, str] = {row[0]: row[1] for row in rows}
    return [
        MatterEventView(
            at=entry.at,
            actor=entry.actor,
            actor_name=names.get(entry.actor),
            kind=MatterEntryKind(entry.kind),
            reason=entry.reason,
            data=entry.data,
        )
        for entry in entries
    ]
