"""Signals and photos as the console reads them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, JsonValue

from hub.cases import State
from hub.cases.evidence import EvidenceKind
from hub.catalogue import Severity
from hub.evidence.views import PhotoRefusal
from hub.geo.views import PlaceView
from hub.signals.course import Action
from hub.signals.photo_check import ReportVerdict
from hub.signals.signal import SignalState, SourceKind, WaitingReason


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


class PhotoCheckView(BaseModel):
    """The check of a report's photo: what the model saw, and whether it was reported.

    Everything but the photo is null or empty until it is checked. `label`, `score` and the first
    box are of the deciding object; null if nothing was seen. `model` is null, with a `note`, if no model
    could check the photo.
    """

    sha256: str
    verdict: ReportVerdict | None
    label: str | None
    score: float | None
    boxes: list[BoxView]
    model: ModelView | None
    checked_at: datetime | None
    note: str | None


class ReporterView(BaseModel):
    """Who reported a signal: name and contact are masked, but for who calls back."""

    name: str | None
    contact: str | None
    wants_callback: bool


class SignalView(BaseModel):
    """`device_id` is the device that saw it. `photo_checks` are those of a report, one per photo.

    `doubted_at`: since when a person is asked to compare the report with its photo. `cleared_at`: when
    its camera saw the fault gone. `stamped_at`: what the device's clock said, if it is wrong and
    `observed_at` is not taken from it.
    """

    signal_id: int
    source: SourceKind
    device_id: str | None
    type: str
    label: str | None
    score: float | None
    observed_at: datetime
    stamped_at: datetime | None
    received_at: datetime
    place: PlaceView | None
    evidence: list[str]
    boxes: list[BoxView]
    text: str
    doubted_at: datetime | None
    cleared_at: datetime | None
    photo_checks: list[PhotoCheckView]
    reporter: ReporterView | None


class EvidenceView(BaseModel):
    """A photo of a case or signal; `received_at` and its size are null until it has arrived.

    `refusal`: why it has not, if the hub refused it.

    One of kind `task` is in the answer of a terminal that was sent, and is no evidence yet.

    `verdict` is the model's verdict on a repair photo, `verdict_facts` its grounds; `photo_check` is
    the check of a report's photo, whose `boxes` are then the model's. `is_claimed`: its time and place
    are what the account that uploaded it says; nothing proves them.
    """

    sha256: str
    kind: EvidenceKind | Literal["task"]
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
    photo_check: PhotoCheckView | None
    refusal: PhotoRefusal | None
    is_claimed: bool


class WouldView(BaseModel):
    """What automation would have done with a signal of a camera that only monitors.

    `reason` is why it would have waited; the case is the one to join or reopen, or that it recurs from.
    """

    action: Action
    case_id: int | None
    case_no: str | None
    reason: WaitingReason | None


class WaitingSignalView(SignalView):
    """A signal with what a person needs to decide about it; `why` is empty if it no longer waits.

    The titles and the severity are null if it doesn't say what it is about, or if the catalogue has no such
    item. `case_id` is the case that it belongs to. `snoozed_until` is set while it is put off.
    `accept_late_at`: it was told that it waits longer than the hall has for it.
    """

    state: SignalState
    reason: str | None
    why: list[WaitingReason]
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
    case_id: int | None
    case_no: str | None
    photos: list[EvidenceView]
    severity: Severity | None
    snoozed_until: datetime | None
    accept_late_at: datetime | None
    would: WouldView | None


class WaitingList(BaseModel):
    """`next_after` asks for the signals after these; null at the end."""

    items: list[WaitingSignalView]
    next_after: int | None


class MonitoredCount(BaseModel):
    """How many signals automation would have treated so, and how many people called right or wrong."""

    action: Action
    signals: int
    right: int
    wrong: int


class MonitoredList(WaitingList):
    """`counts` are of all that was asked for, not of this page alone."""

    counts: list[MonitoredCount]


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


class DecisionView(BaseModel):
    """The newest decision about a signal, and who made it; `actor_name` is null for the system."""

    at: datetime
    actor: str
    actor_name: str | None
    reason: str | None
    note: str | None


class SignalDetail(WaitingSignalView):
    """`nearby` are the open cases around a signal that waits, the nearest first."""

    nearby: list[NearbyCaseView]
    decision: DecisionView | None
