"""Who looks after a case ("I have it"), and what people note about it."""

from dataclasses import replace

from hub.cases.actor import Actor, Capacity
from hub.cases.case import Case
from hub.cases.moving import change, note
from hub.cases.record import CaseEntryKind
from hub.cases.store import lock_case
from hub.errors import Conflict, Forbidden, InvalidInput
from hub.journal.unit_of_work import UnitOfWork


async def claim(work: UnitOfWork, case_id: int, actor: Actor, *, take_over: bool = False) -> Case:
    """Make the actor the owner of an open case; a repeat changes nothing.

    Raises NotFound, Forbidden for others than operators, and Conflict if the case has ended or has
    another owner, unless it is to be taken over.
    """
    case = await lock_case(work.db, case_id)
    if Capacity.OPERATOR not in actor.capacities:
        raise Forbidden("only an operator looks after a case", actor=actor.name)
    if not case.is_open:
        raise Conflict(f"case {case.case_no} has ended; nobody looks after it", state=case.state)
    if case.owner == actor.name:
        return case
    if case.owner is not None and not take_over:
        raise Conflict(
            f"{case.owner} has case {case.case_no}; take it over, or leave it", owner=case.owner
        )
    data = {"owner": actor.name, "taken_from": case.owner}
    owned = replace(case, owner=actor.name)
    return await change(work.by(actor.name), case, owned, CaseEntryKind.CASE_CLAIMED, data)


async def release(work: UnitOfWork, case_id: int, actor: Actor) -> Case:
    """Give a case back that the actor owns; a supervisor may release it for others.

    Raises NotFound, Forbidden, and Conflict if nobody owns it.
    """
    case = await lock_case(work.db, case_id)
    if case.owner is None:
        raise Conflict(f"nobody has case {case.case_no}", owner=None)
    if case.owner != actor.name and Capacity.SUPERVISOR not in actor.capacities:
        raise Forbidden(f"only {case.owner} or a supervisor releases it", owner=case.owner)
    data = {"owner": case.owner}
    free = replace(case, owner=None)
    return await change(work.by(actor.name), case, free, CaseEntryKind.CASE_RELEASED, data)


async def add_note(work: UnitOfWork, case_id: int, actor: Actor, text: str) -> Case:
    """Add a note to a case that the actor sees; the case stays as it is.

    Raises NotFound, and InvalidInput if nothing is said.
    """
    case = await lock_case(work.db, case_id)
    if not text.strip():
        raise InvalidInput("write something: `text` is empty", field="text")
    await note(work.by(actor.name), case, CaseEntryKind.NOTE_ADDED, {"text": text.strip()})
    return case
