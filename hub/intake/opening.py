"""Open a case: file it, route it, and send the guard that policy asks for."""

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
