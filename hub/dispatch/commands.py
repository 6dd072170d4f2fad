"""The use cases of dispatch, for those who call them: worker, api, video and signals."""

from datetime import datetime
from uuid import UUID

from hub.db import Connection
from hub.dispatch.answers import announce, mark_sent, take_ack
from hub.dispatch.candidates import recommend
from hub.dispatch.command import CommandState, Mover
from hub.dispatch.issuing import NewCommand, issue
from hub.dispatch.moving import Turn, move
from hub.dispatch.policy import guard_by_policy
from hub.dispatch.relief import tell_holder
from hub.dispatch.store import CommandView, Recommendation, command_by_id, locked
from hub.dispatch.timers import BATCH, run_timers

__all__ = [
    "BATCH",
    "CommandView",
    "NewCommand",
    "Recommendation",
    "announce",
    "cancel",
    "guard_by_policy",
    "issue",
    "mark_sent",
    "recommend",
    "run_timers",
    "take_ack",
]


async def cancel(
    db: Connection, command_id: UUID | str, reason: str, actor: str, now: datetime
) -> CommandView:
    """Take a command back; its device is told where it may have it already.

    Raises NotFound, and IllegalTransition where it has ended.
    """
    turn = Turn(db, actor, now)
    row = await locked(db, command_id)
    await move(turn, row, CommandState.CANCELLED, by=Mover.PERSON, reason=reason)
    await tell_holder(turn, row, reason)
    await turn.close()
    return await command_by_id(db, command_id)
