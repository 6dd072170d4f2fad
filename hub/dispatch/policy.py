"""High-severity cases get a guard without waiting for a hand."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from psycopg.rows import class_row

from hub.db import Connection
from hub.dispatch.candidates import CaseFacts, asked_in_chain, case_facts, rank_for
from hub.dispatch.issuing import NewCommand, issue_in
from hub.dispatch.moving import Turn
from hub.dispatch.recommend import Ranking
from hub.dispatch.replacing import tell_unavailable, wish
from hub.dispatch.store import (
    SQL,
    CommandRow,
    CommandView,
    Recommendation,
    command_by_id,
    put_recommendation,
)
from wire.messages import CommandType

ACTOR = "system:policy"
ASK_AGAIN_AFTER_TRIES = 4
"""After so many tries in vain, those who did not answer before are asked once more."""


@dataclass(frozen=True, slots=True)
class _Wish:
    case_id: int
    wished_at: datetime
    try_at: datetime
    tries: int
    supersedes: UUID | None


async def guard_by_policy(db: Connection, case_id: int, now: datetime) -> CommandView | None:
    """Send the best terminal to guard a high-severity case, once, however often this is called.

    None where nothing was to be done, or where nobody can be sent: the case's journal then says so,
    and `run_timers` tries again while the case is open. Raises NotFound.
    """
    turn = Turn(db, ACTOR, now)
    row = await guard_in(turn, case_id)
    await turn.close()
    return None if row is None else await command_by_id(db, row.command_id)


async def guard_in(turn: Turn, case_id: int) -> CommandRow | None:
    """The same as a part of a greater use case."""
    await turn.db.execute(SQL["lock_case"], (case_id,))
    facts = await case_facts(turn.db, case_id)
    wished = await _wish(turn.db, case_id)
    if wished is not None and wished.try_at > turn.now:
        return None
    if facts.ended or facts.severity != "high" or await _is_guarded(turn.db, case_id, wished):
        await turn.db.execute(SQL["forget_wish"], (case_id,))
        return None
    ranking = await _ranking(turn, facts, wished)
    if not ranking.items:
        if wished is None:
            tell_unavailable(turn, case_id, CommandType.GUARD, ranking)
        await wish(turn, case_id)
        return None
    return await _send(turn, facts, ranking, None if wished is None else wished.supersedes)


async def _send(
    turn: Turn, facts: CaseFacts, ranking: Ranking, supersedes: UUID | None
) -> CommandRow:
    made = Recommendation(uuid4(), facts.case_id, CommandType.GUARD, turn.now, turn.actor, ranking)
    await put_recommendation(turn.db, made)
    await turn.db.execute(SQL["forget_wish"], (facts.case_id,))
    new = NewCommand(
        device_id=ranking.items[0].device_id,
        type=CommandType.GUARD,
        case_id=facts.case_id,
        reason="guarded_by_policy",
        recommendation_id=made.recommendation_id,
        supersedes=supersedes,
    )
    return await issue_in(turn, new)


async def _ranking(turn: Turn, facts: CaseFacts, wished: _Wish | None) -> Ranking:
    asked: frozenset[str] = frozenset()
    if wished is not None and wished.supersedes and wished.tries < ASK_AGAIN_AFTER_TRIES:
        asked = await asked_in_chain(turn.db, wished.supersedes)
    return await rank_for(turn.db, facts, CommandType.GUARD, turn.now, asked=asked)


async def _is_guarded(db: Connection, case_id: int, wished: _Wish | None) -> bool:
    """Whether a guard is on it, or was sent by this policy and has ended for good."""
    if wished is not None:
        return await (await db.execute(SQL["active_guard"], (case_id,))).fetchone() is not None
    return await (await db.execute(SQL["guarded"], (case_id,))).fetchone() is not None


async def _wish(db: Connection, case_id: int) -> _Wish | None:
    async with db.cursor(row_factory=class_row(_Wish)) as cursor:
        await cursor.execute(SQL["wish"], (case_id,))
        return await cursor.fetchone()
