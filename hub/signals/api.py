"""Signals that wait for a person: list them, read one, and decide about it."""

from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field, model_validator

from hub.accounts.access import Observer, Operator
from hub.accounts.sight import require_place, require_sight
from hub.audit import ReadKind
from hub.audit.recording import audited
from hub.cases.actor import Actor
from hub.catalogue import Severity
from hub.db import Connection
from hub.errors import InvalidInput
from hub.evidence import photo_facts
from hub.geo.place import Spot
from hub.http.requests import Db, Work
from hub.signals.commands import (
    PersonReport,
    accept_signal,
    join_signal,
    note_signal,
    reject_signal,
    snooze_signal,
    take_report,
    wake_signal,
)
from hub.signals.course import Action
from hub.signals.reading import (
    DetectionFilter,
    WaitingFilter,
    false_alarms,
    monitored_signals,
    signal_detail,
    waiting_list,
    whole_reporter,
)
from hub.signals.reporters import Reporter
from hub.signals.signal import RejectReason, SourceKind, WaitingReason
from hub.signals.views import MonitoredList, ReporterView, SignalDetail, WaitingList
from wire.limits import MAX_INTEGER
from wire.messages.base import DeviceIdText, Instant, Lat, Lon, Metres, Sha256, Slug, Text

router = APIRouter(prefix="/api/signals", tags=["signals"])

SignalId = Annotated[int, Path(ge=1, le=MAX_INTEGER)]
CaseId = Annotated[int, Field(ge=1, le=MAX_INTEGER)]
Search = Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")]
Photos = Annotated[tuple[Sha256, ...], Field(max_length=20)]
GivenReason = Literal["false_positive", "out_of_scope", "duplicate", "test"]
_CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"description": "The signal is decided already; `state` says how"}
}


class WaitingQuery(BaseModel):
    """`q` is searched for in the text of the signal, and in the names of its item and device.

    `snoozed` lists those that are put off. `sort`: by arrival, or the most severe first.
    """

    why: list[WaitingReason] = []
    source: list[SourceKind] = []
    severity: list[Severity] = []
    q: Search | None = None
    snoozed: bool = False
    sort: Literal["arrival", "urgency"] = "arrival"
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    after: Annotated[int, Field(ge=0, le=MAX_INTEGER)] = 0


class DetectionQuery(BaseModel):
    """Detections of a camera, a class, a version of a model, and a time; `before` is the last one seen."""

    camera_id: DeviceIdText | None = None
    label: Slug | None = None
    model_version: Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")] | None = None
    since: Instant | None = None
    until: Instant | None = None
    before: Annotated[int, Field(ge=1, le=MAX_INTEGER)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class MonitoredQuery(DetectionQuery):
    """`action` is what automation would have done."""

    action: Action | None = None


class SignalPlace(BaseModel):
    lon: Lon
    lat: Lat
    error_m: Metres = 10.0


class Acceptance(BaseModel):
    """The item and condition of the signal. `place` replaces its own, or gives it one.

    Photos in `evidence` were sent to /api/evidence before; they are added to the signal's own.
    """

    item_key: Slug
    cond_key: Slug
    place: SignalPlace | None = None
    evidence: Photos = ()


class Joining(BaseModel):
    """The open case that the signal belongs to."""

    case_id: CaseId


class Rejection(BaseModel):
    """`false_positive` counts against the camera; `note` is for the readers of the journal."""

    reason: GivenReason
    note: Text | None = None


class Noting(BaseModel):
    """`reminder` is sent to the holder as a message; `note` is for the readers of the journal."""

    note: Text | None = None
    reminder: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")] | None = (
        None
    )


class GivenReporter(BaseModel):
    """Who reports something, and whether to call back when it is done."""

    name: Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")] | None = None
    contact: Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")] | None = None
    wants_callback: bool = False

    @model_validator(mode="after")
    def _can_be_called(self) -> Self:
        if self.wants_callback and not (self.contact and self.contact.strip()):
            raise ValueError("who wants to be called back needs a contact")
        return self


class TakenReport(BaseModel):
    """What a person reports to an operator. `number` is that of its source, by which it is taken in once."""

    source: Literal["hotline", "app", "operator"] = "hotline"
    number: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$")] | None = None
    text: Text = ""
    item_key: Slug | None = None
    cond_key: Slug | None = None
    place: SignalPlace | None = None
    evidence: Photos = ()
    observed_at: Instant | None = None
    reporter: GivenReporter | None = None


class Snoozing(BaseModel):
    """The instant at which the signal comes back, at most 92 days away; `note` is for later readers."""

    until: Instant
    note: Text | None = None


@router.post("", status_code=201)
async def take_person_s_report(work: Work, account: Operator, body: TakenReport) -> SignalDetail:
    """Take in what a person reports: it joins the case of its issue, becomes one, or waits."""
    await _must_have_arrived(work.db, body.evidence)
    place, who = body.place, body.reporter
    if place is not None:
        await require_place(work.db, account, place.lon, place.lat)
    report = PersonReport(
        source=SourceKind(body.source),
        identity=None if body.number is None else f"{body.source}/{body.number}",
        text=body.text,
        item_key=body.item_key,
        cond_key=body.cond_key,
        spot=None if place is None else Spot(place.lon, place.lat, place.error_m),
        evidence=body.evidence,
        observed_at=body.observed_at,
        reporter=None
        if who is None
        else Reporter(who.name, who.contact, wants_callback=who.wants_callback),
    )
    outcome = await take_report(work, report, Actor.of(account))
    await work.commit()
    return await signal_detail(work.db, outcome.signal_id)


@router.get("/waiting")
async def waiting_signals(
    db: Db, account: Observer, wanted: Annotated[WaitingQuery, Query()]
) -> WaitingList:
    """Signals that wait for a person, the oldest or the most severe first, with the reasons.

    The list includes reports of open cases whose photo shows something else; those are settled by
    /api/cases/{case_id}/photo-check.
    """
    return await waiting_list(
        db,
        WaitingFilter(
            why=tuple(wanted.why),
            sources=tuple(wanted.source),
            severities=tuple(wanted.severity),
            snoozed=wanted.snoozed,
            by_urgency=wanted.sort == "urgency",
            text=wanted.q,
            after=wanted.after,
            limit=wanted.limit,
            scope=account.scope,
        ),
    )


@router.get("/false-alarms")
async def list_false_alarms(
    db: Db, account: Observer, wanted: Annotated[DetectionQuery, Query()]
) -> WaitingList:
    """Detections that people called wrong, the newest first, with their pictures."""
    return await false_alarms(db, DetectionFilter(**wanted.model_dump(), scope=account.scope))


@router.get("/monitored")
async def list_monitored_signals(
    db: Db, account: Observer, wanted: Annotated[MonitoredQuery, Query()]
) -> MonitoredList:
    """Signals with which automation would have done something, the newest first, and their counts."""
    return await monitored_signals(db, DetectionFilter(**wanted.model_dump(), scope=account.scope))


@router.get("/{signal_id}")
async def signal(db: Db, _account: Observer, signal_id: SignalId) -> SignalDetail:
    """One signal, waiting or not, with the open cases near it and the last decision."""
    return await signal_detail(db, signal_id)


@router.get("/{signal_id}/reporter", dependencies=[audited(ReadKind.CONTACT)])
async def reporter_of_signal(db: Db, _account: Operator, signal_id: SignalId) -> ReporterView:
    """Who reported a signal, whole, for who calls back; each look is recorded."""
    return await whole_reporter(db, signal_id)


@router.post("/{signal_id}/accept", responses=_CONFLICT)
async def accept_waiting_signal(
    work: Work, account: Operator, signal_id: SignalId, body: Acceptance
) -> SignalDetail:
    """File a case for a waiting signal; if the issue has an open case, the signal joins it."""
    await _must_have_arrived(work.db, body.evidence)
    place = body.place
    if place is not None:
        await require_place(work.db, account, place.lon, place.lat)
    await accept_signal(
        work,
        signal_id,
        body.item_key,
        body.cond_key,
        Actor.of(account),
        spot=None if place is None else Spot(place.lon, place.lat, place.error_m),
        evidence=body.evidence,
    )
    await work.commit()
    return await signal_detail(work.db, signal_id)


@router.post("/{signal_id}/join", responses=_CONFLICT)
async def join_waiting_signal(
    work: Work, account: Operator, signal_id: SignalId, body: Joining
) -> SignalDetail:
    """Add a waiting signal to an open case, with its photos."""
    await require_sight(work.db, account, {"case_id": body.case_id})
    await join_signal(work, signal_id, body.case_id, Actor.of(account))
    await work.commit()
    return await signal_detail(work.db, signal_id)


@router.post("/{signal_id}/reject", responses=_CONFLICT)
async def reject_waiting_signal(
    work: Work, account: Operator, signal_id: SignalId, body: Rejection
) -> SignalDetail:
    """Reject a waiting signal."""
    await reject_signal(
        work, signal_id, RejectReason(body.reason), Actor.of(account), said=body.note
    )
    await work.commit()
    return await signal_detail(work.db, signal_id)


@router.post("/{signal_id}/note", responses=_CONFLICT)
async def note_waiting_signal(
    work: Work, account: Operator, signal_id: SignalId, body: Noting
) -> SignalDetail:
    """Note a signal that is true and nothing for a case, with words that say why.

    A low battery or an absence needs none, and its holder may get a reminder.
    """
    await note_signal(work, signal_id, Actor.of(account), body.note, reminder=body.reminder)
    await work.commit()
    return await signal_detail(work.db, signal_id)


@router.post("/{signal_id}/snooze", responses=_CONFLICT)
async def snooze_waiting_signal(
    work: Work, account: Operator, signal_id: SignalId, body: Snoozing
) -> SignalDetail:
    """Put a signal off; it comes back by itself, at once if something graver is seen."""
    await snooze_signal(work, signal_id, body.until, Actor.of(account), body.note)
    await work.commit()
    return await signal_detail(work.db, signal_id)


@router.post("/{signal_id}/wake", responses=_CONFLICT)
async def wake_snoozed_signal(work: Work, account: Operator, signal_id: SignalId) -> SignalDetail:
    """Let a snoozed signal wait again."""
    await wake_signal(work, signal_id, Actor.of(account))
    await work.commit()
    return await signal_detail(work.db, signal_id)


async def _must_have_arrived(db: Connection, photos: tuple[str, ...]) -> None:
    for sha256 in photos:
        if await photo_facts(db, sha256) is None:
            raise InvalidInput(
                f"photo {sha256} has not arrived; send it to /api/evidence first", field="evidence"
            )
