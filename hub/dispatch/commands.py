"""The use cases of dispatch, for those who call them: worker, api, video and signals."""

from uuid import UUID

from hub.dispatch.answers import announce, mark_sent, take_ack
from hub.dispatch.candidates import recommend
from hub.dispatch.command import CommandState, Mover
from hub.dispatch.issuing import NewCommand, issue
from hub.dispatch.moving import move
from hub.dispatch.policy import guard_by_policy
from hub.dispatch.relief import tell_holder
from hub.dispatch.store import CommandView, Recommendation, locked
from hub.dispatch.timers import BATCH, run_timers
from hub.journal.unit_of_work import UnitOfWork

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


async def cancel(work: UnitOfWork, command_id: UUID | str, reason: str) -> None:
    """Take a command back; its device is told where it may have it already.

    Raises NotFound, and IllegalTransition where it has ended.
    """
    row = await locked(work.db, command_id)
    await move(work, row, CommandState.CANCELLED, by=Mover.PERSON, reason=reason)
    await tell_holder(work, row, reason)
