"""Conditions for a transition. Each returns None, or a sentence that says what is missing."""

from datetime import datetime

from hub.accounts.account import Role
from hub.cases.actor import Capacity
from hub.cases.case import CLOCK_RUNS, REOPENS_WITHIN, Case, Event, Satisfaction, State
from hub.cases.moves import CaseMove
from hub.cases.requests import ApprovalKind
from hub.catalogue import Severity
from hub.clock import local_date
from hub.deadlines import Limit, LimitType, Policy, WorkCalendar, due_at

MAX_BOUNCES = 2
MAX_EXTENSIONS = 2
CALLBACK_ATTEMPTS = 3
EVENT_OF = {
    ApprovalKind.EXTENSION: Event.EXTEND,
    ApprovalKind.SUSPENSION: Event.SUSPEND,
    ApprovalKind.APPEAL: Event.APPEAL,
    ApprovalKind.VOID: Event.VOID,
}
"""The event that grants a request."""
_FITTING = {
    Event.SATISFIED: (None, Satisfaction.SATISFIED, Satisfaction.MOSTLY),
    Event.NOT_SATISFIED: (None, Satisfaction.NOT),
    Event.UNREACHABLE: (None, Satisfaction.NO_ANSWER),
}
_ONE_WORKDAY = Limit(LimitType.WORK_DAY, 1)


def reason_given(move: CaseMove) -> str | None:
    return None if _said(move.payload.reason) else "say why: `reason` is missing"


def text_given(move: CaseMove) -> str | None:
    return None if _said(move.payload.text) else "say what was done: `text` is missing"


def person_and_plan(move: CaseMove) -> str | None:
    if move.actor.role is None or (_said(move.payload.person) and _said(move.payload.plan)):
        return None
    return "name who will handle it and how: `person` and `plan` are needed"


def owner_is_clear(move: CaseMove) -> str | None:
    if move.facts.routing is not None and move.facts.routing.lead_unit is not None:
        return None
    return "no unit is clearly responsible; choose a unit (`unit_key`) or refer to a joint study"


def unit_chosen(move: CaseMove) -> str | None:
    return None if move.payload.unit_key else "name the unit that leads: `unit_key` is missing"


def units_are_known(move: CaseMove) -> str | None:
    unknown = ", ".join(move.facts.unknown_units)
    return f"these units are not registered: {unknown}" if unknown else None


def two_units_invited(move: CaseMove) -> str | None:
    if len(set(move.payload.units)) >= 2:
        return None
    return "invite two or more units to the study: `units`"


def supervisor_after_bounces(move: CaseMove) -> str | None:
    """After two returns only a supervisor decides who is responsible."""
    if move.case.bounces < MAX_BOUNCES or Capacity.SUPERVISOR in move.actor.capacities:
        return None
    return f"it was returned {move.case.bounces} times; a supervisor must decide"


def returns_left(move: CaseMove) -> str | None:
    if move.case.bounces < MAX_BOUNCES:
        return None
    return f"it was returned {move.case.bounces} times and a supervisor has decided"


def within_return_window(move: CaseMove) -> str | None:
    """A unit may return within its limit or one working day, whichever ends first."""
    until = returnable_until(move.case, move.facts.calendar)
    return None if move.now <= until else f"the time to return it ended at {until.isoformat()}"


def system_signs_late(move: CaseMove) -> str | None:
    """The system signs for a unit that let the window for returning pass."""
    until = returnable_until(move.case, move.facts.calendar)
    if move.actor.role is not None or move.now > until:
        return None
    return f"the unit may sign or return it until {until.isoformat()}"


def returnable_until(case: Case, calendar: WorkCalendar) -> datetime:
    """The end of the window in which the unit of a routed case may return it."""
    assert case.routed_at is not None
    assert case.due_at is not None
    workday = due_at(
        case.routed_at, _ONE_WORKDAY.type, _ONE_WORKDAY.value, Policy.ACCUMULATE, calendar
    )
    return min(case.due_at, workday.due_at)


def extensions_left(move: CaseMove) -> str | None:
    if move.case.extensions < MAX_EXTENSIONS:
        return None
    return f"it was extended {MAX_EXTENSIONS} times, the most that is allowed"


def not_overdue(move: CaseMove) -> str | None:
    case = move.case
    late = case.overdue_at is not None or (case.due_at is not None and move.now > case.due_at)
    return "it is overdue, and overdue cases are not extended" if late else None


def another_person_decides(move: CaseMove) -> str | None:
    """Nobody grants what they asked for."""
    for request in move.case.requests:
        if EVENT_OF[request.kind] is move.event and request.asked_by == move.actor.name:
            return "you asked for it; another person must decide"
    return None


def was_late(move: CaseMove) -> str | None:
    """It was flagged as overdue, or fed back after its deadline."""
    case = move.case
    fed_back_late = (
        case.feedback_at is not None and case.due_at is not None and case.feedback_at > case.due_at
    )
    if case.overdue_at is not None or fed_back_late or move.facts.was_overdue:
        return None
    return "it was never late; there is nothing to appeal"


def not_exempt(move: CaseMove) -> str | None:
    return "its lateness is exempt already" if move.case.exempt_at is not None else None


def past_due(move: CaseMove) -> str | None:
    late = move.case.due_at is not None and move.now > move.case.due_at
    return None if late else "its deadline has not passed"


def study_past_due(move: CaseMove) -> str | None:
    due = move.case.study_due_at
    return None if due is not None and move.now > due else "the time for the study has not passed"


def study_not_flagged_yet(move: CaseMove) -> str | None:
    return None if move.case.study_overdue_at is None else "the study is already flagged as overdue"


def not_flagged_yet(move: CaseMove) -> str | None:
    return None if move.case.overdue_at is None else "it is already flagged as overdue"


def flagged_overdue(move: CaseMove) -> str | None:
    return "it is not overdue" if move.case.overdue_at is None else None


def not_suspended(move: CaseMove) -> str | None:
    return "it is suspended; resume it first" if move.case.is_suspended else None


def is_suspended(move: CaseMove) -> str | None:
    return None if move.case.is_suspended else "it is not suspended"


def never_suspended(move: CaseMove) -> str | None:
    if move.case.suspended_at is None:
        return None
    return "it was suspended before; a case is suspended only once"


def ends_within_a_year(move: CaseMove) -> str | None:
    if is_within_a_year(move.payload.until, move.now):
        return None
    return "say until when, at most a year from now: `until`"


def is_within_a_year(until: datetime | None, now: datetime) -> bool:
    """Whether it is after now, and not after the local day of the same date of the next year."""
    if until is None or until <= now:
        return False
    today = local_date(now)
    is_leap_day = (today.month, today.day) == (2, 29)
    last = today.replace(year=today.year + 1, day=28 if is_leap_day else today.day)
    return local_date(until) <= last


def step_lies_ahead(move: CaseMove) -> str | None:
    """Only a later step is begun by the state of the site; an earlier one is done, or was skipped."""
    if move.facts.begun is not None:
        return None
    return "name a step that follows the running one: `step_key`"


def policy_lets_the_system_pass(move: CaseMove) -> str | None:
    """A person passes a repair, unless the catalogue lets the system, and severity and verdicts allow it."""
    if move.actor.role is not None:
        return None
    if move.case.severity is Severity.HIGH:
        return "a person passes the repair of a case of high severity"
    granted = move.facts.pass_grounds and move.facts.pass_grounds == move.payload.grounds
    return None if granted else "the policy of its condition doesn't let the system pass it"


def another_step_follows(move: CaseMove) -> str | None:
    if move.facts.next_limit is not None:
        return None
    return "no step follows the present one; feed back instead"


def last_step(move: CaseMove) -> str | None:
    """The repair is fed back when the last step of a staged limit is done."""
    if move.facts.next_limit is None:
        return None
    return "other steps follow the present one; report it as done instead: `step_done`"


def photos_have_arrived(move: CaseMove) -> str | None:
    if not move.payload.evidence:
        return "add at least one photo of the repair: `evidence`"
    for photo in move.facts.provenance:
        if not photo.arrived and photo.first_refusal is not None:
            return photo.first_refusal.detail
    return None


def provenance(move: CaseMove) -> str | None:
    """At least one photo passes all checks of its origin."""
    if any(photo.passed for photo in move.facts.provenance):
        return None
    refusals = (photo.first_refusal for photo in move.facts.provenance)
    details = [f"{refusal.name}: {refusal.detail}" for refusal in refusals if refusal is not None]
    return f"no photo is accepted; {'; '.join(details)}"


def supervisor_for_the_last_attempt(move: CaseMove) -> str | None:
    last = move.case.callback_attempts + 1 >= CALLBACK_ATTEMPTS
    if not last or move.actor.role is Role.SUPERVISOR:
        return None
    return f"a supervisor must confirm that nobody was reached in {CALLBACK_ATTEMPTS} attempts"


def satisfaction_fits(move: CaseMove) -> str | None:
    fitting = _FITTING[move.event]
    if move.payload.satisfaction in fitting:
        return None
    return f"with {move.event}, `satisfaction` is {' or '.join(each for each in fitting if each)}"


def supervisor_passes_a_redo(move: CaseMove) -> str | None:
    """After a person who was called back was not satisfied, a supervisor looks at the repair."""
    if not move.case.supervised or Capacity.SUPERVISOR in move.actor.capacities:
        return None
    return "the person who was called back was not satisfied; a supervisor must pass it"


def target_is_open(move: CaseMove) -> str | None:
    target = move.facts.target
    if target is None:
        return "name the case to merge into: `into`"
    if target.case_id == move.case.case_id:
        return "a case can't be merged into itself"
    if not target.is_open or target.state is State.JOINT_STUDY:
        return f"case {target.case_no} is {target.state}; choose one that is being worked on"
    if target.due_at is None and move.case.state in CLOCK_RUNS:
        return f"the clock of case {target.case_no} has not begun; merge that one into this one"
    return None


def second_person_voids_a_high_case(move: CaseMove) -> str | None:
    if move.case.void_asked_by == move.actor.name:
        return "a case of high severity is voided by two people; another person must confirm"
    return None


def void_is_asked_for(move: CaseMove) -> str | None:
    return None if move.case.void_asked_by else "nobody has asked to void it"


def graver(move: CaseMove) -> str | None:
    severity = move.facts.severity
    if severity is not None and severity.rank > move.case.severity.rank:
        return None
    return "the condition is not more severe than the present one"


def closed_lately(move: CaseMove) -> str | None:
    closed_at = move.case.closed_at
    if closed_at is not None and move.now - closed_at <= REOPENS_WITHIN:
        return None
    return f"it was closed more than {REOPENS_WITHIN.days} days ago; file a new case"


def no_newer_case(move: CaseMove) -> str | None:
    target = move.facts.target
    return None if target is None else f"the issue already has the open case {target.case_no}"


def _said(text: str | None) -> bool:
    return text is not None and text.strip() != ""
