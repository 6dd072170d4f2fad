"""The one table of transitions: source, event, capacities, targets, guards and effect of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from hub.cases import effects, guards
from hub.cases.actor import Actor, Capacity
from hub.cases.case import OPEN, Case, Event, State
from hub.cases.guards import EVENT_OF
from hub.cases.moves import CaseMove
from hub.cases.requests import ApprovalKind
from hub.errors import Forbidden, GuardRefused, IllegalTransition

Guard = Callable[[CaseMove], str | None]
Effect = Callable[[CaseMove], Case]

_OPERATOR = frozenset({Capacity.OPERATOR})
_SUPERVISOR = frozenset({Capacity.SUPERVISOR})
_UNIT = frozenset({Capacity.UNIT})
_SYSTEM = frozenset({Capacity.SYSTEM})
_S, _E = State, Event
APPEALABLE = (_S.ROUTED, _S.HANDLING, _S.FEEDBACK, _S.VERIFYING, _S.CALLBACK, _S.CLOSED)


@dataclass(frozen=True)
class Transition:
    """One row. `targets[0]` is where it goes unless the effect chooses another of them.

    `source` None: the case comes into being. A unit handler acts only for the unit that leads.
    """

    source: State | None
    event: Event
    by: frozenset[Capacity]
    targets: tuple[State, ...]
    guards: tuple[Guard, ...] = ()
    effect: Effect = effects.nothing


def _rows() -> list[Transition]:
    route = (guards.supervisor_after_bounces, guards.units_are_known, guards.owner_is_clear)
    second = (guards.reason_given, guards.another_person_decides)
    extend = (*second, guards.extensions_left, guards.not_overdue, guards.not_suspended)
    suspend = (*second, guards.never_suspended, guards.ends_within_a_year)
    photos = (
        guards.text_given,
        guards.not_suspended,
        guards.photos_have_arrived,
        guards.provenance,
    )
    return [
        Transition(None, _E.FILE, _OPERATOR | _SYSTEM, (_S.FILED,)),
        Transition(_S.FILED, _E.ROUTE, _OPERATOR | _SYSTEM, (_S.ROUTED,), route, effects.route),
        Transition(_S.REOPENED, _E.ROUTE, _OPERATOR | _SYSTEM, (_S.ROUTED,), route, effects.route),
        *_studies(),
        Transition(
            _S.JOINT_STUDY,
            _E.OVERDUE,
            _SYSTEM,
            (_S.JOINT_STUDY,),
            (guards.study_past_due, guards.study_not_flagged_yet),
            effects.flag_overdue_study,
        ),
        Transition(
            _S.JOINT_STUDY,
            _E.RULE,
            _OPERATOR | _SUPERVISOR,
            (_S.ROUTED,),
            (guards.unit_chosen, guards.text_given, guards.reason_given, *route),
            effects.route,
        ),
        Transition(
            _S.ROUTED,
            _E.SIGN,
            _UNIT | _SYSTEM,
            (_S.HANDLING,),
            (guards.person_and_plan, guards.system_signs_late),
            effects.sign,
        ),
        Transition(
            _S.ROUTED,
            _E.RETURN,
            _UNIT,
            (_S.FILED,),
            (guards.reason_given, guards.returns_left, guards.within_return_window),
            effects.take_back,
        ),
        Transition(_S.HANDLING, _E.EXTEND, _SUPERVISOR, (_S.HANDLING,), extend, effects.extend),
        Transition(_S.HANDLING, _E.SUSPEND, _SUPERVISOR, (_S.HANDLING,), suspend, effects.suspend),
        Transition(
            _S.HANDLING,
            _E.RESUME,
            _SUPERVISOR | _SYSTEM,
            (_S.HANDLING,),
            (guards.is_suspended,),
            effects.resume,
        ),
        Transition(
            _S.HANDLING,
            _E.STEP_DONE,
            _UNIT,
            (_S.HANDLING,),
            (guards.another_step_follows, *photos),
            effects.finish_step,
        ),
        Transition(
            _S.HANDLING,
            _E.FEEDBACK,
            _UNIT,
            (_S.FEEDBACK,),
            (guards.last_step, *photos),
            effects.feed_back,
        ),
        Transition(_S.FEEDBACK, _E.CHECK, _SYSTEM, (_S.VERIFYING,)),
        Transition(
            _S.VERIFYING,
            _E.PASS,
            _OPERATOR | _SYSTEM,
            (_S.CLOSED, _S.CALLBACK),
            (guards.supervisor_passes_a_redo, guards.policy_lets_the_system_pass),
            effects.close_or_call_back,
        ),
        Transition(
            _S.VERIFYING,
            _E.FAIL,
            _OPERATOR,
            (_S.HANDLING,),
            (guards.reason_given,),
            effects.rework,
        ),
        Transition(
            _S.CALLBACK,
            _E.SATISFIED,
            _OPERATOR,
            (_S.CLOSED,),
            (guards.satisfaction_fits,),
            effects.satisfied,
        ),
        Transition(
            _S.CALLBACK,
            _E.NOT_SATISFIED,
            _OPERATOR,
            (_S.HANDLING,),
            (guards.reason_given, guards.satisfaction_fits),
            effects.redo,
        ),
        Transition(
            _S.CALLBACK,
            _E.UNREACHABLE,
            _OPERATOR | _SUPERVISOR,
            (_S.CALLBACK, _S.CLOSED),
            (guards.satisfaction_fits, guards.supervisor_for_the_last_attempt),
            effects.attempt,
        ),
        Transition(
            _S.CLOSED,
            _E.RECUR,
            _OPERATOR | _SYSTEM,
            (_S.REOPENED,),
            (guards.closed_lately, guards.no_newer_case),
            effects.reopen,
        ),
        *_appeals(),
        *_rows_while_the_clock_runs(),
        *_rows_of_many_states(),
    ]


def _studies() -> list[Transition]:
    """A case without a unit goes to a joint study if its owner is unclear: also one that was reopened."""
    invited = (guards.two_units_invited, guards.units_are_known)
    return [
        Transition(
            state, _E.REFER_STUDY, _OPERATOR, (_S.JOINT_STUDY,), invited, effects.refer_study
        )
        for state in (_S.FILED, _S.REOPENED)
    ]


def _appeals() -> list[Transition]:
    asked = (guards.reason_given, guards.another_person_decides, guards.was_late, guards.not_exempt)
    return [
        Transition(state, _E.APPEAL, _SUPERVISOR, (state,), asked, effects.appeal)
        for state in APPEALABLE
    ]


def _rows_while_the_clock_runs() -> list[Transition]:
    overdue = (guards.past_due, guards.not_flagged_yet, guards.not_suspended)
    explain = (guards.flagged_overdue, guards.reason_given)
    begin = (
        guards.step_lies_ahead,
        guards.reason_given,
        guards.not_suspended,
        guards.photos_have_arrived,
        guards.provenance,
    )
    rows: list[Transition] = []
    for state in (_S.ROUTED, _S.HANDLING):
        rows += [
            Transition(state, _E.OVERDUE, _SYSTEM, (state,), overdue, effects.flag_overdue),
            Transition(state, _E.EXPLAIN, _UNIT, (state,), explain),
            Transition(
                state, _E.BEGIN_STEP, _UNIT | _OPERATOR, (state,), begin, effects.begin_step
            ),
        ]
    return rows


def _rows_of_many_states() -> list[Transition]:
    void = (guards.reason_given, guards.second_person_voids_a_high_case)
    keep = (guards.void_is_asked_for, guards.reason_given)
    rows = [
        Transition(state, _E.VOID, _OPERATOR, (state, _S.VOID), void, effects.void)
        for state in (_S.FILED, _S.JOINT_STUDY, _S.ROUTED, _S.HANDLING)
    ]
    for state in (each for each in State if each in OPEN):
        rows += [
            Transition(
                state,
                _E.MERGE,
                _OPERATOR,
                (_S.MERGED,),
                (guards.target_is_open,),
                effects.merge,
            ),
            Transition(state, _E.KEEP, _OPERATOR, (state,), keep, effects.keep),
            Transition(
                state,
                _E.ESCALATE,
                _OPERATOR | _SYSTEM,
                (state,),
                (guards.graver,),
                effects.escalate,
            ),
        ]
    return rows


TRANSITIONS: Mapping[tuple[State | None, Event], Transition] = {
    (row.source, row.event): row for row in _rows()
}


def decide(move: CaseMove) -> Case:
    """The case after the move. Raises IllegalTransition, Forbidden or GuardRefused."""
    case = move.case
    row = find(case.state, move.event)
    permit(row, case, move.actor)
    for guard in row.guards:
        refusal = guard(move)
        if refusal is not None:
            raise GuardRefused(refusal, guard=guard.__name__, case_no=case.case_no)
    moved = replace(case, state=row.targets[0], version=case.version + 1)
    after = row.effect(replace(move, case=moved))
    assert after.state in row.targets
    return _without_lapsed(after)


def grants(state: State, kind: ApprovalKind) -> bool:
    """Whether a request of this kind can be granted in the state, or must lapse."""
    return (state, EVENT_OF[kind]) in TRANSITIONS


def _without_lapsed(case: Case) -> Case:
    """A request lapses when the case leaves the states in which it can be granted."""
    kept = tuple(each for each in case.requests if grants(case.state, each.kind))
    voidable = case.state is State.VOID or grants(case.state, ApprovalKind.VOID)
    return replace(case, requests=kept, void_asked_by=case.void_asked_by if voidable else None)


def find(state: State | None, event: Event) -> Transition:
    """The row for an event. Raises IllegalTransition."""
    row = TRANSITIONS.get((state, event))
    if row is None:
        possible = ", ".join(each for source, each in TRANSITIONS if source is state)
        where = state or "nothing"
        raise IllegalTransition(
            f"{event} is not possible from {where}; possible are: {possible or 'none'}",
            state=state,
            event=event,
        )
    return row


def permit(row: Transition, case: Case | None, actor: Actor) -> None:
    """Raises Forbidden if the actor may not cause the event."""
    acting_as = row.by & actor.capacities
    if not acting_as:
        raise Forbidden(
            f"{row.event} is for {' or '.join(sorted(row.by))}", event=row.event, actor=actor.name
        )
    of_unit = acting_as == _UNIT
    if of_unit and (case is None or case.lead_unit is None or actor.unit_key != case.lead_unit):
        lead = None if case is None else case.lead_unit
        raise Forbidden(f"only the unit that leads, {lead}, may {row.event}", event=row.event)


def allowed_events(case: Case, actor: Actor) -> tuple[Event, ...]:
    """The events that the table lets the actor cause now; guards may still ask for something."""
    allowed: list[Event] = []
    for (source, event), row in TRANSITIONS.items():
        if source is case.state:
            try:
                permit(row, case, actor)
            except Forbidden:
                continue
            allowed.append(event)
    return tuple(allowed)
