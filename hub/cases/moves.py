"""An event with its payload, and the facts for its decision."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict

from hub.cases.actor import Actor
from hub.cases.case import Case, Event, Satisfaction
from hub.cases.provenance import Provenance
from hub.catalogue import Routing, Severity
from hub.deadlines import Limit, WorkCalendar


class PayloadFields(TypedDict, total=False):
    """The fields of Payload as keyword arguments."""

    reason: str | None
    person: str | None
    plan: str | None
    text: str | None
    evidence: tuple[str, ...]
    unit_key: str | None
    units: tuple[str, ...]
    until: datetime | None
    into: int | None
    cond_key: str | None
    verdicts: tuple[str, ...]
    satisfaction: Satisfaction | None
    step_key: str | None
    grounds: tuple[str, ...]
    condition_met: bool | None


@dataclass(frozen=True, slots=True)
class Payload:
    """The input that comes with an event; each transition's guards name what it needs.

    `unit_key`: the unit chosen by hand. `units`: those invited to a joint study. `until`: the end
    of a suspension. `into`: the case that another is merged into. `cond_key`: the graver condition.
    `verdicts`: the model's judgement of each photo. `satisfaction`: what the person who was called
    back says. `step_key`: the step that begins. `grounds`: why the system passes a repair.
    `condition_met`: the unit says that what must be so before closing is so.
    """

    reason: str | None = None
    person: str | None = None
    plan: str | None = None
    text: str | None = None
    evidence: tuple[str, ...] = ()
    unit_key: str | None = None
    units: tuple[str, ...] = ()
    until: datetime | None = None
    into: int | None = None
    cond_key: str | None = None
    verdicts: tuple[str, ...] = ()
    satisfaction: Satisfaction | None = None
    step_key: str | None = None
    grounds: tuple[str, ...] = ()
    condition_met: bool | None = None


@dataclass(frozen=True, slots=True)
class BegunStep:
    """A step of a staged limit by its index, with its limit."""

    index: int
    limit: Limit


@dataclass(frozen=True, slots=True)
class MoveFacts:
    """The facts for a decision; only those that the event needs are filled in.

    `catalogue_version` is the one that `routing` and `limit` are of. `staged`: the condition has steps.
    `next_limit` is that of the step after the running one; None if there is none. `begun` is the step that
    shall begin, None unless it lies ahead. `was_overdue`: the journal has an entry of it. `pass_grounds`: why
    the policy lets the system pass the repair.
    """

    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    routing: Routing | None = None
    catalogue_version: int | None = None
    limit: Limit | None = None
    severity: Severity | None = None
    target: Case | None = None
    provenance: tuple[Provenance, ...] = ()
    unknown_units: tuple[str, ...] = ()
    staged: bool = False
    next_limit: Limit | None = None
    begun: BegunStep | None = None
    was_overdue: bool = False
    pass_grounds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseMove:
    """An event that an actor wants to cause in a case."""

    case: Case
    event: Event
    actor: Actor
    payload: Payload
    facts: MoveFacts
    now: datetime
