"""The matter list: read it, and change what is on it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from hub.accounts.access import Anyone, Observer, Operator
from hub.accounts.account import Account
from hub.accounts.sight import sees_case
from hub.errors import NotFound
from hub.http.requests import Db, Now, Work
from hub.journal.unit_of_work import UnitOfWork
from hub.supervision.matters import commands
from hub.supervision.matters.commands import PlanMember
from hub.supervision.matters.matter import Tier
from hub.supervision.matters.views import (
    MatterCandidate,
    MatterDetail,
    MatterFilter,
    MatterList,
    list_matters,
    matter_candidates,
    matter_detail,
    visible_matter,
)
from wire.limits import MAX_INTEGER
from wire.messages.base import Day, Text

router = APIRouter(prefix="/api/matters", tags=["matters"])

MatterId = Annotated[int, Path(ge=1, le=MAX_INTEGER)]
CaseKey = Annotated[int, Field(ge=1, le=MAX_INTEGER)]
Said = Annotated[Text, Field(min_length=1)]
Days = Annotated[int, Field(ge=1, le=366)]
PersonName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]


class MatterQuery(BaseModel):
    """`due`: to be reviewed by today. `struck`: off the list."""

    case_id: CaseKey | None = None
    tier: Tier | None = None
    struck: bool | None = False
    due: bool | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 200


class NewMatter(BaseModel):
    """Without `review_days`, a matter is reviewed every 7, 14 or 30 days by its tier."""

    case_id: CaseKey
    tier: Tier
    leader: PersonName
    review_days: Days | None = None


class TierChange(BaseModel):
    tier: Tier
    reason: Said
    leader: PersonName | None = None
    review_days: Days | None = None


class MatterText(BaseModel):
    text: Said


class MatterStrike(BaseModel):
    reason: Said


class TeamMember(BaseModel):
    name: PersonName
    duty: Text = ""


class MatterPlan(BaseModel):
    goal: Said
    members: Annotated[tuple[TeamMember, ...], Field(max_length=50)] = ()


class NewPlanStep(BaseModel):
    text: Said
    due_on: Day


class StepResult(BaseModel):
    result: Said


@router.get("")
async def matters(
    db: Db, account: Anyone, now: Now, wanted: Annotated[MatterQuery, Query()]
) -> MatterList:
    """The list: what is due for review first, then by tier."""
    return await list_matters(db, MatterFilter(**wanted.model_dump()), account, now)


@router.get("/candidates")
async def unlisted_matters(db: Db, account: Observer) -> list[MatterCandidate]:
    """Open disputes and hazards that are not on the list, the newest 100."""
    return await matter_candidates(db, account, 100)


@router.post("", status_code=201, responses={409: {"description": "The case is on the list"}})
async def add_matter(work: Work, account: Operator, new: NewMatter) -> MatterDetail:
    """Put a case on the list."""
    await _require_case(work, account, new.case_id)
    matter_id = await commands.list_matter(
        work.by(account.actor), new.case_id, new.tier, new.leader, new.review_days
    )
    return await _done(work, account, matter_id)


@router.get("/{matter_id}")
async def matter(db: Db, account: Anyone, now: Now, matter_id: MatterId) -> MatterDetail:
    """A matter with its plan and what was done."""
    return await matter_detail(db, matter_id, account, now)


@router.post("/{matter_id}/tier")
async def set_tier(
    work: Work, account: Operator, matter_id: MatterId, change: TierChange
) -> MatterDetail:
    """Change tier, leader or rhythm, with a reason."""
    await visible_matter(work.db, matter_id, account, work.now)
    await commands.change_tier(
        work.by(account.actor),
        matter_id,
        change.tier,
        change.reason,
        change.leader,
        change.review_days,
    )
    return await _done(work, account, matter_id)


@router.post("/{matter_id}/review")
async def review(
    work: Work, account: Operator, matter_id: MatterId, said: MatterText
) -> MatterDetail:
    """Record a review."""
    await visible_matter(work.db, matter_id, account, work.now)
    await commands.review_matter(work.by(account.actor), matter_id, said.text)
    return await _done(work, account, matter_id)


@router.put("/{matter_id}/plan")
async def plan(
    work: Work, account: Operator, matter_id: MatterId, wanted: MatterPlan
) -> MatterDetail:
    """Set the goal and the team of the matter's plan."""
    await visible_matter(work.db, matter_id, account, work.now)
    members = [PlanMember(each.name, each.duty) for each in wanted.members]
    await commands.set_plan(work.by(account.actor), matter_id, wanted.goal, members)
    return await _done(work, account, matter_id)


@router.post("/{matter_id}/steps", status_code=201)
async def add_step(
    work: Work, account: Operator, matter_id: MatterId, step: NewPlanStep
) -> MatterDetail:
    """Add a dated step to the plan."""
    await visible_matter(work.db, matter_id, account, work.now)
    await commands.add_plan_step(work.by(account.actor), matter_id, step.text, step.due_on)
    return await _done(work, account, matter_id)


@router.post("/{matter_id}/steps/{step_id}/done")
async def finish_step(
    work: Work,
    account: Operator,
    matter_id: MatterId,
    step_id: Annotated[int, Path(ge=1, le=MAX_INTEGER)],
    said: StepResult,
) -> MatterDetail:
    """Note that a step is done, and what came of it."""
    await visible_matter(work.db, matter_id, account, work.now)
    await commands.finish_plan_step(work.by(account.actor), matter_id, step_id, said.result)
    return await _done(work, account, matter_id)


@router.post("/{matter_id}/notes", status_code=201)
async def add_note(
    work: Work, account: Operator, matter_id: MatterId, said: MatterText
) -> MatterDetail:
    """Add a progress note."""
    await visible_matter(work.db, matter_id, account, work.now)
    await commands.note_progress(work.by(account.actor), matter_id, said.text)
    return await _done(work, account, matter_id)


@router.post("/{matter_id}/strike")
async def strike(
    work: Work, account: Operator, matter_id: MatterId, said: MatterStrike
) -> MatterDetail:
    """Strike the matter off the list, with a reason."""
    await visible_matter(work.db, matter_id, account, work.now)
    await commands.strike_matter(work.by(account.actor), matter_id, said.reason)
    return await _done(work, account, matter_id)


async def _require_case(work: UnitOfWork, account: Account, case_id: int) -> None:
    if not await sees_case(work.db, account, case_id):
        raise NotFound(f"there is no case {case_id}", case_id=case_id)


async def _done(work: UnitOfWork, account: Account, matter_id: int) -> MatterDetail:
    await work.commit()
    return await matter_detail(work.db, matter_id, account, work.now)
