"""Signals and photos as the console reads them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, JsonValue

from hub.cases import State
from hub.cases.views import CaseEvidence
from hub.catalogue import Severity
from hub.signals.look import Verdict
from hub.signals.reading import NearbyCase, ReportLook, ShownSignal, SignalFacts
from hub.signals.signal import SignalState, Waits


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


class ModelView(BaseModel):
    """`sha256` is that of the weights."""

    name: str
    version: str
    sha256: str


class LookView(BaseModel):
    """What the model saw on a report's photo, and whether that is what was reported.

    Everything but the photo is null or empty until it has looked. `label`, `score` and the first
    box are what decided; null where nothing was seen. `model` is null, with a `note`, where
    nothing could look.
    """

    sha256: str
    verdict: Verdict | None
    label: str | None
    score: float | None
    boxes: list[BoxView]
    model: ModelView | None
    looked_at: datetime | None
    note: str | None

    @classmethod
    def of(cls, look: ReportLook) -> Self:
        decided = look.boxes[0] if look.boxes else {}
        facts = {name: getattr(look, name) for name in ReportLook.__slots__}
        return cls.model_validate(
            facts | {"label": decided.get("label"), "score": decided.get("score")}
        )


class SignalView(BaseModel):
    """`looks` are those at a terminal's report, one for each photo.

    `doubted_at`: since when a person is asked to compare the report with its photo.
    """

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
    doubted_at: datetime | None
    looks: list[LookView]

    @classmethod
    def of(cls, signal: SignalFacts, looks: Sequence[LookView]) -> Self:
        facts = asdict(signal)
        place = PlaceView.at(facts.pop("lon"), facts.pop("lat"), facts.pop("error_m"))
        return cls.model_validate(facts | {"place": place, "looks": looks})


class EvidenceView(BaseModel):
    """A photo of a case or signal; `received_at` and its size are null until it has arrived.

    `verdict` is what the model saw on a repair photo, `verdict_facts` on what grounds; `look` is
    what it saw on a report's, whose `boxes` are then the model's.
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
    look: LookView | None

    @classmethod
    def of(cls, photo: CaseEvidence, look: LookView | None) -> Self:
        facts = {name: getattr(photo, name) for name in CaseEvidence.__slots__}
        verdict = facts.pop("verdict")
        place = PlaceView.at(facts.pop("lon"), facts.pop("lat"))
        judgement = verdict.get("judgement") if verdict else None
        boxes = facts.pop("boxes") or (look.boxes if look else [])
        seen = {"boxes": boxes, "verdict": judgement, "verdict_facts": verdict, "look": look}
        return cls.model_validate(facts | {"place": place} | seen)


class WaitingSignalView(SignalView):
    """A signal with what a person needs to decide about it; `why` is empty once it waits no more.

    The titles are null where it doesn't say what it is about, or says what the catalogue has not.
    `case_id` is the case that it belongs to. `cleared_at`: when its camera saw the fault gone.
    """

    state: SignalState
    reason: str | None
    why: list[Waits]
    item_key: str | None
    cond_key: str | None
    title_zh: str | None
    title_en: str | None
    condition_text_zh: str | None
    condition_text_en: str | None
    hits: int | None
    device_name_zh: str | None
    device_name_en: str | None
    holder: str | None
    cleared_at: datetime | None
    case_id: int | None
    case_no: str | None
    photos: list[EvidenceView]

    @classmethod
    def shown(
        cls, signal: ShownSignal, looks: Sequence[LookView], photos: Sequence[EvidenceView]
    ) -> Self:
        facts = asdict(signal)
        place = PlaceView.at(facts.pop("lon"), facts.pop("lat"), facts.pop("error_m"))
        return cls.model_validate(facts | {"place": place, "looks": looks, "photos": photos})


class WaitingList(BaseModel):
    """`next_after` asks for the signals after these; null at the end."""

    items: list[WaitingSignalView]
    next_after: int | None


class NearbyCaseView(BaseModel):
    """An open case near a signal, which may be about the same thing."""

    case_id: int
    case_no: str
    item_key: str
    title_zh: str
    title_en: str
    condition_text_zh: str
    condition_text_en: str
    severity: Severity
    state: State
    place: PlaceView
    distance_m: float

    @classmethod
    def of(cls, case: NearbyCase) -> Self:
        facts = asdict(case)
        return cls.model_validate(
            facts
            | {
                "title_zh": case.title_zh or case.item_key,
                "title_en": case.title_en or case.item_key,
                "condition_text_zh": case.condition_text_zh or case.cond_key,
                "condition_text_en": case.condition_text_en or case.cond_key,
                "place": PlaceView.at(case.lon, case.lat, case.error_m),
            }
        )


class DecisionView(BaseModel):
    """What was decided about a signal last, and by whom; `actor_name` is null for the system."""

    at: datetime
    actor: str
    actor_name: str | None
    reason: str | None
    note: str | None


class SignalDetail(WaitingSignalView):
    """`nearby` are the open cases around a signal that waits, the nearest first."""

    nearby: list[NearbyCaseView]
    decision: DecisionView | None
