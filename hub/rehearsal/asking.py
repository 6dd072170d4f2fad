"""What units ask of the supervisor, and how it is decided."""

from random import Random

from hub.approvals import commands as approvals
from hub.cases.actor import Actor
from hub.cases.case import Case
from hub.cases.requests import ApprovalKind
from hub.journal.unit_of_work import UnitOfWork
from hub.rehearsal.cast import SUPERVISOR

_CHIEF = Actor.of(SUPERVISOR)
_GRANTS = {ApprovalKind.EXTENSION: 0.75, ApprovalKind.APPEAL: 0.4}
"""The share of requests that is granted."""


async def ask_for_more_time(work: UnitOfWork, case: Case, unit: Actor) -> None:
    reason = "备件需厂家发货，申请延期"
    await approvals.ask(work, case.case_id, ApprovalKind.EXTENSION, unit, reason=reason)


async def appeal(work: UnitOfWork, case: Case, unit: Actor) -> None:
    reason = "连续暴雨无法施工，申请免责"
    await approvals.ask(work, case.case_id, ApprovalKind.APPEAL, unit, reason=reason)


async def decide(work: UnitOfWork, case: Case, rng: Random) -> None:
    """The supervisor decides what has been asked for in a case."""
    for request in case.requests:
        too_late = request.kind is ApprovalKind.EXTENSION and _is_late(work, case)
        if rng.random() < _GRANTS.get(request.kind, 0.5) and not too_late:
            await approvals.grant(work, request.approval_id, _CHIEF)
        else:
            reason = "理由不充分，不予同意"
            await approvals.refuse(work, request.approval_id, _CHIEF, reason=reason)


def _is_late(work: UnitOfWork, case: Case) -> bool:
    return case.overdue_at is not None or (case.due_at is not None and case.due_at <= work.now)
