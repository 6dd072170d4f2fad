"""Act on a command that has moved: relieve guards, ask the next best, or tell who called for help."""

from hub.alarms.store import has_alarm
from hub.cases.case_facts import CaseFacts, case_facts
from hub.commands.command import CommandState
from hub.commands.store import CommandRow
from hub.dispatch.relief import lock_guards, relieve
from hub.dispatch.replacing import next_best, wants_next_best
from hub.dispatch.rescue import HELP, follow_helper, tell_caller
from hub.journal.unit_of_work import UnitOfWork
from wire.messages import CommandType


async def follow_up(work: UnitOfWork, moved: CommandRow) -> None:
    """Relieve the guards of a case if its task is done; ask the next best if the task was not taken on.

    A person in danger gets another helper, and is told who comes.
    """
    type_, state = moved.type, moved.state
    if type_ is CommandType.DISPATCH and state is CommandState.SUCCEEDED:
        for guard in await lock_guards(work.db, moved.case_id):
            await relieve(work, guard, "relieved_task_done")
    caller_of = await _case_of_caller(work, moved)
    if wants_next_best(type_, state) and not (caller_of and type_ is CommandType.GUARD):
        await next_best(work, moved)
    if caller_of is not None:
        await follow_helper(work, moved, caller_of)


async def tell_of_helper(work: UnitOfWork, row: CommandRow) -> None:
    """Tell a person in danger of an order that a person has given or cancelled."""
    facts = await _case_of_caller(work, row)
    if facts is not None:
        await tell_caller(work, facts)


async def _case_of_caller(work: UnitOfWork, moved: CommandRow) -> CaseFacts | None:
    """The case of a helper's order, if somebody in danger should hear how that has moved."""
    if moved.case_id is None or moved.type not in HELP or moved.state is CommandState.DELIVERED:
        return None
    if not await has_alarm(work.db, moved.case_id):
        return None
    return await case_facts(work.db, moved.case_id)
