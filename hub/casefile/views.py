"""The file of a case as the console reads it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, JsonValue

from hub.casefile.steps import StepView
from hub.cases import Event, State
from hub.cases.requests import ApprovalKind
from hub.cases.views import CaseRecord
from hub.commands.reading import CommandView
from hub.journal import Entry
from hub.signals.views import EvidenceView, SignalView
from hub.video.store import VideoSession


class JournalEntryView(BaseModel):
    """`actor` is user:NAME, device:ID or system:PART; `hash` covers the entry and `prev_hash`."""

    journal_id: int
    at: datetime
    actor: str
    actor_name: str | None
    kind: str
    event: str | None
    from_state: str | None
    to_state: str | None
    reason: str | None
    data: dict[str, JsonValue]
    hash: str
    prev_hash: str


def journal_views(entries: Sequence[Entry], names: Mapping[str, str]) -> list[JournalEntryView]:
    """`names` are those of the actors."""
    return [
        JournalEntryView.model_validate(
            {name: getattr(entry, name) for name in Entry.__slots__}
            | {"actor_name": names.get(entry.actor)}
        )
        for entry in entries
    ]


class CaseJournalView(BaseModel):
    """`chain_ok`: no entry was changed or removed. `replay_matches`: the entries lead to the state."""

    items: list[JournalEntryView]
    chain_ok: bool
    replayed_state: State | None
    replay_matches: bool


class CaseDetail(CaseRecord):
    """Everything that the page of a case shows.

    `allowed` are the events that the account may cause, and `askable` what it may ask for. `steps` are
    those of a staged limit; `close_condition` is that of the whole case.
    """

    signals: list[SignalView]
    evidence: list[EvidenceView]
    allowed: list[Event]
    askable: list[ApprovalKind]
    steps: list[StepView]
    close_condition: str | None
    timeline: list[JournalEntryView]
    commands: list[CommandView]
    videos: list[VideoSession]
