"""Send the nearest to a person in danger, and tell that person who comes."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.cases.case_facts import CaseFacts
from hub.commands.command import CommandState, MovedBy
from hub.commands.issuing import NewCommand, issue
from hub.commands.moving import move
from hub.commands.store import CommandRow, select_locked
from hub.db import Connection, record_row
from hub.dispatch.candidates import rank_for
from hub.dispatch.pending_guards import (
    ASK_AGAIN_AFTER_TRIES,
    forget_pending_guard,
    keep_pending_guard,
    pending_guard,
)
from hub.dispatch.recommend import Ranking
from hub.dispatch.replacing import tell_unavailable
from hub.dispatch.rescue_news import Helper, is_same_news, news_of_helpers
from hub.dispatch.store import SQL, Recommendation, keep_ranking
from hub.geo.distance import distance_m
from hub.journal.unit_of_work import UnitOfWork
from wire.messages import CommandType
from wire.messages.commands import TextBody

ACTOR = "system:rescue"
HELPERS = 2
ENDS_HELP = frozenset(
    {
        CommandState.EXPIRED,
        CommandState.NO_ANSWER,
        CommandState.REJECTED,
        CommandState.FAILED,
        CommandState.TIMED_OUT,
    }
)
"""A helper whose order ends so doesn't come: another is sent."""
HELP = frozenset({CommandType.GUARD, CommandType.DISPATCH})
_TOLD = "helpers_told"


@dataclass(frozen=True, slots=True)
class _Sent:
    """A terminal that was sent since the last call, and whether it counts as help still."""

    device_id: str
    counts: bool


async def send_helpers(
    work: UnitOfWork, facts: CaseFacts, replaces: CommandRow | None = None
) -> list[CommandRow]:
    """Send so many that HELPERS are under way, and tell the caller; returns the new orders.

    If fewer can be sent, `run_timers` tries again while the case is open. `facts` are of an alarm.
    """
    assert facts.caller is not None
    work = work.by(ACTOR)
    await work.db.execute(SQL["lock_case"], (facts.case_id,))
    if facts.ended:
        await forget_pending_guard(work.db, facts.case_id)
        return []
    sent = await _sent(work.db, facts)
    missing = HELPERS - sum(each.counts for each in sent)
    orders: list[CommandRow] = []
    if missing > 0:
        orders = await _send(work, facts, sent, missing, replaces)
    if len(orders) >= missing:
        await forget_pending_guard(work.db, facts.case_id)
    await tell_caller(work, facts)
    return orders


async def follow_helper(work: UnitOfWork, moved: CommandRow, facts: CaseFacts) -> None:
    """Act on the order of a helper that has moved: replace who doesn't come, and tell the caller."""
    if moved.type is CommandType.GUARD and moved.state in ENDS_HELP:
        await send_helpers(work, facts, moved)
    else:
        await tell_caller(work, facts)


async def tell_caller(work: UnitOfWork, facts: CaseFacts) -> None:
    """Tell the person in danger who comes, if that has changed since the last message."""
    work, caller = work.by(ACTOR), facts.caller
    if caller is None or facts.ended:
        return
    # Two helpers may answer at once: the second sees what the first has told.
    await work.db.execute(SQL["lock_case"], (facts.case_id,))
    text = news_of_helpers(await _helpers(work.db, facts))
    last = await (await work.db.execute(SQL["last_news"], (facts.case_id,))).fetchone()
    if last is not None and last[0] is not None and is_same_news(last[0], text):
        return
    await work.db.execute(SQL["keep_news"], (text, facts.case_id))
    unsent = (facts.case_id, caller.device_id, ACTOR)
    for news in await select_locked(work.db, "unsent_news", unsent):
        await move(work, news, CommandState.SUPERSEDED, by=MovedBy.HUB, reason=_TOLD)
    message = NewCommand(
        device_id=caller.device_id,
        type=CommandType.MESSAGE,
        body=TextBody(text=text),
        case_id=facts.case_id,
        reason=_TOLD,
    )
    await issue(work, message, facts)


async def _send(
    work: UnitOfWork,
    facts: CaseFacts,
    sent: Sequence[_Sent],
    missing: int,
    replaces: CommandRow | None,
) -> list[CommandRow]:
    pending = await pending_guard(work.db, facts.case_id)
    tries = 0 if pending is None else pending.tries
    asked = frozenset(each.device_id for each in sent if tries < ASK_AGAIN_AFTER_TRIES)
    ranking = await rank_for(work.db, facts, CommandType.GUARD, work.now, asked=asked)
    made = await keep_ranking(
        work.db, facts.case_id, CommandType.GUARD, ranking, work.now, work.actor
    )
    orders = [
        await issue(work, _order(facts, made, rank, replaces if rank == 1 else None), facts)
        for rank in range(1, min(missing, len(ranking.items)) + 1)
    ]
    if len(orders) < missing:
        await _keep_looking(work, facts, ranking, tries)
    return orders


def _order(
    facts: CaseFacts, made: Recommendation, rank: int, replaces: CommandRow | None
) -> NewCommand:
    return NewCommand(
        device_id=made.ranking.items[rank - 1].device_id,
        type=CommandType.GUARD,
        case_id=facts.case_id,
        reason="sent_to_help" if replaces is None else f"{replaces.device_id}: {replaces.state}",
        recommendation_id=made.recommendation_id,
        chosen_rank=rank,
        supersedes=None if replaces is None else replaces.command_id,
    )


async def _keep_looking(work: UnitOfWork, facts: CaseFacts, ranking: Ranking, tries: int) -> None:
    if not tries:
        tell_unavailable(work, facts.case_id, CommandType.GUARD, ranking)
    await keep_pending_guard(work, facts.case_id)


async def _sent(db: Connection, facts: CaseFacts) -> list[_Sent]:
    assert facts.caller is not None
    async with db.cursor(row_factory=record_row(_Sent)) as cursor:
        await cursor.execute(
            SQL["sent_to_help"],
            {"case_id": facts.case_id, "raised_at": facts.caller.raised_at},
        )
        return await cursor.fetchall()


async def _helpers(db: Connection, facts: CaseFacts) -> list[Helper]:
    """Those who are under way or asked, with their way if both places are known."""
    cursor = await db.execute(SQL["helpers"], (facts.case_id,))
    known = facts.caller is not None and facts.caller.place_known
    return [
        Helper(
            device_id=device_id,
            holder=holder,
            accepted=accepted,
            distance_m=distance_m(lon, lat, facts.lon, facts.lat)
            if known and lon is not None
            else None,
        )
        for device_id, holder, accepted, lon, lat in await cursor.fetchall()
    ]
