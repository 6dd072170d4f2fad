"""A case under any sequence of events: what must hold whatever people, units and the clock do."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hub.accounts.account import Role
from hub.cases.actor import Actor, Capacity
from hub.cases.case import Case, Event, Satisfaction, State
from hub.cases.guards import EVENT_OF
from hub.cases.moves import BegunStep, CaseMove, MoveFacts, Payload
from hub.cases.provenance import Check, Provenance
from hub.cases.record import CaseEntryKind, changes, columns, replay_case, transition_entry
from hub.cases.requests import ApprovalKind, ApprovalRequest, approval_id_of
from hub.cases.transitions import TRANSITIONS, decide, grants
from hub.catalogue import Routing, Severity
from hub.deadlines import Limit, LimitType, WorkCalendar
from hub.errors import Forbidden, GuardRefused, IllegalTransition
from hub.journal import Entry, NewEntry, Subject

START = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
UNITS = ("housing_bureau", "power_supply")
LIMITS = (
    Limit(LimitType.URGENT_HOUR, 3),
    Limit(LimitType.WORK_HOUR, 4),
    Limit(LimitType.WORK_DAY, 2),
    Limit(LimitType.NATURAL_DAY, 1),
)
GOOD = Provenance("a" * 64, (Check("arrived", True, ""),))
FAR = Provenance("b" * 64, (Check("arrived", True, ""), Check("within_reach", False, "far")))

PAUSES = (timedelta(minutes=1), timedelta(hours=5), timedelta(days=1), timedelta(days=8))


@dataclass(frozen=True)
class Wanted:
    """How an event is tried: mostly by somebody who may, with all that it needs."""

    choice: int
    kind: ApprovalKind
    actor: Actor
    permitted: bool
    said: bool
    photo: Provenance | None
    until: timedelta
    satisfaction: Satisfaction | None
    unit: str


def at_random(chance: Random) -> Wanted:
    role = chance.choice([*Role, None])
    unit = chance.choice(UNITS)
    name = "system:test" if role is None else f"user:{role}-{chance.randint(0, 1)}"
    said_by_caller = chance.choice([None, None, *Satisfaction])
    return Wanted(
        choice=chance.randrange(1000),
        kind=chance.choice(list(ApprovalKind)),
        actor=Actor(name, role, unit if role is Role.UNIT_HANDLER else None),
        permitted=chance.random() < 0.7,
        said=chance.random() < 0.8,
        photo=chance.choice([GOOD, GOOD, FAR, None]),
        until=chance.choice(PAUSES),
        satisfaction=said_by_caller,
        unit=chance.choice(UNITS),
    )


class CaseMachine(RuleBasedStateMachine):
    """One case; every move that the table allows is made, and every other one changes nothing."""

    case: Case

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.entries: list[Entry] = []
        self.steps: tuple[Limit, ...] = ()
        self.late = False

    @initialize(
        severity=st.sampled_from(list(Severity)),
        callback=st.booleans(),
        steps=st.lists(st.sampled_from(LIMITS), max_size=3),
    )
    def file(self, severity: Severity, callback: bool, steps: list[Limit]) -> None:
        self.steps = tuple(steps) if len(steps) > 1 else ()
        self.case = Case(
            case_id=7,
            case_no="530303-20250807-0001",
            version=1,
            state=State.FILED,
            item_key="manhole_cover",
            cond_key="broken",
            catalogue_version=1,
            severity=severity,
            lon=103.82,
            lat=25.6,
            error_m=5,
            asset_id=None,
            dedup_key="k",
            occurred_at=START,
            last_seen_at=START,
            filed_at=START,
            filed_by="system:test",
            text="",
            callback_required=callback,
        )
        filer = Actor.system("test")
        self.write(transition_entry(None, self.case, Event.FILE, filer, self.now, Payload()))

    def wait(self, pause: timedelta) -> None:
        self.now += pause

    @rule(seed=st.integers(0, 2**32))
    def live(self, seed: int) -> None:
        """A while in the life of the case: what people try, one after another."""
        chance = Random(seed)
        for wanted in [at_random(chance) for _ in range(25)]:
            match wanted.choice % 10:
                case 0 | 1 | 2:
                    self.go_the_usual_way(wanted)
                case 3:
                    self.wait(wanted.until)
                case 4:
                    self.ask(wanted.kind, wanted.actor, wanted.until)
                case 5:
                    self.grant(wanted.kind, self.somebody(Capacity.SUPERVISOR, wanted.actor))
                case _:
                    self.try_to_move(wanted)
            self.replay_is_the_row()

    def try_to_move(self, wanted: Wanted) -> None:
        possible = self.possible()
        event = possible[wanted.choice % len(possible)]
        if event in (Event.MERGE, Event.VOID) and wanted.choice > 300:
            return  # or else few cases would live long
        row = TRANSITIONS.get((self.case.state, event))
        actor = wanted.actor
        if wanted.permitted and row is not None:
            among = sorted(row.by)
            actor = self.somebody(among[wanted.choice % len(among)], wanted.actor)
        words = "because" if wanted.said else None
        payload = Payload(
            reason=words,
            text=words,
            person=words,
            plan=words,
            evidence=() if wanted.photo is None else (wanted.photo.sha256,),
            unit_key=wanted.unit,
            units=UNITS,
            until=self.now + wanted.until,
            into=8,
            cond_key="missing",
            satisfaction=wanted.satisfaction,
            grounds=("model_fixed",) if wanted.said else (),
        )
        known = self.facts(event, wanted.unit, wanted.photo)
        self.attempt(CaseMove(self.case, event, actor, payload, known, self.now))

    def possible(self) -> list[Event]:
        """The events of the state, those that end the case least often, and one that it hasn't."""
        events = [event for source, event in TRANSITIONS if source is self.case.state]
        usual = [event for event in events if event not in (Event.MERGE, Event.VOID, Event.RETURN)]
        return [*usual * 6, *events, Event.CHECK]

    def somebody(self, capacity: Capacity, other: Actor) -> Actor:
        number = other.name[-1]
        match capacity:
            case Capacity.SYSTEM:
                return Actor.system("test")
            case Capacity.UNIT:
                return self.handler()
            case Capacity.OPERATOR:
                return Actor(f"user:dispatcher-{number}", Role.DISPATCHER)
            case Capacity.SUPERVISOR:
                return Actor(f"user:supervisor-{number}", Role.SUPERVISOR)

    def ask(self, kind: ApprovalKind, actor: Actor, until: timedelta) -> None:
        case = self.case
        if kind is ApprovalKind.VOID or case.request(kind) or not grants(case.state, kind):
            return
        request = ApprovalRequest(
            approval_id_of(case.case_id, case.version + 1),
            kind,
            actor.name,
            self.now,
            "because",
            self.now + until if kind is ApprovalKind.SUSPENSION else None,
        )
        after = replace(case, version=case.version + 1, requests=(*case.requests, request))
        self.write(
            NewEntry(
                Subject.CASE,
                "7",
                CaseEntryKind.APPROVAL_ASKED,
                actor.name,
                self.now,
                data={"changes": changes(case, after)},
            )
        )
        self.case = after

    def grant(self, which: ApprovalKind, actor: Actor) -> None:
        request = self.case.request(which)
        if request is None:
            return
        payload = Payload(reason="granted", until=request.until)
        event = EVENT_OF[which]
        self.attempt(CaseMove(self.case, event, actor, payload, self.facts(event), self.now))

    def go_the_usual_way(self, wanted: Wanted) -> None:
        """One step towards the end, so that long stories are told, too."""
        usual = {
            State.FILED: (Event.ROUTE, Actor.system("test")),
            State.REOPENED: (Event.ROUTE, Actor.system("test")),
            State.ROUTED: (Event.SIGN, self.handler()),
            State.HANDLING: (Event.FEEDBACK, self.handler()),
            State.FEEDBACK: (Event.CHECK, Actor.system("test")),
            State.VERIFYING: (
                Event.PASS,
                Actor("user:s", wanted.actor.role or Role.DISPATCHER),
            ),
            State.CALLBACK: (
                Event.SATISFIED if wanted.said else Event.NOT_SATISFIED,
                Actor("user:d", Role.DISPATCHER),
            ),
        }
        if self.case.state not in usual:
            return
        event, actor = usual[self.case.state]
        if event is Event.FEEDBACK and self.facts(event).next_limit is not None:
            event = Event.STEP_DONE
        payload = Payload(text="done", reason="because", person="p", plan="p", evidence=("a" * 64,))
        facts = self.facts(event, wanted.unit, GOOD)
        self.attempt(CaseMove(self.case, event, actor, payload, facts, self.now))

    def handler(self) -> Actor:
        return Actor("user:h", Role.UNIT_HANDLER, self.case.lead_unit)

    def facts(
        self, event: Event, unit: str = UNITS[0], photo: Provenance | None = None
    ) -> MoveFacts:
        step = self.case.step
        following = () if step is None else self.steps[step + 1 :]
        target = None if event is Event.RECUR else replace(self.case, case_id=8)
        return MoveFacts(
            calendar=WorkCalendar(),
            routing=Routing(unit, (), None, None, ()),
            limit=self.steps[0] if self.steps else LIMITS[2],
            severity=Severity.HIGH,
            target=target,
            provenance=() if photo is None else (photo,),
            staged=bool(self.steps),
            next_limit=following[0] if following else None,
            begun=BegunStep(len(self.steps) - 1, following[-1]) if following else None,
            pass_grounds=("model_fixed",),
            was_overdue=self.late,
        )

    def attempt(self, move: CaseMove) -> None:
        before = self.case
        try:
            after = decide(move)
        except (IllegalTransition, Forbidden, GuardRefused):
            return
        self.check_move(move, before, after)
        self.write(transition_entry(before, after, move.event, move.actor, move.now, move.payload))
        self.late = self.late or move.event is Event.OVERDUE
        self.case = after

    def check_move(self, move: CaseMove, before: Case, after: Case) -> None:
        assert after.version == before.version + 1
        if after.state is State.CLOSED and before.state is not State.CLOSED:
            self.check_closing(move, before)
        if move.event in (Event.SUSPEND, Event.RESUME, Event.EXTEND, Event.APPEAL):
            assert before.due_at is not None
            assert after.due_at is not None
            assert after.due_at >= before.due_at
        if move.event in (Event.FEEDBACK, Event.STEP_DONE, Event.BEGIN_STEP):
            assert any(photo.passed for photo in move.facts.provenance)
        if move.event is Event.EXTEND:
            assert before.overdue_at is None
            assert move.now <= before.due_at
        for request in before.requests:
            if move.event is EVENT_OF[request.kind] and after.request(request.kind) is None:
                assert request.asked_by != move.actor.name
        if move.event is Event.OVERDUE:
            assert not before.is_suspended
        if move.event is Event.APPEAL:
            fed_back, due = before.feedback_at, before.due_at
            fed_back_late = fed_back is not None and due is not None and fed_back > due
            assert self.late or before.overdue_at is not None or fed_back_late

    def check_closing(self, move: CaseMove, before: Case) -> None:
        """A photo that passed was fed back after the last routing or failed check, checked, and passed."""
        events = [entry.event for entry in self.entries if entry.event is not None]
        restarts = (Event.ROUTE, Event.RULE, Event.FAIL, Event.NOT_SATISFIED, Event.RECUR)
        began = max(index for index, event in enumerate(events) if event in restarts)
        round_ = [*events[began:], move.event]
        assert [e for e in round_ if e in (Event.FEEDBACK, Event.CHECK, Event.PASS)] == [
            Event.FEEDBACK,
            Event.CHECK,
            Event.PASS,
        ]
        if Capacity.OPERATOR not in move.actor.capacities:
            assert (move.event, move.payload.grounds) == (Event.PASS, ("model_fixed",))
            assert before.severity is not Severity.HIGH
        assert before.feedback_at is not None
        if self.steps and before.step is not None:
            assert before.step == len(self.steps) - 1
        if before.callback_required:
            assert move.event in (Event.SATISFIED, Event.UNREACHABLE)
        if before.supervised and move.event is Event.PASS:
            assert Capacity.SUPERVISOR in move.actor.capacities
        if move.event is Event.UNREACHABLE:
            assert before.callback_attempts == 2
            assert Capacity.SUPERVISOR in move.actor.capacities

    def write(self, entry: NewEntry) -> None:
        known = {name: getattr(entry, name) for name in entry.__slots__}
        number = len(self.entries) + 1
        self.entries.append(Entry(journal_id=number, prev_hash="", hash="", **known))

    @invariant()
    def replay_is_the_row(self) -> None:
        if not self.entries:
            return
        replayed = replay_case(self.entries)
        assert replayed.state is self.case.state
        assert replayed.columns == columns(self.case)

    @invariant()
    def versions_count_the_changes(self) -> None:
        if self.entries:
            assert self.case.version == len(self.entries)

    @invariant()
    def columns_hold_together(self) -> None:
        if not self.entries:
            return
        case = self.case
        assert case.extensions <= 2
        assert (case.step is None) == (case.step_at is None)
        assert len({each.kind for each in case.requests}) == len(case.requests)
        assert all(grants(case.state, each.kind) for each in case.requests)
        if case.suspended_until is not None:
            assert case.suspended_at is not None


CaseMachine.TestCase.settings = settings(max_examples=120, stateful_step_count=6, deadline=None)
TestCaseMachine = CaseMachine.TestCase
