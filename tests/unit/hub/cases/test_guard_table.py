"""Every guard of every row of the table: it alone keeps the move back, for each role that may try."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from hub.cases import guards
from hub.cases.case import Event, Satisfaction, State
from hub.cases.moves import CaseMove, Payload
from hub.cases.provenance import Check, Provenance
from hub.cases.requests import ApprovalRequest
from hub.cases.transitions import TRANSITIONS, Guard, Transition, decide
from hub.catalogue import Severity
from hub.deadlines import Limit, LimitType
from hub.errors import GuardRefused
from tests.unit.hub.cases.test_transitions import (
    LATER,
    NOW,
    ROLES,
    ROUTING,
    SYSTEM_SIGNS_AT,
    actor_of,
    case_in,
    move,
)

Breaker = Callable[[CaseMove], CaseMove]


def said(**fields: object) -> Breaker:
    return lambda wanted: replace(wanted, payload=replace(wanted.payload, **fields))


def case(**columns: object) -> Breaker:
    return lambda wanted: replace(wanted, case=replace(wanted.case, **columns))


def known(**fields: object) -> Breaker:
    return lambda wanted: replace(wanted, facts=replace(wanted.facts, **fields))


def at(instant: object) -> Breaker:
    return lambda wanted: replace(wanted, now=instant)


def asked_by_oneself(wanted: CaseMove) -> CaseMove:
    kind = next(kind for kind, event in guards.EVENT_OF.items() if event is wanted.event)
    own = ApprovalRequest("7-2", kind, wanted.actor.name, NOW, "because")
    return case(requests=(own,))(wanted)


def voided_by_oneself(wanted: CaseMove) -> CaseMove:
    return case(severity=Severity.HIGH, void_asked_by=wanted.actor.name)(wanted)


def not_late(wanted: CaseMove) -> CaseMove:
    return case(due_at=LATER + timedelta(days=1), study_due_at=LATER + timedelta(days=1))(wanted)


FAR = Provenance("a" * 64, (Check("arrived", True, ""), Check("within_reach", False, "far")))
BREAKERS: dict[Guard, Breaker] = {
    guards.reason_given: said(reason=" "),
    guards.text_given: said(text=None),
    guards.person_and_plan: said(plan=None),
    guards.owner_is_clear: known(routing=replace(ROUTING, lead_unit=None)),
    guards.unit_chosen: said(unit_key=None),
    guards.units_are_known: known(unknown_units=("nobody",)),
    guards.two_units_invited: said(units=("one", "one")),
    guards.supervisor_after_bounces: case(bounces=2),
    guards.returns_left: case(bounces=2),
    guards.within_return_window: at(SYSTEM_SIGNS_AT),
    guards.system_signs_late: at(LATER),
    guards.extensions_left: case(extensions=2),
    guards.not_overdue: case(overdue_at=NOW),
    guards.another_person_decides: asked_by_oneself,
    guards.was_late: case(overdue_at=None),
    guards.not_exempt: case(exempt_at=NOW),
    guards.past_due: not_late,
    guards.study_past_due: not_late,
    guards.study_not_flagged_yet: case(study_overdue_at=NOW),
    guards.not_flagged_yet: case(overdue_at=NOW),
    guards.flagged_overdue: case(overdue_at=None),
    guards.not_suspended: case(suspended_at=NOW, suspended_until=LATER + timedelta(days=1)),
    guards.is_suspended: case(suspended_until=None),
    guards.never_suspended: case(suspended_at=NOW),
    guards.ends_within_a_year: said(until=LATER + timedelta(days=367)),
    guards.step_lies_ahead: known(begun=None),
    guards.policy_lets_the_system_pass: known(pass_grounds=()),
    guards.another_step_follows: known(next_limit=None),
    guards.last_step: known(next_limit=Limit(LimitType.URGENT_HOUR, 8)),
    guards.photos_have_arrived: said(evidence=()),
    guards.provenance: known(provenance=(FAR,)),
    guards.supervisor_for_the_last_attempt: case(callback_attempts=2),
    guards.supervisor_passes_a_redo: case(supervised=True),
    guards.target_is_open: known(target=None),
    guards.second_person_voids_a_high_case: voided_by_oneself,
    guards.void_is_asked_for: case(void_asked_by=None),
    guards.graver: known(severity=Severity.LOW),
    guards.closed_lately: at(NOW + timedelta(days=8)),
    guards.no_newer_case: known(target=case_in(State.ROUTED, case_id=9)),
}
UNFITTING = {
    Event.SATISFIED: Satisfaction.NOT,
    Event.NOT_SATISFIED: Satisfaction.SATISFIED,
    Event.UNREACHABLE: Satisfaction.MOSTLY,
}


def broken(wanted: CaseMove, guard: Guard) -> CaseMove:
    if guard is guards.satisfaction_fits:
        return said(satisfaction=UNFITTING[wanted.event])(wanted)
    return BREAKERS[guard](wanted)


def attempts() -> list[tuple[Transition, Guard, object]]:
    """Each guard of each row with each role that the row admits; None is the system."""
    return [
        (row, guard, role)
        for row in TRANSITIONS.values()
        for guard in row.guards
        for role in ROLES
        if row.by & actor_of(role).capacities and not _lets_through(guard, role)
    ]


def _lets_through(guard: Guard, role: object) -> bool:
    """Guards that ask who it is let some roles through whatever the case is like."""
    if guard is guards.person_and_plan:
        return role is None
    if guard in (guards.system_signs_late, guards.policy_lets_the_system_pass):
        return role is not None
    for_supervisors = (
        guards.supervisor_after_bounces,
        guards.supervisor_passes_a_redo,
        guards.supervisor_for_the_last_attempt,
    )
    return guard in for_supervisors and role == "supervisor"


@pytest.mark.parametrize(
    ("row", "guard", "role"),
    attempts(),
    ids=lambda each: (
        f"{each.source}-{each.event}"
        if isinstance(each, Transition)
        else getattr(each, "__name__", str(each))
    ),
)
def test_each_guard_alone_keeps_its_move_back(row, guard, role):
    wanted = move(row.source, row.event, actor_of(role))
    assert decide(wanted).state in row.targets

    with pytest.raises(GuardRefused) as caught:
        decide(broken(wanted, guard))
    assert caught.value.facts["guard"] == guard.__name__
    assert caught.value.detail


def test_every_guard_stands_in_the_table():
    used = {guard for row in TRANSITIONS.values() for guard in row.guards}
    assert used == set(BREAKERS) | {guards.satisfaction_fits}


def test_a_move_with_nothing_said_never_gets_past_a_guard_that_asks_for_words():
    for row in TRANSITIONS.values():
        if row.source is None or guards.reason_given not in row.guards:
            continue
        role = next(role for role in ROLES if row.by & actor_of(role).capacities)
        silent = replace(move(row.source, row.event, actor_of(role)), payload=Payload())
        with pytest.raises(GuardRefused):
            decide(silent)


@pytest.mark.parametrize(
    ("now", "until", "within"),
    [
        ("2025-08-07T15:19", "2025-08-07T15:19", False),
        ("2025-08-07T15:19", "2025-08-07T15:20", True),
        ("2025-08-07T15:19", "2026-08-07T18:00", True),
        ("2025-08-07T15:19", "2026-08-08T00:00", False),
        ("2027-08-07T15:19", "2028-08-07T15:19", True),
        ("2028-02-29T10:00", "2029-02-28T10:00", True),
        ("2028-02-29T10:00", "2029-03-01T10:00", False),
    ],
)
def test_a_suspension_ends_by_the_same_date_of_the_next_year(now, until, within):
    first, last = (datetime.fromisoformat(f"{text}+08:00") for text in (now, until))
    assert guards.is_within_a_year(last, first) is within
