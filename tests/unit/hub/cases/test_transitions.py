"""The table of transitions: every state with every event and every role, and its guards."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.accounts.account import Role
from hub.cases import diagram, guards
from hub.cases.actor import Actor, Capacity
from hub.cases.case import OPEN, Case, Event, Satisfaction, State
from hub.cases.moves import BegunStep, CaseMove, MoveFacts, Payload
from hub.cases.provenance import Check, Provenance
from hub.cases.record import BrokenRecord, replay, replay_case, transition_entry
from hub.cases.requests import ApprovalKind, ApprovalRequest
from hub.cases.transitions import TRANSITIONS, allowed_events, decide
from hub.catalogue import Routing, Severity
from hub.deadlines import Limit, LimitType, Policy, WorkCalendar
from hub.errors import Forbidden, GuardRefused, IllegalTransition
from hub.journal import Entry

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
UNIT = "housing_bureau"
MIGRATION = Path(__file__).parents[4] / "hub" / "db" / "migrations" / "0004_cases.sql"
ROLES = (*Role, None)
LIMIT = Limit(LimitType.WORK_DAY, 2)
ROUTING = Routing(UNIT, (), "village_001", "A-0172", ())


def actor_of(role: Role | None, unit: str | None = UNIT) -> Actor:
    return Actor(f"user:{role}" if role else "system:test", role, unit if role else None)


def case_in(state: State, **columns: object) -> Case:
    """A case as it might stand in a state."""
    case = Case(
        case_id=7,
        case_no="530303-20250807-0001",
        version=3,
        state=state,
        item_key="manhole_cover",
        cond_key="broken",
        catalogue_version=1,
        severity=Severity.MID,
        lon=103.82,
        lat=25.6,
        error_m=5,
        asset_id=None,
        dedup_key="k",
        occurred_at=NOW,
        last_seen_at=NOW,
        filed_at=NOW,
        filed_by="system:test",
        text="",
        callback_required=False,
    )
    if state not in (State.FILED, State.JOINT_STUDY, State.REOPENED):
        case = replace(
            case,
            lead_unit=UNIT,
            routed_at=NOW,
            due_at=NOW + timedelta(days=4),
            limit_type=LIMIT.type,
            limit_value=LIMIT.value,
            policy=LIMIT.policy,
        )
    if state is State.CLOSED:
        case = replace(case, closed_at=NOW)
    return replace(case, **columns)


SAID = Payload(
    reason="because",
    person="a person",
    plan="a plan",
    text="done",
    evidence=("a" * 64,),
    unit_key=UNIT,
    units=(UNIT, "power_supply"),
    until=LATER + timedelta(days=3),
    into=8,
    cond_key="missing_or_hazard",
    grounds=("model_fixed",),
)


def facts(**given: object) -> MoveFacts:
    passed = Provenance("a" * 64, (Check("arrived", True, ""),))
    everything = {
        "calendar": WorkCalendar(),
        "routing": ROUTING,
        "limit": Limit(LimitType.URGENT_HOUR, 2),
        "severity": Severity.HIGH,
        "target": case_in(State.ROUTED, case_id=8),
        "provenance": (passed,),
    }
    return MoveFacts(**(everything | given))


READY = {
    Event.RESUME: {"suspended_at": NOW, "suspended_until": LATER},
    Event.OVERDUE: {"due_at": NOW, "study_due_at": NOW},
    Event.EXPLAIN: {"overdue_at": NOW},
    Event.KEEP: {"void_asked_by": "user:somebody"},
    Event.APPEAL: {"overdue_at": NOW},
    Event.STEP_DONE: {"step": 0, "step_at": NOW},
    Event.BEGIN_STEP: {"step": 0, "step_at": NOW},
    Event.PASS: {"severity": Severity.MID},
}
GIVEN: dict[Event, dict[str, object]] = {
    Event.RECUR: {"target": None},
    Event.STEP_DONE: {"next_limit": Limit(LimitType.URGENT_HOUR, 8)},
    Event.BEGIN_STEP: {"begun": BegunStep(2, Limit(LimitType.URGENT_HOUR, 8))},
    Event.PASS: {"pass_grounds": ("model_fixed",)},
}
SYSTEM_SIGNS_AT = datetime(2025, 8, 8, 7, 20, tzinfo=UTC)


def move(state: State, event: Event, actor: Actor, **columns: object) -> CaseMove:
    case = case_in(state, **(READY.get(event, {}) | columns))
    given = GIVEN.get(event, {})
    at = SYSTEM_SIGNS_AT if (event, actor.role) == (Event.SIGN, None) else LATER
    return CaseMove(case, event, actor, SAID, facts(**given), at)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("state", State)
def test_every_state_event_and_role_does_what_the_table_says(state, event, role):
    row = TRANSITIONS.get((state, event))
    wanted = move(state, event, actor_of(role))

    if row is None:
        with pytest.raises(IllegalTransition):
            decide(wanted)
    elif not row.by & wanted.actor.capacities:
        with pytest.raises(Forbidden):
            decide(wanted)
    else:
        after = decide(wanted)
        assert after.state in row.targets
        assert after.version == wanted.case.version + 1
        assert event in allowed_events(wanted.case, wanted.actor)


EXPECTED = {
    State.FILED: "route refer_study void merge keep escalate",
    State.JOINT_STUDY: "rule overdue void merge keep escalate",
    State.ROUTED: "sign return begin_step overdue explain appeal void merge keep escalate",
    State.HANDLING: (
        "extend suspend resume step_done begin_step feedback overdue explain appeal void merge keep"
        " escalate"
    ),
    State.FEEDBACK: "check appeal merge keep escalate",
    State.VERIFYING: "pass fail appeal merge keep escalate",
    State.CALLBACK: "satisfied not_satisfied unreachable appeal merge keep escalate",
    State.CLOSED: "recur appeal",
    State.MERGED: "",
    State.VOID: "",
    State.REOPENED: "route refer_study merge keep escalate",
}


@pytest.mark.parametrize("state", State)
def test_a_state_has_exactly_its_events(state):
    assert {event for source, event in TRANSITIONS if source is state} == set(
        EXPECTED[state].split()
    )


def test_the_database_allows_exactly_the_states_of_the_enum():
    text = MIGRATION.read_text(encoding="utf-8")
    constraint = re.search(r"state text NOT NULL CHECK \(state IN \(([^)]*)\)\)", text)

    assert set(re.findall(r"'(\w+)'", constraint.group(1))) == {str(state) for state in State}


def test_the_database_calls_the_same_states_open():
    text = MIGRATION.read_text(encoding="utf-8")
    ended = re.search(r"one_open_case ON cases.*?NOT IN \(([^)]*)\)", text, re.DOTALL)

    assert set(re.findall(r"'(\w+)'", ended.group(1))) == {str(s) for s in State if s not in OPEN}


def test_the_page_of_case_states_is_what_the_table_gives():
    assert diagram.PAGE.read_text(encoding="utf-8") == diagram.page()


@pytest.mark.parametrize("event", [Event.SIGN, Event.RETURN])
def test_another_unit_may_not_act_for_the_one_that_leads(event):
    stranger = actor_of(Role.UNIT_HANDLER, "power_supply")

    with pytest.raises(Forbidden):
        decide(move(State.ROUTED, event, stranger))
    assert allowed_events(case_in(State.ROUTED), stranger) == ()


@pytest.mark.parametrize("state", State)
def test_the_allowed_events_never_raise_illegal_or_forbidden(state):
    for role in ROLES:
        for event in allowed_events(case_in(state), actor_of(role)):
            decide(move(state, event, actor_of(role)))


def refused(guard, state, event, role, *, said=SAID, given=None, at=LATER, **columns):
    """Assert that exactly this guard refuses."""
    wanted = move(state, event, actor_of(role), **columns)
    wanted = replace(wanted, payload=said, now=at, facts=facts(**(given or {})))
    with pytest.raises(GuardRefused) as caught:
        decide(wanted)
    assert caught.value.facts["guard"] == guard.__name__


SUPERVISOR, HANDLER, DISPATCHER = Role.SUPERVISOR, Role.UNIT_HANDLER, Role.DISPATCHER


def test_what_must_be_said_is_asked_for():
    silent = Payload()
    blank = replace(SAID, reason="  ", text=" ", person="")
    for said in (silent, blank):
        refused(guards.person_and_plan, State.ROUTED, Event.SIGN, HANDLER, said=said)
        refused(guards.reason_given, State.ROUTED, Event.RETURN, HANDLER, said=said)
        refused(guards.reason_given, State.VERIFYING, Event.FAIL, DISPATCHER, said=said)
        refused(guards.reason_given, State.FILED, Event.VOID, DISPATCHER, said=said)
        refused(guards.text_given, State.HANDLING, Event.FEEDBACK, HANDLER, said=said)


def test_an_unclear_owner_is_not_routed():
    unclear = {"routing": replace(ROUTING, lead_unit=None)}

    refused(guards.owner_is_clear, State.FILED, Event.ROUTE, DISPATCHER, given=unclear)


def test_a_joint_study_needs_two_known_units():
    one = replace(SAID, units=(UNIT, UNIT))
    refused(guards.two_units_invited, State.FILED, Event.REFER_STUDY, DISPATCHER, said=one)
    given = {"unknown_units": ("nobody",)}
    refused(guards.units_are_known, State.FILED, Event.REFER_STUDY, DISPATCHER, given=given)


def test_a_joint_study_has_a_clock_of_its_own_of_one_working_day():
    studied = decide(move(State.FILED, Event.REFER_STUDY, actor_of(DISPATCHER)))
    assert studied.invited_units == (UNIT, "power_supply")
    assert studied.study_due_at == datetime(2025, 8, 8, 8, 19, tzinfo=UTC)
    assert studied.due_at is None

    late = move(State.JOINT_STUDY, Event.OVERDUE, actor_of(None), study_due_at=NOW)
    flagged = decide(late)
    assert (flagged.study_overdue_at, flagged.overdue_at) == (LATER, None)
    ruled = decide(
        CaseMove(flagged, Event.RULE, actor_of(DISPATCHER), SAID, facts(routing=ROUTING), LATER)
    )
    assert (ruled.study_overdue_at, ruled.overdue_at) == (LATER, None)


def test_a_study_is_flagged_once_and_not_before_its_time():
    soon = {"study_due_at": LATER + timedelta(seconds=1)}
    refused(guards.study_past_due, State.JOINT_STUDY, Event.OVERDUE, None, **soon)
    twice = {"study_overdue_at": NOW}
    refused(guards.study_not_flagged_yet, State.JOINT_STUDY, Event.OVERDUE, None, **twice)


def test_a_case_is_returned_twice_and_then_a_supervisor_rules():
    refused(guards.returns_left, State.ROUTED, Event.RETURN, HANDLER, bounces=2)
    refused(guards.supervisor_after_bounces, State.FILED, Event.ROUTE, DISPATCHER, bounces=2)
    refused(guards.supervisor_after_bounces, State.JOINT_STUDY, Event.RULE, DISPATCHER, bounces=2)
    ruled = decide(move(State.FILED, Event.ROUTE, actor_of(SUPERVISOR), bounces=2))
    assert ruled.state is State.ROUTED


def test_the_window_for_a_return_is_one_working_day_at_most():
    at = datetime(2025, 8, 8, 7, 19, tzinfo=UTC)
    wanted = replace(move(State.ROUTED, Event.RETURN, actor_of(HANDLER)), now=at)

    assert decide(wanted).state is State.FILED
    late = at + timedelta(seconds=1)
    refused(guards.within_return_window, State.ROUTED, Event.RETURN, HANDLER, at=late)


def test_the_system_signs_only_when_the_window_for_a_return_is_over():
    refused(guards.system_signs_late, State.ROUTED, Event.SIGN, None)
    assert decide(move(State.ROUTED, Event.SIGN, actor_of(None))).state is State.HANDLING


def test_a_returned_case_keeps_its_clock_for_the_same_unit_and_starts_it_for_another():
    returned = decide(move(State.ROUTED, Event.RETURN, actor_of(HANDLER)))
    assert (returned.bounces, returned.lead_unit) == (1, None)
    again = CaseMove(returned, Event.ROUTE, actor_of(DISPATCHER), SAID, facts(), LATER)

    same = decide(again)
    other = decide(replace(again, facts=facts(routing=replace(ROUTING, lead_unit="power_supply"))))

    assert (same.due_at, same.routed_at) == (returned.due_at, NOW)
    assert (other.due_at, other.routed_at) == (LATER + timedelta(hours=2), LATER)


def test_an_extension_adds_one_original_limit_at_most_twice_and_never_when_late():
    due = datetime(2025, 8, 11, 7, 19, tzinfo=UTC)
    extended = decide(move(State.HANDLING, Event.EXTEND, actor_of(SUPERVISOR), due_at=due))
    assert extended.due_at == datetime(2025, 8, 13, 7, 19, tzinfo=UTC)
    assert extended.extensions == 1
    refused(guards.extensions_left, State.HANDLING, Event.EXTEND, SUPERVISOR, extensions=2)
    refused(guards.not_overdue, State.HANDLING, Event.EXTEND, SUPERVISOR, due_at=NOW)
    refused(guards.not_overdue, State.HANDLING, Event.EXTEND, SUPERVISOR, overdue_at=NOW)


def test_a_suspension_happens_once_and_for_a_year_at_most():
    forever = replace(SAID, until=LATER + timedelta(days=367))
    for said in (forever, replace(SAID, until=None), replace(SAID, until=NOW)):
        refused(guards.ends_within_a_year, State.HANDLING, Event.SUSPEND, SUPERVISOR, said=said)
    refused(guards.never_suspended, State.HANDLING, Event.SUSPEND, SUPERVISOR, suspended_at=NOW)


def test_a_resumed_case_has_what_was_left_of_its_limit():
    wanted = move(
        State.HANDLING,
        Event.RESUME,
        actor_of(None),
        suspended_at=NOW,
        suspended_until=LATER,
        due_at=datetime(2025, 8, 11, 7, 19, tzinfo=UTC),
    )
    resumed = decide(replace(wanted, now=datetime(2025, 8, 14, 7, 19, tzinfo=UTC)))

    assert resumed.due_at == datetime(2025, 8, 18, 7, 19, tzinfo=UTC)
    assert not resumed.is_suspended


def test_a_suspended_case_takes_no_feedback_and_is_not_late():
    paused = {"suspended_at": NOW, "suspended_until": LATER + timedelta(days=1)}
    refused(guards.not_suspended, State.HANDLING, Event.FEEDBACK, HANDLER, **paused)
    refused(guards.not_suspended, State.HANDLING, Event.OVERDUE, None, **paused)


def test_feedback_needs_a_photo_that_has_arrived_and_passes():
    none = replace(SAID, evidence=())
    refused(guards.photos_have_arrived, State.HANDLING, Event.FEEDBACK, HANDLER, said=none)
    missing = Provenance("a" * 64, (Check("arrived", False, "not here"),))
    given = {"provenance": (missing,)}
    refused(guards.photos_have_arrived, State.HANDLING, Event.FEEDBACK, HANDLER, given=given)
    far = Provenance("a" * 64, (Check("arrived", True, ""), Check("within_reach", False, "far")))
    refused(
        guards.provenance, State.HANDLING, Event.FEEDBACK, HANDLER, given={"provenance": (far,)}
    )


def test_a_failed_check_gives_half_the_limit_again_and_never_takes_time_away():
    soon = decide(move(State.VERIFYING, Event.FAIL, actor_of(DISPATCHER), due_at=NOW))
    assert soon.due_at == datetime(2025, 8, 8, 8, 19, tzinfo=UTC)
    assert (soon.state, soon.rework, soon.feedback_at) == (State.HANDLING, 1, None)
    early = decide(move(State.VERIFYING, Event.FAIL, actor_of(DISPATCHER)))
    assert early.due_at == NOW + timedelta(days=4)


def test_rework_is_given_four_working_hours_at_least():
    wanted = move(
        State.VERIFYING,
        Event.FAIL,
        actor_of(DISPATCHER),
        due_at=NOW,
        limit_type=LimitType.URGENT_HOUR,
    )

    assert decide(wanted).due_at == datetime(2025, 8, 8, 2, 19, tzinfo=UTC)


def test_a_passed_case_is_called_back_where_somebody_asked():
    passed = decide(move(State.VERIFYING, Event.PASS, actor_of(DISPATCHER)))
    asked = move(State.VERIFYING, Event.PASS, actor_of(DISPATCHER), callback_required=True)
    assert (passed.state, passed.closed_at) == (State.CLOSED, LATER)
    assert (decide(asked).state, decide(asked).closed_at) == (State.CALLBACK, None)


def test_nobody_reached_three_times_closes_by_a_supervisor():
    case = case_in(State.CALLBACK)
    for attempts in (1, 2):
        case = decide(CaseMove(case, Event.UNREACHABLE, actor_of(DISPATCHER), SAID, facts(), LATER))
        assert (case.state, case.callback_attempts) == (State.CALLBACK, attempts)
    last = CaseMove(case, Event.UNREACHABLE, actor_of(DISPATCHER), SAID, facts(), LATER)
    with pytest.raises(GuardRefused):
        decide(last)
    assert decide(replace(last, actor=actor_of(SUPERVISOR))).state is State.CLOSED


def test_a_case_of_high_severity_is_voided_by_two_people():
    first = decide(move(State.HANDLING, Event.VOID, actor_of(DISPATCHER), severity=Severity.HIGH))
    assert first.state is State.HANDLING
    again = CaseMove(first, Event.VOID, actor_of(DISPATCHER), SAID, facts(), LATER)
    with pytest.raises(GuardRefused):
        decide(again)
    assert decide(replace(again, actor=actor_of(Role.SEAT_OPERATOR))).state is State.VOID


@pytest.mark.parametrize("decliner", [Role.SEAT_OPERATOR, DISPATCHER])
def test_a_second_person_declines_to_void_a_case_or_the_first_takes_it_back(decliner):
    high = {"severity": Severity.HIGH}
    refused(guards.void_is_asked_for, State.HANDLING, Event.KEEP, decliner, void_asked_by=None)
    asked = decide(move(State.HANDLING, Event.VOID, actor_of(DISPATCHER), **high))
    kept = decide(CaseMove(asked, Event.KEEP, actor_of(decliner), SAID, facts(), LATER))
    assert (kept.state, kept.void_asked_by) == (State.HANDLING, None)
    anew = decide(CaseMove(kept, Event.VOID, actor_of(decliner), SAID, facts(), LATER))
    assert anew.state is State.HANDLING


def test_a_case_is_merged_into_another_one_that_is_open():
    for target in (None, case_in(State.ROUTED), case_in(State.CLOSED, case_id=8)):
        given = {"target": target}
        refused(guards.target_is_open, State.FILED, Event.MERGE, DISPATCHER, given=given)


def test_overdue_is_flagged_once_and_only_when_it_is():
    early = {"due_at": LATER + timedelta(seconds=1)}
    refused(guards.past_due, State.ROUTED, Event.OVERDUE, None, **early)
    refused(guards.not_flagged_yet, State.ROUTED, Event.OVERDUE, None, overdue_at=NOW)


def test_only_a_graver_condition_escalates():
    high = {"severity": Severity.HIGH}
    refused(guards.graver, State.ROUTED, Event.ESCALATE, None, **high)
    raised = decide(move(State.ROUTED, Event.ESCALATE, actor_of(None)))
    assert (raised.severity, raised.cond_key) == (Severity.HIGH, "missing_or_hazard")
    assert raised.due_at == LATER + timedelta(hours=2)


def test_a_closed_case_reopens_within_seven_days():
    given = {"target": None}
    at = NOW + timedelta(days=7, seconds=1)
    refused(guards.closed_lately, State.CLOSED, Event.RECUR, DISPATCHER, at=at, given=given)
    refused(guards.no_newer_case, State.CLOSED, Event.RECUR, DISPATCHER)


def test_roles_that_only_read_or_administer_move_no_case():
    for role in (Role.VIEWER, Role.AUDITOR, Role.ADMIN):
        assert actor_of(role).capacities == frozenset()


def test_a_supervisor_is_an_operator_too():
    assert actor_of(Role.SUPERVISOR).capacities == {Capacity.OPERATOR, Capacity.SUPERVISOR}


def entries_of_a_story() -> tuple[list[Entry], Case]:
    """Filed, routed, returned, routed again, signed, and called off."""
    entries: list[Entry] = []
    case = case_in(State.FILED)
    entries.append(recorded(transition_entry(None, case, Event.FILE, actor_of(None), NOW, SAID), 1))
    steps = [
        (Event.ROUTE, None),
        (Event.RETURN, HANDLER),
        (Event.ROUTE, DISPATCHER),
        (Event.SIGN, HANDLER),
        (Event.VOID, DISPATCHER),
    ]
    for number, (event, role) in enumerate(steps, start=2):
        given = facts(limit=LIMIT)
        after = decide(CaseMove(case, event, actor_of(role), SAID, given, LATER))
        entry = transition_entry(case, after, event, actor_of(role), LATER, SAID)
        entries.append(recorded(entry, number))
        case = after
    return entries, case


def recorded(entry, number) -> Entry:
    columns = {name: getattr(entry, name) for name in entry.__slots__}
    return Entry(journal_id=number, prev_hash="", hash="", **columns)


def test_replaying_the_journal_gives_the_state_and_the_columns():
    entries, case = entries_of_a_story()

    replayed = replay_case(entries)

    assert replayed.state is case.state is State.VOID
    assert replayed.columns["bounces"] == 1
    assert replayed.columns["due_at"] == case.due_at.isoformat()
    assert replayed.columns["person"] == "a person"
    assert replay(entries[:3]) is State.FILED


def test_a_journal_that_leaves_out_a_move_is_noticed():
    entries, _ = entries_of_a_story()

    for missing in range(len(entries) - 1):
        with pytest.raises(BrokenRecord):
            replay([*entries[:missing], *entries[missing + 1 :]])
    with pytest.raises(BrokenRecord):
        replay([])


def test_the_limit_of_an_unrouted_case_is_none():
    assert case_in(State.FILED).limit is None
    assert case_in(State.ROUTED).limit == Limit(LimitType.WORK_DAY, 2, Policy.ACCUMULATE)


STAGED = {"step": 0, "step_at": NOW, "limit_type": LimitType.URGENT_HOUR, "limit_value": 3}
EIGHT_HOURS = Limit(LimitType.URGENT_HOUR, 8)


def test_a_step_that_is_done_starts_the_next_one_with_its_own_limit():
    late = {"due_at": NOW, "overdue_at": NOW}
    wanted = move(State.HANDLING, Event.STEP_DONE, actor_of(HANDLER), **(STAGED | late))

    after = decide(wanted)

    assert (after.state, after.step, after.step_at) == (State.HANDLING, 1, LATER)
    assert (after.limit, after.due_at) == (EIGHT_HOURS, LATER + timedelta(hours=8))
    assert after.overdue_at is None


@pytest.mark.parametrize("role", [HANDLER, DISPATCHER])
@pytest.mark.parametrize("state", [State.ROUTED, State.HANDLING])
def test_the_site_begins_a_later_step_with_its_own_limit(state, role):
    late = {"due_at": NOW, "overdue_at": NOW}
    after = decide(move(state, Event.BEGIN_STEP, actor_of(role), **(STAGED | late)))

    assert (after.state, after.step, after.step_at) == (state, 2, LATER)
    assert (after.limit, after.due_at) == (EIGHT_HOURS, LATER + timedelta(hours=8))
    assert after.overdue_at is None


def test_the_system_passes_no_grave_case_no_redo_and_none_on_other_grounds_than_it_knows():
    for columns in ({"severity": Severity.HIGH}, {"supervised": True}):
        with pytest.raises(GuardRefused):
            decide(move(State.VERIFYING, Event.PASS, actor_of(None), **columns))
    other = replace(move(State.VERIFYING, Event.PASS, actor_of(None)), payload=Payload())
    with pytest.raises(GuardRefused, match="doesn't let the system"):
        decide(other)
    assert decide(move(State.VERIFYING, Event.PASS, actor_of(None))).state is State.CLOSED


def test_the_last_step_is_fed_back_and_the_others_are_reported_as_done():
    more, none = {"next_limit": EIGHT_HOURS}, {"next_limit": None}
    refused(guards.last_step, State.HANDLING, Event.FEEDBACK, HANDLER, given=more, **STAGED)
    refused(
        guards.another_step_follows, State.HANDLING, Event.STEP_DONE, HANDLER, given=none, **STAGED
    )
    done = move(State.HANDLING, Event.FEEDBACK, actor_of(HANDLER), **STAGED)
    assert decide(done).state is State.FEEDBACK


def test_a_step_needs_text_and_a_photo_that_passes_and_no_suspension():
    more = {"next_limit": EIGHT_HOURS}
    paused = {"suspended_at": NOW, "suspended_until": LATER + timedelta(days=1)}
    far = Provenance("a" * 64, (Check("arrived", True, ""), Check("within_reach", False, "far")))

    def no(guard, *, said=SAID, **columns):
        facts_given = more | columns.pop("given", {})
        columns = STAGED | columns
        refused(
            guard,
            State.HANDLING,
            Event.STEP_DONE,
            HANDLER,
            said=said,
            given=facts_given,
            **columns,
        )

    no(guards.text_given, said=replace(SAID, text=" "))
    no(guards.photos_have_arrived, said=replace(SAID, evidence=()))
    no(guards.provenance, given={"provenance": (far,)})
    no(guards.not_suspended, **paused)


def test_routing_a_staged_condition_starts_its_first_step():
    staged = replace(move(State.FILED, Event.ROUTE, actor_of(None)), facts=facts(staged=True))
    routed = decide(staged)
    assert (routed.step, routed.step_at, routed.due_at) == (0, LATER, LATER + timedelta(hours=2))
    assert decide(move(State.FILED, Event.ROUTE, actor_of(None))).step is None


def test_extension_and_rework_use_the_limit_of_the_running_step():
    columns = STAGED | {"due_at": LATER + timedelta(hours=1)}
    extended = decide(move(State.HANDLING, Event.EXTEND, actor_of(SUPERVISOR), **columns))
    assert extended.due_at == LATER + timedelta(hours=4)
    columns = STAGED | {"step": 2, "limit_value": 100, "due_at": NOW}
    again = decide(move(State.VERIFYING, Event.FAIL, actor_of(DISPATCHER), **columns))
    assert (again.step, again.due_at) == (2, LATER + timedelta(hours=50))


def test_a_graver_condition_begins_with_its_own_first_step():
    wanted = move(State.HANDLING, Event.ESCALATE, actor_of(None), **(STAGED | {"step": 1}))
    staged = decide(replace(wanted, facts=facts(staged=True)))
    plain = decide(wanted)
    assert (staged.step, staged.step_at) == (0, LATER)
    assert (plain.step, plain.step_at) == (None, None)
    repaired = move(State.VERIFYING, Event.ESCALATE, actor_of(None), **(STAGED | {"step": 1}))
    assert decide(replace(repaired, facts=facts(staged=True))).step is None


def request(kind, asked_by="user:handler"):
    return ApprovalRequest("7-2", kind, asked_by, NOW, "because")


def test_an_appeal_exempts_the_lateness_and_the_flag_stays():
    late = {"overdue_at": NOW, "requests": (request(ApprovalKind.APPEAL),)}
    for state in (State.HANDLING, State.CLOSED):
        granted = decide(move(state, Event.APPEAL, actor_of(SUPERVISOR), **late))
        assert (granted.state, granted.exempt_at, granted.overdue_at) == (state, LATER, NOW)
        assert granted.requests == ()


def test_only_a_lateness_is_appealed_and_only_once():
    never = {"overdue_at": None, "feedback_at": NOW}
    refused(guards.was_late, State.CLOSED, Event.APPEAL, SUPERVISOR, **never)
    refused(guards.not_exempt, State.CLOSED, Event.APPEAL, SUPERVISOR, exempt_at=NOW)
    fed_back_late = {"overdue_at": None, "feedback_at": LATER, "due_at": NOW}
    for columns, known in ((fed_back_late, {}), (never, {"was_overdue": True})):
        wanted = move(State.CLOSED, Event.APPEAL, actor_of(SUPERVISOR), **columns)
        assert decide(replace(wanted, facts=facts(**known))).exempt_at == LATER


def test_a_new_lateness_after_an_appeal_is_not_exempt():
    flagged = decide(move(State.HANDLING, Event.OVERDUE, actor_of(None), exempt_at=NOW))
    assert (flagged.overdue_at, flagged.exempt_at) == (LATER, None)


@pytest.mark.parametrize("kind", [ApprovalKind.EXTENSION, ApprovalKind.SUSPENSION])
def test_nobody_grants_what_they_asked_for(kind):
    event = guards.EVENT_OF[kind]
    own = {"requests": (request(kind, "user:supervisor"),)}
    refused(guards.another_person_decides, State.HANDLING, event, SUPERVISOR, **own)
    others = {"requests": (request(kind),)}
    granted = decide(move(State.HANDLING, event, actor_of(SUPERVISOR), **others))
    assert granted.requests == ()


def test_requests_lapse_when_the_case_leaves_the_states_in_which_they_can_be_granted():
    waiting = (request(ApprovalKind.EXTENSION), request(ApprovalKind.APPEAL))
    columns = {"requests": waiting, "void_asked_by": "user:somebody"}
    before = case_in(State.HANDLING, **columns)

    after = decide(move(State.HANDLING, Event.FEEDBACK, actor_of(HANDLER), **columns))

    assert after.requests == (request(ApprovalKind.APPEAL),)
    assert after.void_asked_by is None
    entry = transition_entry(before, after, Event.FEEDBACK, actor_of(HANDLER), LATER, SAID)
    assert [each["approval"] for each in entry.data["lapsed"]] == ["extension"]


def test_an_entry_that_grants_names_the_request():
    before = case_in(State.HANDLING, requests=(request(ApprovalKind.EXTENSION),))
    wanted = CaseMove(before, Event.EXTEND, actor_of(SUPERVISOR), SAID, facts(), LATER)
    entry = transition_entry(before, decide(wanted), Event.EXTEND, wanted.actor, LATER, SAID)
    assert (entry.data["approval"], entry.data["approval_id"]) == ("extension", "7-2")
    assert entry.data["asked_by"] == "user:handler"
    assert "lapsed" not in entry.data


def test_a_call_back_keeps_what_the_person_said():
    def called(event, satisfaction=None, role=DISPATCHER):
        said = replace(SAID, satisfaction=satisfaction)
        return decide(replace(move(State.CALLBACK, event, actor_of(role)), payload=said))

    pleased = called(Event.SATISFIED)
    assert (pleased.satisfaction, pleased.callback_attempts) == (Satisfaction.SATISFIED, 1)
    assert called(Event.SATISFIED, Satisfaction.MOSTLY).satisfaction is Satisfaction.MOSTLY
    assert called(Event.UNREACHABLE).satisfaction is Satisfaction.NO_ANSWER
    assert called(Event.NOT_SATISFIED, Satisfaction.NOT).satisfaction is Satisfaction.NOT
    for event, wrong in (
        (Event.SATISFIED, Satisfaction.NOT),
        (Event.UNREACHABLE, Satisfaction.SATISFIED),
        (Event.NOT_SATISFIED, Satisfaction.NO_ANSWER),
    ):
        with pytest.raises(GuardRefused) as caught:
            called(event, wrong)
        assert caught.value.facts["guard"] == "satisfaction_fits"


def test_what_a_person_was_not_satisfied_with_is_passed_by_a_supervisor():
    again = decide(move(State.CALLBACK, Event.NOT_SATISFIED, actor_of(DISPATCHER)))
    assert (again.state, again.rework, again.supervised) == (State.HANDLING, 1, True)
    supervised = {"supervised": True}
    refused(guards.supervisor_passes_a_redo, State.VERIFYING, Event.PASS, DISPATCHER, **supervised)
    passed = decide(move(State.VERIFYING, Event.PASS, actor_of(SUPERVISOR), **supervised))
    assert passed.state is State.CLOSED


def test_a_pause_never_moves_a_deadline_backwards():
    saturday = datetime(2025, 8, 9, 2, 0, tzinfo=UTC)
    wanted = move(
        State.HANDLING,
        Event.RESUME,
        actor_of(None),
        suspended_at=saturday,
        suspended_until=saturday + timedelta(hours=1),
        due_at=saturday + timedelta(hours=8),
    )
    resumed = decide(replace(wanted, now=saturday + timedelta(hours=1)))
    assert resumed.due_at == saturday + timedelta(hours=8)


@given(
    limit_type=st.sampled_from(LimitType),
    due_in=st.timedeltas(timedelta(hours=-30), timedelta(days=30)),
    pause=st.timedeltas(timedelta(minutes=1), timedelta(days=40)),
)
def test_no_pause_moves_any_deadline_backwards(limit_type, due_in, pause):
    case = case_in(
        State.HANDLING, due_at=NOW + due_in, limit_type=limit_type, policy=Policy.ACCUMULATE
    )
    said = replace(SAID, until=NOW + pause)
    paused = decide(CaseMove(case, Event.SUSPEND, actor_of(SUPERVISOR), said, facts(), NOW))
    resume = CaseMove(paused, Event.RESUME, actor_of(None), SAID, facts(), NOW + pause)
    assert decide(resume).due_at >= case.due_at
