"""The use cases of dispatch, for worker, api, video and signals."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from hub.commands import answers, issuing
from hub.commands.answers import NewAck, announce, mark_sent
from hub.commands.command import CommandState, MovedBy
from hub.commands.issuing import NewCommand
from hub.commands.limits import TASKS
from hub.commands.moving import move
from hub.commands.store import CommandRow, locked
from hub.db import Connection
from hub.dispatch.candidates import recommend
from hub.dispatch.follow_up import follow_up, tell_of_helper
from hub.dispatch.policy import guard_by_policy
from hub.dispatch.relief import tell_holder
from hub.dispatch.store import SQL, recommendation_by_id
from hub.dispatch.timers import BATCH, run_timers
from hub.errors import Conflict, GuardRefused, HubError, InvalidInput
from hub.journal.unit_of_work import UnitOfWork
from wire.messages import AckState

__all__ = [
    "BATCH",
    "NewAck",
    "NewCommand",
    "announce",
    "cancel",
    "guard_by_policy",
    "issue",
    "mark_sent",
    "recommend",
    "run_timers",
    "take_acks",
]


JUST_NOW = timedelta(seconds=10)
"""A second order of the same task within this time is more often a slip of the hand than meant."""


async def issue(work: UnitOfWork, new: NewCommand, *, besides: bool = False) -> CommandRow:
    """Give an order that a person chose, perhaps from a recommendation.

    `besides`: the person knows that somebody else has just been sent, and sends one more. Raises what
    `hub.commands.issuing.issue` does, what `_chosen_rank` does, and Conflict without `besides`.
    """
    if not besides and new.type in TASKS and new.case_id is not None:
        await _refuse_second(work, new, new.case_id)
    rank = await _chosen_rank(work.db, new)
    row = await issuing.issue(work, replace(new, chosen_rank=rank))
    await tell_of_helper(work, row)
    return row


async def cancel(work: UnitOfWork, command_id: UUID | str, reason: str) -> None:
    """Cancel a command; its holder gets a message if the device may have it already.

    Raises NotFound, and IllegalTransition if it has ended.
    """
    row = await locked(work.db, command_id)
    moved = await move(work, row, CommandState.CANCELLED, by=MovedBy.PERSON, reason=reason)
    await tell_holder(work, row, reason)
    await tell_of_helper(work, moved)


async def take_acks(work: UnitOfWork, acks: Sequence[NewAck]) -> Mapping[NewAck, HubError]:
    """Let the acks of several devices count, and act on them; returns the refused acks."""
    finished = [new.ack.command_id for new in acks if new.ack.state is AckState.SUCCEEDED]
    answered = [new.ack.command_id for new in acks]
    await work.db.execute(SQL["lock_answered"], {"answered": answered, "finished": finished})
    taken = await answers.take_acks(work, acks)
    for row in taken.moved:
        await follow_up(work, row)
    return taken.refused


async def _refuse_second(work: UnitOfWork, new: NewCommand, case_id: int) -> None:
    """Raises Conflict if another device has just got this task; one order at a time for each case."""
    await work.db.execute(SQL["lock_case"], (case_id,))
    since = work.now - JUST_NOW
    cursor = await work.db.execute(SQL["just_sent"], (case_id, str(new.type), new.device_id, since))
    row = await cursor.fetchone()
    if row is not None:
        raise Conflict(
            f"{row[0]} has just been sent with the same task; send {new.device_id} besides, or let it be",
            sent_to=row[0],
            sent_at=row[1].isoformat(),
            type=str(new.type),
        )


async def _chosen_rank(db: Connection, new: NewCommand) -> int | None:
    """The rank of the device in the recommendation that the choice was made from.

    Raises NotFound, InvalidInput for a recommendation for another case, and GuardRefused if a device
    other than the best is chosen without a reason.
    """
    if new.recommendation_id is None:
        return None
    made = await recommendation_by_id(db, new.recommendation_id)
    if made.case_id != new.case_id:
        raise InvalidInput("the recommendation is for another case", case_id=made.case_id)
    ranks = {item.device_id: item.rank for item in made.ranking.items}
    chosen = ranks.get(new.device_id)
    if chosen != 1 and made.ranking.items and not new.reason:
        best = made.ranking.items[0].device_id
        raise GuardRefused(
            f"{best} was recommended; say why {new.device_id} is chosen instead",
            guard="reason_given",
            recommended=best,
        )
    return chosen
