"""The changes of a transition besides the state. `move.case` is in its new state already."""

from dataclasses import replace
from datetime import datetime

from hub.cases.case import CLOCK_RUNS, Case, Satisfaction, State
from hub.cases.guards import CALLBACK_ATTEMPTS
from hub.cases.moves import CaseMove
from hub.cases.requests import ApprovalKind, ApprovalRequest, approval_id_of, without
from hub.catalogue import Severity
from hub.deadlines import Deadline, Limit, LimitType, Policy, due_at, resumed_due_at

STUDY_LIMIT = Limit(LimitType.WORK_DAY, 1)
"""How long a joint study may take."""
LEAST_REWORK = Limit(LimitType.WORK_HOUR, 4)


def nothing(move: CaseMove) -> Case:
    return move.case


def route(move: CaseMove) -> Case:
    """Set units, reasons, version of the catalogue and clock.

    A unit that gets back a case it returned keeps its old clock.
    """
    routing, limit = move.facts.routing, move.facts.limit
    assert routing is not None
    assert limit is not None
    case = replace(
        move.case,
        lead_unit=routing.lead_unit,
        assist_units=routing.assist_units,
        territory_unit=routing.territory_unit,
        asset_id=move.case.asset_id or routing.asset_id,
        why=routing.why,
        person=None,
        plan=None,
        signed_at=None,
    )
    if case.due_at is not None and case.returned_from == routing.lead_unit:
        return case
    case = replace(case, catalogue_version=move.facts.catalogue_version or case.catalogue_version)
    return _started(
        move, replace(case, routed_at=move.now), limit, 0 if move.facts.staged else None
    )


def refer_study(move: CaseMove) -> Case:
    """Invite the units and start the clock of the study."""
    deadline = _due(move, move.now, STUDY_LIMIT)
    return replace(
        move.case,
        invited_units=tuple(dict.fromkeys(move.payload.units)),
        study_due_at=deadline.due_at,
        study_overdue_at=None,
        calendar_assumed=deadline.calendar_assumed,
    )


def flag_overdue_study(move: CaseMove) -> Case:
    return replace(move.case, study_overdue_at=move.now)


def sign(move: CaseMove) -> Case:
    payload = move.payload
    return replace(move.case, person=payload.person, plan=payload.plan, signed_at=move.now)


def take_back(move: CaseMove) -> Case:
    """The case keeps the clock of the unit, which counts again if the case goes back to this unit."""
    case = move.case
    return replace(
        case,
        bounces=case.bounces + 1,
        returned_from=case.lead_unit,
        lead_unit=None,
        dispatch_late_at=None,
    )


def extend(move: CaseMove) -> Case:
    """Add the original limit once more, from the deadline on; of steps, that of the running one."""
    case = move.case
    assert case.due_at is not None
    assert case.limit is not None
    deadline = _due(move, case.due_at, case.limit)
    return replace(
        case,
        extensions=case.extensions + 1,
        requests=without(case.requests, ApprovalKind.EXTENSION),
        due_at=deadline.due_at,
        calendar_assumed=case.calendar_assumed or deadline.calendar_assumed,
    )


def suspend(move: CaseMove) -> Case:
    return replace(
        move.case,
        suspended_at=move.now,
        suspended_until=move.payload.until,
        requests=without(move.case.requests, ApprovalKind.SUSPENSION),
    )


def resume(move: CaseMove) -> Case:
    """Move the deadline so that the time left is the same as when the case was suspended."""
    case = move.case
    assert case.due_at is not None
    assert case.limit_type is not None
    assert case.suspended_at is not None
    deadline = resumed_due_at(
        case.limit_type, case.suspended_at, case.due_at, move.now, move.facts.calendar
    )
    return replace(
        case,
        suspended_until=None,
        due_at=max(deadline.due_at, case.due_at),
        calendar_assumed=case.calendar_assumed or deadline.calendar_assumed,
    )


def finish_step(move: CaseMove) -> Case:
    """The next step runs, with its own limit."""
    case, limit = move.case, move.facts.next_limit
    assert limit is not None
    assert case.step is not None
    return _started(move, case, limit, case.step + 1)


def begin_step(move: CaseMove) -> Case:
    """A later step runs, with its own limit."""
    begun = move.facts.begun
    assert begun is not None
    return _started(move, move.case, begun.limit, begun.index)


def appeal(move: CaseMove) -> Case:
    """The lateness up to now does not count; the flag stays."""
    case = move.case
    return replace(case, exempt_at=move.now, requests=without(case.requests, ApprovalKind.APPEAL))


def feed_back(move: CaseMove) -> Case:
    return replace(move.case, feedback_at=move.now)


def close_or_call_back(move: CaseMove) -> Case:
    if move.case.callback_required:
        return replace(move.case, state=State.CALLBACK)
    return close(move)


def close(move: CaseMove) -> Case:
    return replace(move.case, state=State.CLOSED, closed_at=move.now)


def satisfied(move: CaseMove) -> Case:
    case = replace(
        move.case,
        callback_attempts=move.case.callback_attempts + 1,
        satisfaction=move.payload.satisfaction or Satisfaction.SATISFIED,
    )
    return close(replace(move, case=case))


def redo(move: CaseMove) -> Case:
    """Rework that a supervisor looks at."""
    return replace(rework(move), supervised=True, satisfaction=Satisfaction.NOT)


def rework(move: CaseMove) -> Case:
    """Give half the limit again, at least four working hours; an existing later deadline stays.

    Of steps, the limit is that of the running one, which is the last.
    """
    case = move.case
    assert case.due_at is not None
    assert case.limit is not None
    half = _due(move, move.now, Limit(case.limit.type, case.limit.value / 2))
    least = _due(move, move.now, LEAST_REWORK)
    return replace(
        case,
        rework=case.rework + 1,
        feedback_at=None,
        callback_attempts=0,
        due_at=max(half.due_at, least.due_at, case.due_at),
        calendar_assumed=case.calendar_assumed or least.calendar_assumed or half.calendar_assumed,
        overdue_at=None,
    )


def attempt(move: CaseMove) -> Case:
    """Count an attempt that reached nobody; the third one closes the case."""
    case = replace(
        move.case,
        callback_attempts=move.case.callback_attempts + 1,
        satisfaction=Satisfaction.NO_ANSWER,
    )
    if case.callback_attempts >= CALLBACK_ATTEMPTS:
        return replace(case, state=State.CLOSED, closed_at=move.now)
    return case


def flag_overdue(move: CaseMove) -> Case:
    """An appeal that was granted before does not exempt this lateness."""
    return replace(move.case, overdue_at=move.now, exempt_at=None)


def escalate(move: CaseMove) -> Case:
    """The graver condition, and its limit if that ends earlier; its steps begin with the first."""
    case, limit = move.case, move.facts.limit
    assert limit is not None
    assert move.facts.severity is not None
    case = replace(
        case, severity=move.facts.severity, cond_key=move.payload.cond_key or case.cond_key
    )
    if case.state not in CLOCK_RUNS or case.due_at is None:
        return replace(case, step=None, step_at=None)
    started = _started(move, case, limit, 0 if move.facts.staged else None)
    if started.due_at is not None and started.due_at < case.due_at:
        return replace(started, overdue_at=case.overdue_at)
    return replace(case, step=started.step, step_at=started.step_at)


def merge(move: CaseMove) -> Case:
    assert move.facts.target is not None
    return replace(move.case, merged_into=move.facts.target.case_id)


def void(move: CaseMove) -> Case:
    """A case of high severity keeps its state until a second person confirms."""
    case = move.case
    if case.severity is not Severity.HIGH or case.void_asked_by is not None:
        return replace(case, state=State.VOID, requests=without(case.requests, ApprovalKind.VOID))
    request = ApprovalRequest(
        approval_id=approval_id_of(case.case_id, case.version),
        kind=ApprovalKind.VOID,
        asked_by=move.actor.name,
        asked_at=move.now,
        reason=move.payload.reason or "",
    )
    return replace(case, void_asked_by=move.actor.name, requests=(*case.requests, request))


def keep(move: CaseMove) -> Case:
    """The request to void the case is declined, or taken back by the person who made it."""
    case = move.case
    return replace(case, void_asked_by=None, requests=without(case.requests, ApprovalKind.VOID))


def reopen(move: CaseMove) -> Case:
    """Start again as a new case that keeps its number, history and place."""
    return replace(
        move.case,
        lead_unit=None,
        due_at=None,
        returned_from=None,
        overdue_at=None,
        extensions=0,
        suspended_at=None,
        suspended_until=None,
        feedback_at=None,
        closed_at=None,
        void_asked_by=None,
        bounces=0,
        callback_attempts=0,
        step=None,
        step_at=None,
        owner=None,
        exempt_at=None,
        satisfaction=None,
        supervised=False,
        requests=(),
        dispatch_late_at=None,
    )


def _started(move: CaseMove, case: Case, limit: Limit, step: int | None) -> Case:
    """The case with a clock that starts now."""
    deadline = _due(move, move.now, limit)
    return replace(
        case,
        limit_type=limit.type,
        limit_value=limit.value,
        policy=limit.policy,
        due_at=deadline.due_at,
        calendar_assumed=deadline.calendar_assumed,
        overdue_at=None,
        step=step,
        step_at=None if step is None else move.now,
    )


def _due(move: CaseMove, start: datetime, limit: Limit) -> Deadline:
    policy = limit.policy if limit.value == int(limit.value) else Policy.ACCUMULATE
    return due_at(start, limit.type, limit.value, policy, move.facts.calendar)
