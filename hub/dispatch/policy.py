"""Send a guard to each case of high severity, without an operator."""

from hub.cases.case_facts import CaseFacts, case_facts
from hub.catalogue import Severity
from hub.commands.issuing import NewCommand, issue
from hub.commands.store import CommandRow
from hub.db import Connection
from hub.dispatch.candidates import asked_in_chain, rank_for
from hub.dispatch.pending_guards import (
    ASK_AGAIN_AFTER_TRIES,
    PendingGuard,
    forget_pending_guard,
    keep_pending_guard,
    pending_guard,
)
from hub.dispatch.recommend import Ranking
from hub.dispatch.replacing import tell_unavailable
from hub.dispatch.rescue import send_helpers
from hub.dispatch.store import SQL, keep_ranking
from hub.journal.unit_of_work import UnitOfWork
from wire.messages import CommandType, EventType

ACTOR = "system:policy"


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
    pending = await pending_guard(work.db, case_id)
    if pending is not None and pending.try_at > work.now:
        return None
    if (
        facts.ended
        or facts.severity != Severity.HIGH
        or await _is_guarded(work.db, case_id, pending)
    ):
        await forget_pending_guard(work.db, case_id)
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
    work: UnitOfWork, facts: CaseFacts, ranking: Ranking, pending: PendingGuard | None
) -> CommandRow:
    made = await keep_ranking(
        work.db, facts.case_id, CommandType.GUARD, ranking, work.now, work.actor
    )
    if pending is not None:
        await forget_pending_guard(work.db, facts.case_id)
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


async def _ranking(work: UnitOfWork, facts: CaseFacts, pending: PendingGuard | None) -> Ranking:
    asked: frozenset[str] = frozenset()
    if pending is not None and pending.supersedes and pending.tries < ASK_AGAIN_AFTER_TRIES:
        asked = await asked_in_chain(work.db, pending.supersedes)
    return await rank_for(work.db, facts, CommandType.GUARD, work.now, asked=asked)


async def _is_guarded(db: Connection, case_id: int, pending: PendingGuard | None) -> bool:
    """Whether the case has an active guard, or had one by policy and needs no other."""
    if pending is not None:
        return await (await db.execute(SQL["active_guard"], (case_id,))).fetchone() is not None
    return await (await db.execute(SQL["guarded"], (case_id,))).fetchone() is not None
