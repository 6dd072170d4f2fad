"""Open a case: file it, route it, and send the guard that policy asks for."""

from collections.abc import Awaitable, Callable

from hub.alarms.alarm import Alarm
from hub.alarms.commands import raise_alarm
from hub.cases.actor import Actor
from hub.cases.case import Case
from hub.cases.filing import NewCase, file_case, route_case
from hub.dispatch.policy import guard_by_policy
from hub.journal.unit_of_work import UnitOfWork


async def open_case(work: UnitOfWork, new: NewCase, actor: Actor) -> Case:
    """The case of an issue, routed if it is clear who answers for it.

    Raises what `file_case` does.
    """
    filed = await file_case(work, new, actor)
    opened = await route_case(work, filed, actor)
    await guard_by_policy(work, opened.case_id)
    return opened


async def open_alarm_case(
    work: UnitOfWork, new: NewCase, actor: Actor, alarm: Callable[[Case], Alarm]
) -> Case:
    """The case of an alarm, which rings. If it can't be routed, or nobody sent, it rings all the same.

    Raises what `file_case` does.
    """
    filed = await file_case(work, new, actor)
    await raise_alarm(work.by(actor.name), filed, alarm(filed))
    await _or_without(work, filed, lambda case: route_case(work, case, actor))
    await _or_without(work, filed, lambda case: guard_by_policy(work, case.case_id))
    return filed


async def _or_without(
    work: UnitOfWork, case: Case, step: Callable[[Case], Awaitable[object]]
) -> None:
    """Take a step; a failure leaves nothing behind but a line of the log."""
    await work.each("case_id", {case.case_id: case}, step)
