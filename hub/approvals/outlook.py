"""What granting a request would do to its case. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from hub.accounts.account import Role
from hub.cases.actor import Actor
from hub.cases.case import Case, Event, State
from hub.cases.guards import EVENT_OF
from hub.cases.moves import CaseMove, MoveFacts, Payload
from hub.cases.requests import ApprovalKind, ApprovalRequest
from hub.cases.transitions import decide
from hub.errors import GuardRefused, IllegalTransition

_SOMEBODY = Actor("user:", Role.SUPERVISOR)
"""Whoever decides; the guards that ask who it is look at the name."""
_CLOCK = Actor.system("clock")


@dataclass(frozen=True, slots=True)
class Outlook:
    """The case as it would be, or why the request can't be granted now.

    `due_at` is the new deadline; of a suspension that of the case when it resumes. `guard` names the
    condition that is not met, if one is not.
    """

    state: State
    due_at: datetime | None
    exempt: bool
    blocked: str | None = None
    guard: str | None = None


def outlook_of(case: Case, request: ApprovalRequest, facts: MoveFacts, now: datetime) -> Outlook:
    """What granting the request now would do."""
    payload = Payload(reason=request.reason or "-", until=request.until)
    move = CaseMove(case, EVENT_OF[request.kind], _SOMEBODY, payload, facts, now)
    try:
        after = decide(move)
    except GuardRefused as refusal:
        return _blocked(case, refusal.detail, str(refusal.facts["guard"]))
    except IllegalTransition as refusal:
        return _blocked(case, refusal.detail, None)
    if request.kind is ApprovalKind.SUSPENSION and request.until is not None:
        resume = CaseMove(after, Event.RESUME, _CLOCK, Payload(), facts, request.until)
        after = replace(after, due_at=decide(resume).due_at)
    return Outlook(after.state, after.due_at, after.exempt_at is not None)


def _blocked(case: Case, detail: str, guard: str | None) -> Outlook:
    return Outlook(case.state, case.due_at, case.exempt_at is not None, detail, guard)
