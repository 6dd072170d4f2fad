"""Cases as the console reads them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, JsonValue

from hub.casefile.store import CaseSignal
from hub.cases import Event, State
from hub.cases.views import CaseEvidence, CaseSummary
from hub.catalogue import Reason, Severity
from hub.journal import Entry


class PlaceView(BaseModel):
    """WGS-84; `error_m` is the radius within which the place lies, null where unknown."""

    lon: float
    lat: float
    error_m: float | None

    @classmethod
    def at(cls, lon: float | None, lat: float | None, error_m: float | None = None) -> Self | None:
        return None if lon is None or lat is None else cls(lon=lon, lat=lat, error_m=error_m)


class BoxView(BaseModel):
    """In fractions of the picture; (x, y) is the upper left corner."""

    label: str
    score: float | None = None
    x: float
    y: float
    w: float
    h: float


class WhyView(BaseModel):
    """In words, and the facts that the words were made from."""

    code: str
    text_zh: str
    text_en: str
    facts: dict[str, JsonValue] = {}

    @classmethod
    def of(cls, reason: Reason) -> Self:
        return cls.model_validate(reason, from_attributes=True)


class CaseSummaryView(BaseModel):
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


class CaseList(BaseModel):
    """`next_before` asks for the cases after these; null at the end."""

    items: list[CaseSummaryView]
    next_before: str | None


class SignalView(BaseModel):
    signal_id: int
    source: Literal["camera", "terminal", "sensor", "hotline", "app", "operator"]
    device_id: str | None
    type: str
    label: str | None
    score: float | None
    observed_at: datetime
    received_at: datetime
    place: PlaceView | None
    evidence: list[str]
    boxes: list[BoxView]
    text: str

    @classmethod
    def of(cls, signal: CaseSignal) -> Self:
        facts = {name: getattr(signal, name) for name in CaseSignal.__slots__}
        place = PlaceView.at(facts.pop("lon"), facts.pop("lat"), facts.pop("error_m"))
        return cls.model_validate(facts | {"place": place})


class EvidenceView(BaseModel):
    """A photo of the case; `received_at` and its size are null until it has arrived.

    `verdict` is what the model saw on a repair photo, `verdict_facts` on what grounds.
    """

    sha256: str
    kind: Literal["detection", "report", "repair", "filing"]
    device_id: str | None
    username: str | None
    taken_at: datetime | None
    received_at: datetime | None
    place: PlaceView | None
    width: int | None
    height: int | None
    boxes: list[BoxView]
    verdict: str | None
    verdict_facts: dict[str, JsonValue] | None

    @classmethod
    def of(cls, photo: CaseEvidence) -> Self:
        facts = {name: getattr(photo, name) for name in CaseEvidence.__slots__}
        verdict = facts.pop("verdict")
        place = PlaceView.at(facts.pop("lon"), facts.pop("lat"))
        judgement = verdict.get("judgement") if verdict else None
        return cls.model_validate(
            facts | {"place": place, "verdict": judgement, "verdict_facts": verdict}
        )


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
