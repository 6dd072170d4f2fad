"""Fences and what happened at them; operators see them, admins draw them."""

from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Form, Path, Query, UploadFile
from pydantic import BaseModel, Field, JsonValue

from hub.accounts.access import Admin, Operator
from hub.errors import NotFound
from hub.geofences.commands import FenceReport, import_fences, retire_fence
from hub.geofences.fence import Crossing
from hub.geofences.geojson import GEOFENCE_ID_PATTERN, parse_text
from hub.geofences.store import (
    EventFilter,
    ListedEvent,
    ListedFence,
    list_events,
    list_fences,
    terminals_inside,
)
from hub.http.requests import Db, Work
from wire.limits import MAX_INTEGER
from wire.messages import Crs
from wire.messages.base import Instant
from wire.topics import DEVICE_ID_PATTERN

router = APIRouter(prefix="/api", tags=["geofences"])

GeofenceId = Annotated[str, Path(pattern=GEOFENCE_ID_PATTERN)]


class GeofenceView(BaseModel):
    """`boundary` is GeoJSON in WGS-84; `inside` counts the terminals in it.

    Who is inside has left beyond `margin_m`; either side must hold for `settle_s`. `dwell_s` is after
    how long a stay is told, null where it isn't.
    """

    geofence_id: str
    name_zh: str
    name_en: str
    margin_m: float
    settle_s: float
    dwell_s: float | None
    watched_from: Instant
    boundary: dict[str, JsonValue]
    inside: int

    @classmethod
    def of(cls, fence: ListedFence) -> Self:
        return cls.model_validate(fence, from_attributes=True)


class GeofenceList(BaseModel):
    """`next_after` asks for the fences after these; null at the end."""

    items: list[GeofenceView]
    next_after: str | None


class InsideView(BaseModel):
    device_id: str
    holder: str | None
    since: Instant


class GeofenceDetail(GeofenceView):
    """`terminals` are those inside, the longest first."""

    terminals: list[InsideView]


class GeofenceEventView(BaseModel):
    """`at` is when it happened, `noticed_at` when the hub knew; `late` is history, and no alarm."""

    event_id: int
    geofence_id: str
    name_zh: str
    name_en: str
    device_id: str
    holder: str | None
    type: Literal["enter", "leave", "dwell"]
    at: Instant
    noticed_at: Instant
    late: bool
    lon: float
    lat: float

    @classmethod
    def of(cls, event: ListedEvent) -> Self:
        return cls.model_validate(event, from_attributes=True)


class GeofenceEventList(BaseModel):
    """`next_before` asks for the events before these; null at the end."""

    items: list[GeofenceEventView]
    next_before: int | None


class GeofenceQuery(BaseModel):
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    after: Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")] = ""


class EventQuery(BaseModel):
    geofence_id: Annotated[str | None, Field(pattern=GEOFENCE_ID_PATTERN)] = None
    device_id: Annotated[str | None, Field(pattern=DEVICE_ID_PATTERN)] = None
    type: list[Literal["enter", "leave", "dwell"]] = []
    late: bool | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    before: Annotated[int | None, Field(ge=1, le=MAX_INTEGER)] = None


class FenceForm(BaseModel):
    """A GeoJSON FeatureCollection of polygons; `crs` holds where a feature doesn't name its own."""

    file: UploadFile
    crs: Literal["wgs84", "gcj02"] = "wgs84"
    dry_run: bool = False


class BadFeatureView(BaseModel):
    """`feature` counts from 1."""

    feature: int
    geofence_id: str | None
    reason: str


class FenceReportView(BaseModel):
    """With a bad feature nothing is written. Fences that the file lacks stay."""

    written: bool
    added: list[str]
    changed: list[str]
    unchanged: int
    bad: list[BadFeatureView]

    @classmethod
    def of(cls, report: FenceReport) -> Self:
        return cls.model_validate(report, from_attributes=True)


_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "No such fence is watched"}}


@router.get("/geofences")
async def geofences(
    db: Db, _account: Operator, wanted: Annotated[GeofenceQuery, Query()]
) -> GeofenceList:
    """The fences that are watched, by id."""
    found = await list_fences(db, after=wanted.after, limit=wanted.limit + 1)
    page = found[: wanted.limit]
    goes_on = len(found) > wanted.limit
    return GeofenceList(
        items=[GeofenceView.of(fence) for fence in page],
        next_after=page[-1].geofence_id if goes_on else None,
    )


@router.post("/geofences")
async def draw_geofences(
    work: Work, account: Admin, form: Annotated[FenceForm, Form()]
) -> FenceReportView:
    """Draw fences from GeoJSON: all of them, or none where a feature is bad."""
    drawing = parse_text(await form.file.read(), Crs(form.crs))
    report = await import_fences(work.by(account.actor), drawing, dry_run=form.dry_run)
    return FenceReportView.of(report)


@router.get("/geofences/{geofence_id}", responses=_NOT_FOUND)
async def geofence(db: Db, _account: Operator, geofence_id: GeofenceId) -> GeofenceDetail:
    """One fence, with who is inside."""
    found = await list_fences(db, geofence_id=geofence_id)
    if not found:
        raise NotFound(f"there is no geofence {geofence_id}", geofence_id=geofence_id)
    inside = await terminals_inside(db, geofence_id)
    terminals = [InsideView.model_validate(each, from_attributes=True) for each in inside]
    return GeofenceDetail(**GeofenceView.of(found[0]).model_dump(), terminals=terminals)


@router.delete("/geofences/{geofence_id}", status_code=204, responses=_NOT_FOUND)
async def retire_geofence(work: Work, account: Admin, geofence_id: GeofenceId) -> None:
    """Watch a fence no longer; what happened at it is kept."""
    await retire_fence(work.by(account.actor), geofence_id)


@router.get("/geofence-events")
async def geofence_events(
    db: Db, _account: Operator, wanted: Annotated[EventQuery, Query()]
) -> GeofenceEventList:
    """Who entered, left, or stayed long, the newest first."""
    events, next_before = await list_events(
        db,
        EventFilter(
            geofence_id=wanted.geofence_id,
            device_id=wanted.device_id,
            types=tuple(Crossing(each) for each in wanted.type),
            late=wanted.late,
            before=wanted.before,
            limit=wanted.limit,
        ),
    )
    return GeofenceEventList(
        items=[GeofenceEventView.of(event) for event in events], next_before=next_before
    )
