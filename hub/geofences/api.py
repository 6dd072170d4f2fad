"""Fences and their events; operators see them, admins draw them."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Path, Query, UploadFile
from pydantic import BaseModel, Field

from hub.accounts.access import Admin, Observer
from hub.accounts.sight import visible_devices
from hub.audit import ReadKind
from hub.audit.recording import audited
from hub.errors import NotFound
from hub.geofences.commands import FenceReport, import_fences, retire_fence
from hub.geofences.fence import Crossing
from hub.geofences.geojson import GEOFENCE_ID_PATTERN, parse_text
from hub.geofences.store import EventFilter, list_events, list_fences, terminals_inside
from hub.geofences.views import GeofenceDetail, GeofenceEventView, GeofenceView
from hub.http.requests import Db, Work
from wire.limits import MAX_INTEGER
from wire.messages import Crs
from wire.topics import DEVICE_ID_PATTERN

router = APIRouter(prefix="/api", tags=["geofences"])

GeofenceId = Annotated[str, Path(pattern=GEOFENCE_ID_PATTERN)]


class GeofenceList(BaseModel):
    """`next_after` asks for the fences after these; null at the end."""

    items: list[GeofenceView]
    next_after: str | None


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
    """A GeoJSON FeatureCollection of polygons; `crs` applies to features without one."""

    file: UploadFile
    crs: Literal["wgs84", "gcj02"] = "wgs84"
    dry_run: bool = False


_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "No such fence is watched"}}


@router.get("/geofences")
async def geofences(
    db: Db, _account: Observer, wanted: Annotated[GeofenceQuery, Query()]
) -> GeofenceList:
    """The fences that are watched, by id."""
    found = await list_fences(db, after=wanted.after, limit=wanted.limit + 1)
    page = found[: wanted.limit]
    goes_on = len(found) > wanted.limit
    return GeofenceList(
        items=page,
        next_after=page[-1].geofence_id if goes_on else None,
    )


@router.post("/geofences")
async def draw_geofences(
    work: Work, account: Admin, form: Annotated[FenceForm, Form()]
) -> FenceReport:
    """Draw fences from GeoJSON: all of them, or none if a feature is bad."""
    drawing = parse_text(await form.file.read(), Crs(form.crs))
    return await import_fences(work.by(account.actor), drawing, dry_run=form.dry_run)


@router.get("/geofences/{geofence_id}", responses=_NOT_FOUND)
async def geofence(db: Db, account: Observer, geofence_id: GeofenceId) -> GeofenceDetail:
    """One fence, with the terminals inside."""
    found = await list_fences(db, geofence_id=geofence_id)
    if not found:
        raise NotFound(f"there is no geofence {geofence_id}", geofence_id=geofence_id)
    terminals = await terminals_inside(db, geofence_id)
    seen = await visible_devices(db, account.scope, [each.device_id for each in terminals])
    terminals = [each for each in terminals if each.device_id in seen]
    return GeofenceDetail(**asdict(found[0]), terminals=terminals)


@router.delete("/geofences/{geofence_id}", status_code=204, responses=_NOT_FOUND)
async def retire_geofence(work: Work, account: Admin, geofence_id: GeofenceId) -> None:
    """Stop watching a fence; its events are kept."""
    await retire_fence(work.by(account.actor), geofence_id)


@router.get("/geofence-events", dependencies=[audited(ReadKind.POSITIONS)])
async def geofence_events(
    db: Db, account: Observer, wanted: Annotated[EventQuery, Query()]
) -> GeofenceEventList:
    """The events of terminals at fences, the newest first."""
    events, next_before = await list_events(
        db,
        EventFilter(
            geofence_id=wanted.geofence_id,
            device_id=wanted.device_id,
            types=tuple(Crossing(each) for each in wanted.type),
            late=wanted.late,
            before=wanted.before,
            limit=wanted.limit,
            scope=account.scope,
        ),
    )
    return GeofenceEventList(items=events, next_before=next_before)
