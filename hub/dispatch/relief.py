"""End tasks that are no longer needed, and notify their holders."""

from collections.abc import Sequence

from hub.alarms.store import has_alarm
from hub.commands.command import UNDERWAY, CommandState, MovedBy
from hub.commands.issuing import NewCommand, issue
from hub.commands.limits import TASKS
from hub.commands.moving import move
from hub.commands.store import CommandRow, select_locked
from hub.db import Connection
from hub.journal.unit_of_work import UnitOfWork
from wire.messages import CommandType
from wire.messages.commands import TextBody

_NAMES = {
    CommandType.DISPATCH: ("处置", "dispatch"),
    CommandType.VERIFY: ("核实", "verification"),
    CommandType.GUARD: ("看守", "guard"),
}
_HELP = ("援助", "help")
_REASONS = {
    "relieved_task_done": "the case's task is done",
    "relieved_case_ended": "the case has ended",
}
"""The codes that the hub gives as reasons, in words."""


async def lock_guards(db: Connection, case_id: int | None) -> list[CommandRow]:
    """The active guards of a case, locked."""
    return [] if case_id is None else await select_locked(db, "open_guards", (case_id,))


async def lock_free_guards(db: Connection, case_ids: Sequence[int]) -> list[CommandRow]:
    """The active guards of cases, locked, except for those that another transaction holds."""
    return await select_locked(db, "free_guards", (list(case_ids),))


async def relieve(work: UnitOfWork, guard: CommandRow, why: str) -> None:
    """End a guard: it succeeded if its holder had taken it on, and is cancelled otherwise."""
    work = work.by("system:dispatch")
    on_duty = guard.state in {CommandState.ACCEPTED, CommandState.IN_PROGRESS}
    to = CommandState.SUCCEEDED if on_duty else CommandState.CANCELLED
    await move(work, guard, to, by=MovedBy.HUB, reason=why)
    await tell_holder(work, guard, why)


async def tell_holder(work: UnitOfWork, before: CommandRow, why: str) -> None:
    """Send a message to the holder of a task, since the wire contract cannot take an order back."""
    type_ = before.type
    if type_ not in TASKS or before.state not in UNDERWAY | {CommandState.SENT}:
        return
    name_zh, name_en = _HELP if await has_alarm(work.db, before.case_id) else _NAMES[type_]
    text = f"{name_zh}任务已结束，无需继续。\nThe {name_en} task is over: {_REASONS.get(why, why)}."
    message = NewCommand(
        device_id=before.device_id,
        type=CommandType.MESSAGE,
        body=TextBody(text=text[:2000]),
        case_id=before.case_id,
        reason=why,
        priority=before.priority,
    )
    await issue(work.by("system:dispatch"), message)
