"""A case in the journal: the changes of each transition, and the case rebuilt from them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from pydantic import JsonValue

from hub.cases.actor import Actor
from hub.cases.as_json import as_json
from hub.cases.case import Case, Event, State
from hub.cases.guards import EVENT_OF
from hub.cases.moves import Payload
from hub.cases.requests import ApprovalRequest
from hub.cases.transitions import TRANSITIONS
from hub.journal import Entry, NewEntry, Subject

_NOT_RECORDED = frozenset({"case_id"})


class CaseEntryKind(StrEnum):
    """The kinds of entries that cases and signals write to a case's journal."""

    TRANSITION = "transition"
    ROUTING_UNCLEAR = "routing_unclear"
    DEADLINE_RECOMPUTED = "deadline_recomputed"
    CASE_ABSORBED = "case_absorbed"
    PHOTOS_JUDGED = "photos_judged"
    """The model has judged the photos of the repair."""
    SIGNAL_JOINED = "signal_joined"
    ALARM_RAISED = "alarm_raised"
    """A person in danger has called, or called again."""
    ALARM_ACKNOWLEDGED = "alarm_acknowledged"
    EVIDENCE_ADDED = "evidence_added"
    STUDY_ANSWERED = "study_answered"
    """A unit that is invited to the joint study has answered."""
    RULING_PROPOSED = "ruling_proposed"
    PROPOSAL_ACCEPTED = "proposal_accepted"
    """The ruling is in the catalogue."""
    PROPOSAL_DECLINED = "proposal_declined"
    CAMERA_LOST_SIGHT = "camera_lost_sight"
    CAMERA_SEES_IT_CLEARED = "camera_sees_it_cleared"
    REPORT_PHOTO_AGREES = "report_photo_agrees"
    REPORT_PHOTO_DISAGREES = "report_photo_disagrees"
    REPORT_PHOTO_UNSURE = "report_photo_unsure"
    REPORT_PHOTOS_CHECKED = "report_photos_checked"
    """A person has compared the reports with their photos."""
    APPROVAL_ASKED = "approval_asked"
    """Somebody asks for what a second person decides; granting it is a transition."""
    APPROVAL_REFUSED = "approval_refused"
    APPROVAL_WITHDRAWN = "approval_withdrawn"
    CASE_CLAIMED = "case_claimed"
    CASE_RELEASED = "case_released"
    NOTE_ADDED = "note_added"
    DISPATCH_LATE = "dispatch_late"
    """No unit is responsible for the case after the time that the hall has for it."""
    CASE_SPLIT = "case_split"


class BrokenRecord(ValueError):
    """The entries contain a move that the table doesn't have, or one that doesn't follow."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A case rebuilt from its entries: its state and, as JSON values, all of its columns."""

    state: State
    columns: dict[str, JsonValue]


def transition_entry(
    before: Case | None, after: Case, event: Event, actor: Actor, now: datetime, payload: Payload
) -> NewEntry:
    """The entry of a transition; `data.changes` are the columns that it changed."""
    said = {
        name: as_json(value)
        for name, value in asdict(payload).items()
        if value and name != "reason"
    }
    return NewEntry(
        Subject.CASE,
        str(after.case_id),
        CaseEntryKind.TRANSITION,
        actor.name,
        now,
        event=event,
        from_state=None if before is None else before.state,
        to_state=after.state,
        reason=payload.reason,
        data={
            "case_no": after.case_no,
            "changes": changes(before, after),
            **said,
            **_decided(before, after, event),
        },
    )


def facts_of(request: ApprovalRequest) -> dict[str, JsonValue]:
    """A request as the entries name it."""
    return {
        "approval_id": request.approval_id,
        "approval": str(request.kind),
        "asked_by": request.asked_by,
    }


def _decided(before: Case | None, after: Case, event: Event) -> dict[str, JsonValue]:
    """The request that the move grants, and those that it leaves without an object."""
    gone = [each for each in before.requests if each not in after.requests] if before else []
    decided: dict[str, JsonValue] = {}
    for request in gone:
        if EVENT_OF[request.kind] is event:
            decided |= facts_of(request)
    lapsed: list[JsonValue] = [facts_of(each) for each in gone if EVENT_OF[each.kind] is not event]
    return decided | ({"lapsed": lapsed} if lapsed else {})


def changes(before: Case | None, after: Case) -> dict[str, JsonValue]:
    """The columns in which two versions of a case differ, with their new values."""
    return {
        field.name: as_json(getattr(after, field.name))
        for field in fields(after)
        if field.name not in _NOT_RECORDED
        and (before is None or getattr(before, field.name) != getattr(after, field.name))
    }


def columns(case: Case) -> dict[str, JsonValue]:
    """All columns of a case as the journal writes them."""
    return changes(None, case)


def replay(entries: Sequence[Entry]) -> State:
    """The state that the entries of a case lead to. Raises BrokenRecord."""
    return replay_case(entries).state


def replay_case(entries: Sequence[Entry]) -> Replayed:
    """The case rebuilt from its entries, oldest first. Raises BrokenRecord."""
    state: State | None = None
    known: dict[str, JsonValue] = {}
    migrated: dict[str, JsonValue] = {}
    for entry in entries:
        changed = entry.data.get("changes", {})
        if not isinstance(changed, dict):
            raise BrokenRecord(f"entry {entry.journal_id} has no list of changes")
        if entry.event is not None:
            state = _step(state, Event(entry.event), entry)
        known |= changed
        migrated = _given_to_a_study(entry, known) | {
            n: v for n, v in migrated.items() if n not in changed
        }
    if state is None:
        raise BrokenRecord("no entry files the case")
    if state is State.JOINT_STUDY:
        known |= migrated
    return Replayed(state, known)


def _given_to_a_study(entry: Entry, known: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """What migration 0044 gave to a study that began before studies had a clock of their own.

    `known` are the columns as they were recorded until this entry and with it.
    """
    units = entry.data.get("units")
    if entry.event != Event.REFER_STUDY or not units or "study_due_at" in known:
        return {}
    due_at = entry.at.astimezone(UTC) + timedelta(days=1)
    return {"invited_units": units, "study_due_at": due_at.isoformat()}


def _step(state: State | None, event: Event, entry: Entry) -> State:
    row = TRANSITIONS.get((state, event))
    if row is None or entry.from_state != state or entry.to_state not in row.targets:
        move = f"{entry.from_state} -> {event} -> {entry.to_state}"
        raise BrokenRecord(f"entry {entry.journal_id}: {move} does not follow {state}")
    return State(entry.to_state)
