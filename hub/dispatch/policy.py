"""Send a guard to each case of high severity, without an operator."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from hub.cases.case_facts import CaseFacts, case_facts
from hub.catalogue import Severity
from hub.commands.issuing import NewCommand, issue
from hub.commands.store import CommandRow
from hub.db import Connection, record_row
from hub.dispatch.candidates import asked_in_chain, rank_for
from hub.dispatch.recommend import Ranking
from hub.dispatch.replacing import keep_pending_guard, tell_unavailable
from hub.dispatch.rescue import send_helpers
from hub.dispatch.store import SQL, Recommendation, put_recommendation
from hub.journal.unit_of_work import UnitOfWork
from wire.messages import CommandType, EventType

ACTOR = "system:policy"
ASK_AGAIN_AFTER_TRIES = 4
"""After this many failed tries, terminals that did not answer are asked again."""


@dataclass(frozen=True, slots=True)
class _PendingGuard:
    case_id: int
    wanted_at: datetime
    try_at: datetime
    tries: int
    supersedes: UUID | None


async def guard_by_policy(work: UnitOfWork, case_id: int) -> CommandRow | None:
    """Send the best terminal to guard a case of high severity; only once, however often this is called.

    To a person in danger the nearest are sent (`hub/dispatch/rescue.py`); then it is the first of them.

    None if no guard is needed, or if no terminal can be sent: the case's journal then says so, and
    `run_timers` tries again while the case is open. Raises NotFound.
    """
    work = work.by(ACTOR)
    await work.db.execute(SQL["lock_case"], (case_id,))
    facts = await case_facts(work.db, case_id)
    if facts.caller is not None:
        return await _rescue(work, facts)
    pending = await _pending_guard(work.db, case_id)
    if pending is not None and pending.try_at > work.now:
        return None
    if (
        facts.ended
        or facts.severity != Severity.HIGH
        or await _is_guarded(work.db, case_id, pending)
    ):
        await work.db.execute(SQL["forget_pending_guard"], (case_id,))
        return None
    ranking = await _ranking(work, facts, pending)
    if not ranking.items:
        if pending is None:
            tell_unavailable(work, case_id, CommandType.GUARD, ranking)
        await keep_pending_guard(work, case_id)
        return None
    return await _send(work, facts, ranking, pending)


async def _rescue(work: UnitOfWork, facts: CaseFacts) -> CommandRow | None:
    """Somebody who may only have fallen gets help if the catalogue rates that as high."""
    assert facts.caller is not None
    if facts.caller.type != EventType.SOS and facts.severity != Severity.HIGH:
        return None
    sent = await send_helpers(work, facts)
    return sent[0] if sent else None


async def _send(
    work: UnitOfWork, facts: CaseFacts, ranking: Ranking, pending: _PendingGuard | None
) -> CommandRow:
    made = Recommendation(uuid4(), facts.case_id, CommandType.GUARD, work.now, work.actor, ranking)
    await put_recommendation(work.db, made)
    if pending is not None:
        await work.db.execute(SQL["forget_pending_guard"], (facts.case_id,))
    new = NewCommand(
        device_id=ranking.items[0].device_id,
        type=CommandType.GUARD,
        case_id=facts.case_id,
        reason="guarded_by_policy",
        recommendation_id=made.recommendation_id,
        chosen_rank=1,
        supersedes=None if pending is None else pending.supersedes,
    )
    return await issue(work, new, facts)


async def _ranking(work: UnitOfWork, facts: CaseFacts, pending: _PendingGuard | None) -> Ranking:
    asked: frozenset[str] = frozenset()
    if pending is not None and pending.supersedes and pending.tries < ASK_AGAIN_AFTER_TRIES:
        asked = await asked_in_chain(work.db, pending.supersedes)
    return await rank_for(work.db, facts, CommandType.GUARD, work.now, asked=asked)


async def _is_guarded(db: Connection, case_id: int, pending: _PendingGuard | None) -> bool:
    """Whether the case has an active guard, or had one by policy and needs no other."""
    if pending is not None:
        return await (await db.execute(SQL["active_guard"], (case_id,))).fetchone() is not None
    return await (await db.execute(SQL["guarded"], (case_id,))).fetchone() is not None


async def _pending_guard(db: Connection, case_id: int) -> _PendingGuard | None:
    async with db.cursor(row_factory=record_row(_PendingGuard)) as cursor:
        await cursor.execute(SQL["pending_guard"], (case_id,))
        return await cursor.fetchone()
