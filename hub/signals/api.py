"""Signals that wait for a person: list them, read one, and decide about it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from hub.accounts.access import Operator
from hub.cases.actor import Actor
from hub.db import Connection
from hub.errors import InvalidInput
from hub.evidence import photo_facts
from hub.geo.place import Spot
from hub.http.requests import Db, Work
from hub.signals.commands import accept_signal, join_signal, note_signal, reject_signal
from hub.signals.reading import WaitingFilter, signal_detail, waiting_list
from hub.signals.signal import RejectReason, SourceKind, WaitingReason
from hub.signals.views import SignalDetail, WaitingList
from wire.limits import MAX_INTEGER
from wire.messages.base import Lat, Lon, Metres, Sha256, Slug, Text

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
    """`q` is searched for in the text of the signal, and in the names of its item and device."""

    why: list[WaitingReason] = []
    source: list[SourceKind] = []
    q: Search | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    after: Annotated[int, Field(ge=0, le=MAX_INTEGER)] = 0


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


@router.get("/waiting")
async def waiting_signals(
    db: Db, _account: Operator, wanted: Annotated[WaitingQuery, Query()]
) -> WaitingList:
    """Signals that wait for a person, the oldest first, with the reasons.

    The list includes reports of open cases whose photo shows something else; those are settled by
    /api/cases/{case_id}/photo-check.
    """
    return await waiting_list(
        db,
        WaitingFilter(
            why=tuple(wanted.why),
            sources=tuple(wanted.source),
            text=wanted.q,
            after=wanted.after,
            limit=wanted.limit,
        ),
    )


@router.get("/{signal_id}")
async def signal(db: Db, _account: Operator, signal_id: SignalId) -> SignalDetail:
    """One signal, waiting or not, with the open cases near it and the last decision."""
    return await signal_detail(db, signal_id)


@router.post("/{signal_id}/accept", responses=_CONFLICT)
async def accept_waiting_signal(
    work: Work, account: Operator, signal_id: SignalId, body: Acceptance
) -> SignalDetail:
    """File a case for a waiting signal; if the issue has an open case, the signal joins it."""
    await _must_have_arrived(work.db, body.evidence)
    place = body.place
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
    """Note a low battery or an absence, which is no case, and remind the holder if there are words for it."""
    await note_signal(work, signal_id, Actor.of(account), body.note, reminder=body.reminder)
    await work.commit()
    return await signal_detail(work.db, signal_id)


async def _must_have_arrived(db: Connection, photos: tuple[str, ...]) -> None:
    for sha256 in photos:
        if await photo_facts(db, sha256) is None:
            raise InvalidInput(
                f"photo {sha256} has not arrived; send it to /api/evidence first", field="evidence"
            )
