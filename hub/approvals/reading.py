"""The inbox: what waits for a decision, with its facts and the effect that granting would have."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row

from hub.accounts.account import Account
from hub.approvals.commands import permit_asking
from hub.approvals.outlook import outlook_of
from hub.approvals.views import ApprovalEffect, ApprovalList, ApprovalView
from hub.cases.actor import Actor
from hub.cases.case import Case
from hub.cases.facts import gather_facts
from hub.cases.guards import EVENT_OF
from hub.cases.moves import Payload
from hub.cases.requests import ApprovalKind, ApprovalRequest
from hub.cases.store import case_by_id
from hub.cases.transitions import find, grants
from hub.db import Connection, load_queries
from hub.errors import Forbidden

SQL = load_queries(__file__)


async def waiting_approvals(
    db: Connection,
    account: Account,
    now: datetime,
    *,
    kinds: Sequence[ApprovalKind] = (),
    limit: int = 100,
) -> ApprovalList:
    """What waits in the cases that the account sees."""
    wanted = {"kinds": [str(kind) for kind in kinds] or None, "limit": limit}
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["waiting"], wanted | account.scope.facts)
        rows = await cursor.fetchall()
    items = [await _view(db, row, Actor.of(account), now) for row in rows]
    return ApprovalList(items=items, total=rows[0]["total"] if rows else 0)


def askable(case: Case, actor: Actor) -> tuple[ApprovalKind, ...]:
    """What the actor may ask for in the case now; there may still be a condition that isn't met."""
    return tuple(kind for kind in ApprovalKind if _is_askable(case, kind, actor))


def _is_askable(case: Case, kind: ApprovalKind, actor: Actor) -> bool:
    try:
        permit_asking(case, kind, actor)
    except Forbidden:
        return False
    return grants(case.state, kind) and case.request(kind) is None


async def _view(db: Connection, row: dict[str, Any], actor: Actor, now: datetime) -> ApprovalView:
    case = await case_by_id(db, row["case_id"])
    request = case.request(ApprovalKind(row["kind"]))
    assert request is not None
    own = request.asked_by == actor.name
    may = bool(find(case.state, EVENT_OF[request.kind]).by & actor.capacities)
    return ApprovalView(
        **row,
        waiting_s=(now - request.asked_at).total_seconds(),
        own=own,
        can_decide=may and not own,
        effect=await _effect(db, case, request, now),
    )


async def _effect(
    db: Connection, case: Case, request: ApprovalRequest, now: datetime
) -> ApprovalEffect:
    payload = Payload(reason=request.reason, until=request.until)
    asker = Actor(request.asked_by, None)
    facts = await gather_facts(db, case, EVENT_OF[request.kind], payload, asker, now)
    outlook = outlook_of(case, request, facts, now)
    return ApprovalEffect(
        state=outlook.state,
        due_at=outlook.due_at,
        exempt=outlook.exempt,
        blocked=outlook.blocked,
        guard=outlook.guard,
    )
