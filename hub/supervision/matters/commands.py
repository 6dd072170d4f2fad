"""Put matters on the list, review them, follow their plans, and strike them off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from psycopg.errors import UniqueViolation
from pydantic import JsonValue

from hub.cases.store import lock_case
from hub.db import load_queries
from hub.db.rows import record_row
from hub.errors import Conflict, InvalidInput, NotFound
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork
from hub.supervision.matters.matter import (
    REVIEW_DAYS,
    ListedMatter,
    MatterEntryKind,
    Tier,
    local_day,
    next_review,
)

SQL = load_queries(__file__)


@dataclass(frozen=True, slots=True)
class PlanMember:
    """A person of the team of a plan."""

    name: str
    duty: str


async def list_matter(
    work: UnitOfWork, case_id: int, tier: Tier, leader: str, review_days: int | None = None
) -> int:
    """Put an open case on the list; returns the matter's id.

    Raises NotFound, InvalidInput without a leader, and Conflict if the case has ended or is on the list.
    """
    case = await lock_case(work.db, case_id)
    if not case.is_open:
        raise Conflict(f"case {case.case_no} has ended", state=case.state)
    days = review_days or REVIEW_DAYS[tier]
    facts = {
        "case_id": case_id,
        "tier": str(tier),
        "leader": _said(leader, "leader", "name the responsible leader"),
        "review_days": days,
        "now": work.now,
        "actor": work.actor,
        "review_due_on": next_review(work.now, days),
    }
    row = await (await work.db.execute(SQL["insert"], facts)).fetchone()
    if row is None:
        raise Conflict(f"case {case.case_no} is on the list already", case_no=case.case_no)
    data: dict[str, JsonValue] = {
        "case_id": case_id,
        "case_no": case.case_no,
        "tier": tier,
        "leader": leader.strip(),
        "review_days": days,
    }
    _record(work, int(row[0]), MatterEntryKind.MATTER_LISTED, data)
    return int(row[0])


async def change_tier(
    work: UnitOfWork,
    matter_id: int,
    tier: Tier,
    reason: str,
    leader: str | None = None,
    review_days: int | None = None,
) -> None:
    """Give a matter another tier, and with it its rhythm, or another leader.

    Raises NotFound, InvalidInput without a reason, and Conflict if nothing changes or it is struck off.
    """
    matter = await _open_matter(work, matter_id)
    why = _said(reason, "reason", "say why")
    new_leader = matter.leader if leader is None else _said(leader, "leader", "name the leader")
    usual = matter.review_days if tier is matter.tier else REVIEW_DAYS[tier]
    days = review_days or usual
    if (tier, new_leader, days) == (matter.tier, matter.leader, matter.review_days):
        raise Conflict("nothing changes", tier=str(tier))
    since = matter.reviewed_at or matter.listed_at
    facts = {
        "matter_id": matter_id,
        "tier": str(tier),
        "leader": new_leader,
        "review_days": days,
        "review_due_on": max(local_day(work.now), next_review(since, days)),
    }
    await work.db.execute(SQL["set_tier"], facts)
    data: dict[str, JsonValue] = {
        "before": matter.tier,
        "tier": tier,
        "leader": new_leader,
        "review_days": days,
    }
    _record(work, matter_id, MatterEntryKind.TIER_CHANGED, data, reason=why)


async def review_matter(work: UnitOfWork, matter_id: int, text: str) -> None:
    """Record a review; the next one is due after the matter's rhythm. Raises what `change_tier` does."""
    matter = await _open_matter(work, matter_id)
    said = _said(text, "text", "say what the review found")
    due = next_review(work.now, matter.review_days)
    facts = {"matter_id": matter_id, "now": work.now, "review_due_on": due}
    await work.db.execute(SQL["review"], facts)
    data: dict[str, JsonValue] = {"text": said, "review_due_on": due.isoformat()}
    _record(work, matter_id, MatterEntryKind.MATTER_REVIEWED, data)


async def set_plan(
    work: UnitOfWork, matter_id: int, goal: str, members: Sequence[PlanMember]
) -> None:
    """The goal and the team of a matter's plan 一案一策. Raises InvalidInput for a name given twice."""
    await _open_matter(work, matter_id)
    said = _said(goal, "goal", "say what the plan is to reach")
    await work.db.execute(SQL["set_goal"], {"matter_id": matter_id, "goal": said})
    await work.db.execute(SQL["clear_members"], (matter_id,))
    for member in members:
        name = _said(member.name, "members", "name each member")
        try:
            await work.db.execute(SQL["add_member"], (matter_id, name, member.duty.strip()))
        except UniqueViolation:
            raise InvalidInput(f"{name} is named twice", field="members") from None
    team: list[JsonValue] = [
        {"name": each.name.strip(), "duty": each.duty.strip()} for each in members
    ]
    _record(work, matter_id, MatterEntryKind.PLAN_SET, {"goal": said, "members": team})


async def add_plan_step(work: UnitOfWork, matter_id: int, text: str, due_on: date) -> int:
    """Add a dated step to a matter's plan; returns its id."""
    await _open_matter(work, matter_id)
    said = _said(text, "text", "say what is to be done")
    row = await (await work.db.execute(SQL["add_step"], (matter_id, said, due_on))).fetchone()
    assert row is not None
    data: dict[str, JsonValue] = {"step_id": row[0], "text": said, "due_on": due_on.isoformat()}
    _record(work, matter_id, MatterEntryKind.PLAN_STEP_ADDED, data)
    return int(row[0])


async def finish_plan_step(work: UnitOfWork, matter_id: int, step_id: int, result: str) -> None:
    """Note that a step of a plan is done. Raises NotFound, and Conflict if it was done before."""
    await _open_matter(work, matter_id)
    said = _said(result, "result", "say what came of it")
    keys = {"matter_id": matter_id, "step_id": step_id}
    if (known := await (await work.db.execute(SQL["step"], keys)).fetchone()) is None:
        raise NotFound(f"matter {matter_id} has no step {step_id}", step_id=step_id)
    if known[0] is not None:
        raise Conflict("the step is done already", step_id=step_id)
    facts = keys | {"now": work.now, "actor": work.actor, "result": said}
    row = await (await work.db.execute(SQL["finish_step"], facts)).fetchone()
    assert row is not None
    data: dict[str, JsonValue] = {"step_id": step_id, "text": row[0], "result": said}
    _record(work, matter_id, MatterEntryKind.PLAN_STEP_DONE, data)


async def note_progress(work: UnitOfWork, matter_id: int, text: str) -> None:
    """Add a progress note."""
    await _open_matter(work, matter_id)
    data: dict[str, JsonValue] = {"text": _said(text, "text", "write the note")}
    _record(work, matter_id, MatterEntryKind.PROGRESS_NOTED, data)


async def strike_matter(work: UnitOfWork, matter_id: int, reason: str) -> None:
    """Strike a matter off the list 销号; it stays in the records."""
    await _open_matter(work, matter_id)
    why = _said(reason, "reason", "say why it is struck off")
    facts = {"matter_id": matter_id, "now": work.now, "actor": work.actor, "reason": why}
    await work.db.execute(SQL["strike"], facts)
    _record(work, matter_id, MatterEntryKind.MATTER_STRUCK, {}, reason=why)


async def _open_matter(work: UnitOfWork, matter_id: int) -> ListedMatter:
    """A matter that is on the list, locked. Raises NotFound, and Conflict once it is struck off."""
    async with work.db.cursor(row_factory=record_row(ListedMatter)) as cursor:
        await cursor.execute(SQL["lock"], (matter_id,))
        matter = await cursor.fetchone()
    if matter is None:
        raise NotFound(f"there is no matter {matter_id}", matter_id=matter_id)
    if matter.struck_at is not None:
        raise Conflict(f"the matter is struck off: {matter.strike_reason}", matter_id=matter_id)
    return matter


def _said(text: str, field: str, demand: str) -> str:
    if not text.strip():
        raise InvalidInput(demand, field=field)
    return text.strip()


def _record(
    work: UnitOfWork,
    matter_id: int,
    kind: MatterEntryKind,
    data: dict[str, JsonValue],
    reason: str | None = None,
) -> None:
    work.record(
        NewEntry(
            Subject.MATTER, str(matter_id), kind, work.actor, work.now, reason=reason, data=data
        )
    )
