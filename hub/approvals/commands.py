"""Ask for what a second person decides, decide about it, and take it back."""

from dataclasses import replace
from datetime import datetime

from hub.approvals.outlook import outlook_of
from hub.cases.actor import Actor, Capacity
from hub.cases.case import Case, Event
from hub.cases.facts import gather_facts
from hub.cases.guards import EVENT_OF, is_within_a_year
from hub.cases.moves import Payload
from hub.cases.moving import change, require_version, transition
from hub.cases.record import CaseEntryKind, facts_of
from hub.cases.requests import ApprovalKind, ApprovalRequest, approval_id_of, without
from hub.cases.store import lock_case
from hub.cases.transitions import find
from hub.catalogue import Severity
from hub.errors import Conflict, Forbidden, GuardRefused, InvalidInput, NotFound
from hub.journal.unit_of_work import UnitOfWork


async def ask(
    work: UnitOfWork,
    case_id: int,
    kind: ApprovalKind,
    actor: Actor,
    *,
    reason: str,
    until: datetime | None = None,
    version: int | None = None,
) -> Case:
    """Ask for a decision. The unit that leads asks, but voiding is asked for by an operator.

    Raises NotFound, Forbidden, InvalidInput without a reason, Conflict if it was asked already or the
    case has changed since `version`, and IllegalTransition or GuardRefused if it couldn't be granted.
    """
    case = await lock_case(work.db, case_id)
    require_version(case, version)
    permit_asking(case, kind, actor)
    if not reason.strip():
        raise InvalidInput("say why: `reason` is missing", field="reason")
    if case.request(kind) is not None or (kind is ApprovalKind.VOID and case.void_asked_by):
        raise Conflict(f"the {kind} of case {case.case_no} is asked for already", approval=kind)
    if kind is ApprovalKind.VOID:
        return await _ask_to_void(work, case, actor, reason)
    request = ApprovalRequest(
        approval_id_of(case_id, case.version + 1), kind, actor.name, work.now, reason, until
    )
    await _require_grantable(work, case, request)
    asked = replace(case, requests=(*case.requests, request))
    data = facts_of(request) | ({"until": until.isoformat()} if until else {})
    return await change(
        work.by(actor.name), case, asked, CaseEntryKind.APPROVAL_ASKED, data, reason=reason
    )


async def grant(
    work: UnitOfWork,
    approval_id: str,
    actor: Actor,
    *,
    reason: str | None = None,
    until: datetime | None = None,
) -> Case:
    """Grant a request: the transition that it asks for. `until` may change the end of a suspension.

    Raises NotFound, and what `transition` raises.
    """
    case, request = await _waiting(work, approval_id)
    if request.asked_by == actor.name:
        raise GuardRefused(
            "you asked for it; another person must decide", guard="another_person_decides"
        )
    return await transition(
        work,
        case.case_id,
        EVENT_OF[request.kind],
        actor=actor,
        reason=reason or request.reason,
        until=until or request.until,
    )


async def refuse(work: UnitOfWork, approval_id: str, actor: Actor, *, reason: str) -> Case:
    """Refuse a request. Raises NotFound, Forbidden, GuardRefused, and InvalidInput without a reason."""
    case, request = await _waiting(work, approval_id)
    row = find(case.state, EVENT_OF[request.kind])
    if not row.by & actor.capacities:
        raise Forbidden(
            f"the {request.kind} is decided by {' or '.join(sorted(row.by))}", actor=actor.name
        )
    if request.asked_by == actor.name:
        raise GuardRefused(
            "you asked for it; withdraw it, or let another person decide",
            guard="another_person_decides",
        )
    if not reason.strip():
        raise InvalidInput("say why: `reason` is missing", field="reason")
    return await _end(work, case, request, actor, CaseEntryKind.APPROVAL_REFUSED, reason)


async def withdraw(
    work: UnitOfWork, approval_id: str, actor: Actor, *, reason: str | None = None
) -> Case:
    """Take back a request of one's own. Raises NotFound, and Forbidden for one of somebody else."""
    case, request = await _waiting(work, approval_id)
    if request.asked_by != actor.name:
        raise Forbidden(f"only {request.asked_by} may withdraw it", asked_by=request.asked_by)
    return await _end(work, case, request, actor, CaseEntryKind.APPROVAL_WITHDRAWN, reason)


def permit_asking(case: Case, kind: ApprovalKind, actor: Actor) -> None:
    """Raises Forbidden unless the actor may ask for it in this case."""
    if kind is ApprovalKind.VOID:
        if Capacity.OPERATOR not in actor.capacities:
            raise Forbidden("only an operator asks to void a case", actor=actor.name)
    elif actor.unit_key is None or Capacity.UNIT not in actor.capacities:
        raise Forbidden(f"only the unit that leads asks for {kind}", actor=actor.name)
    elif actor.unit_key != case.lead_unit:
        raise Forbidden(
            f"only the unit that leads, {case.lead_unit}, asks for {kind}", actor=actor.name
        )


async def _ask_to_void(work: UnitOfWork, case: Case, actor: Actor, reason: str) -> Case:
    find(case.state, Event.VOID)
    if case.severity is not Severity.HIGH:
        raise GuardRefused(
            f"a case of severity {case.severity} is voided by one person: cause `void`",
            guard="severity_is_high",
        )
    return await transition(work, case.case_id, Event.VOID, actor=actor, reason=reason)


async def _require_grantable(work: UnitOfWork, case: Case, request: ApprovalRequest) -> None:
    event = EVENT_OF[request.kind]
    find(case.state, event)
    if request.kind is ApprovalKind.SUSPENSION:
        _require_end(request.until, work.now)
    payload = Payload(reason=request.reason, until=request.until)
    actor = Actor(request.asked_by, None)
    facts = await gather_facts(work.db, case, event, payload, actor, work.now)
    outlook = outlook_of(case, request, facts, work.now)
    if outlook.blocked is not None:
        raise GuardRefused(outlook.blocked, guard=outlook.guard, case_no=case.case_no)


def _require_end(until: datetime | None, now: datetime) -> None:
    if not is_within_a_year(until, now):
        raise GuardRefused(
            "say until when, at most a year from now: `until`", guard="ends_within_a_year"
        )


async def _waiting(work: UnitOfWork, approval_id: str) -> tuple[Case, ApprovalRequest]:
    """The locked case and its request. Raises NotFound for one that no longer waits."""
    case_id, _, version = approval_id.partition("-")
    if not (case_id.isdecimal() and version.isdecimal()):
        raise NotFound(f"there is no request {approval_id}", approval_id=approval_id)
    case = await lock_case(work.db, int(case_id))
    for request in case.requests:
        if request.approval_id == approval_id:
            return case, request
    raise NotFound(
        f"request {approval_id} does not wait; it was decided, withdrawn, or the case moved on",
        approval_id=approval_id,
    )


async def _end(
    work: UnitOfWork,
    case: Case,
    request: ApprovalRequest,
    actor: Actor,
    kind: CaseEntryKind,
    reason: str | None,
) -> Case:
    ended = replace(case, requests=without(case.requests, request.kind))
    if request.kind is ApprovalKind.VOID:
        ended = replace(ended, void_asked_by=None)
    return await change(work.by(actor.name), case, ended, kind, facts_of(request), reason=reason)
