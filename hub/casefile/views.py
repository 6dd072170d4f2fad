"""Cases as the console reads them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel, JsonValue

from hub.cases import Event, State
from hub.cases.views import CaseSummary
from hub.catalogue import RoutingReason, Severity
from hub.journal import Entry
from hub.signals.views import EvidenceView, PlaceView, SignalView


class WhyView(BaseModel):
    """In words, and the facts that the words were made from."""

    code: str
    text_zh: str
    text_en: str
    facts: dict[str, JsonValue] = {}

    @classmethod
    def of(cls, reason: RoutingReason) -> Self:
        return cls.model_validate(reason, from_attributes=True)


class CaseSummaryView(BaseModel):
    """`doubted`: a report's photo shows something else, and nobody has compared them yet."""

    case_id: int
    case_no: str
    item_key: str
    cond_key: str
    title_zh: str
    title_en: str
    condition_text_zh: str
    condition_text_en: str
    severity: Severity
    state: State
    version: int
    place: PlaceView
    asset_id: str | None
    filed_at: datetime
    routed_at: datetime | None
    due_at: datetime | None
    overdue: bool
    calendar_assumed: bool
    lead_unit: str | None
    lead_unit_name_zh: str | None
    lead_unit_name_en: str | None
    territory_unit: str | None
    territory_name_zh: str | None
    territory_name_en: str | None
    signal_count: int
    cover_evidence: str | None
    locked_by: str | None
    doubted: bool


class CaseList(BaseModel):
    """`next_before` asks for the cases after these; null at the end."""

    items: list[CaseSummaryView]
    next_before: str | None


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


def summary_view(row: CaseSummary) -> CaseSummaryView:
    return CaseSummaryView.model_validate(summary_facts(row))


def summary_facts(row: CaseSummary) -> dict[str, object]:
    """The columns of a summary, as the views name them."""
    facts = {name: getattr(row, name) for name in CaseSummary.__slots__}
    return facts | {
        "title_zh": row.title_zh or row.item_key,
        "title_en": row.title_en or row.item_key,
        "condition_text_zh": row.condition_text_zh or row.cond_key,
        "condition_text_en": row.condition_text_en or row.cond_key,
        "overdue": row.overdue,
        "place": PlaceView.at(row.lon, row.lat, row.error_m),
    }


class CaseDetailBase(CaseSummaryView):
    """What is known of a case itself, besides its summary."""

    why: list[WhyView]
    catalogue_version: int
    text: str
    filed_by: str
    occurred_at: datetime
    last_seen_at: datetime
    assist_units: list[str]
    person: str | None
    plan: str | None
    signed_at: datetime | None
    feedback_at: datetime | None
    closed_at: datetime | None
    suspended_until: datetime | None
    extensions: int
    bounces: int
    rework: int
    merged_into: int | None
    recurrence_of: int | None
    signals: list[SignalView]
    evidence: list[EvidenceView]
    allowed: list[Event]
    timeline: list[JournalEntryView]
