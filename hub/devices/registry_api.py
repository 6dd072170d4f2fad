"""The registry as a file: operators export it, admins import it."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Response, UploadFile
from pydantic import BaseModel

from hub.accounts.access import Admin, Observer
from hub.accounts.sight import visible_devices
from hub.audit import ReadKind
from hub.audit.recording import audited
from hub.devices.gb28181 import parse_gb28181
from hub.devices.listing import decode_listing, write_listing
from hub.devices.registry import RegistryReport, import_listing, registered
from hub.devices.views import DeviceKind
from hub.http.requests import Db, Work

router = APIRouter(prefix="/api/registry", tags=["devices"])

_CSV = "text/csv; charset=utf-8"


class ListingForm(BaseModel):
    """A CSV file as `GET /api/registry/devices` gives it; `dry_run` shows what it would change."""

    file: UploadFile
    dry_run: bool = False


class Gb28181View(BaseModel):
    """The parts of an id of GB/T 28181, each with its meaning."""

    gb28181_id: str
    centre: str
    industry: str
    type: str
    network: str
    serial: str


@router.get(
    "/devices",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}},
    dependencies=[audited(ReadKind.EXPORT)],
)
async def device_list(db: Db, account: Observer, kind: DeviceKind | None = None) -> Response:
    """The registry as CSV, for a spreadsheet: all devices, or those of one kind."""
    rows = [row for row in await registered(db) if kind is None or row.kind == kind]
    seen = await visible_devices(db, account.scope, [row.device_id for row in rows])
    rows = [row for row in rows if row.device_id in seen]
    text = "\ufeff" + write_listing(rows)
    headers = {"Content-Disposition": 'attachment; filename="devices.csv"'}
    return Response(text.encode(), media_type=_CSV, headers=headers)


@router.post("/devices")
async def import_device_list(
    work: Work, account: Admin, form: Annotated[ListingForm, Form()]
) -> RegistryReport:
    """Import a CSV file into the registry: all of it, or nothing if a line is bad."""
    text = decode_listing(await form.file.read())
    return await import_listing(work.by(account.actor), text, dry_run=form.dry_run)


@router.get("/gb28181/{gb28181_id}")
async def explain_gb28181(
    _account: Observer, gb28181_id: Annotated[str, Path(pattern=r"^[1-9][0-9]{19}$")]
) -> Gb28181View:
    """The meaning of the 20 digits of an id."""
    return Gb28181View(gb28181_id=gb28181_id, **parse_gb28181(gb28181_id).explained())
