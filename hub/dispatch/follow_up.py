"""Act on a command that has moved: relieve guards, or ask the next best."""

from hub.commands.command import CommandState
from hub.commands.store import CommandRow
from hub.dispatch.relief import lock_guards, relieve
from hub.dispatch.replacing import next_best, wants_next_best
from hub.journal.unit_of_work import UnitOfWork
from wire.messages import CommandType


async def follow_up(work: UnitOfWork, moved: CommandRow) -> None:
    """Relieve the guards of a case if its task is done; ask the next best if the task was not taken on."""
    type_, state = moved.type, moved.state
    if type_ is CommandType.DISPATCH and state is CommandState.SUCCEEDED:
        for guard in await lock_guards(work.db, moved.case_id):
            await relieve(work, guard, "relieved_task_done")
    if wants_next_best(type_, state):
        await next_best(work, moved)
