"""Read the devices; for operators only, since unit handlers need not know where holders are."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from hub.accounts.access import Observer
from hub.devices.device import ClockState, Presence
from hub.devices.reading import DeviceFilter, device_journal, list_devices, view_device
from hub.devices.views import DeviceEntryView, DeviceKind, DeviceView
from hub.errors import NotFound
from hub.http.requests import Db
from wire.limits import MAX_INTEGER
from wire.topics import DEVICE_ID_PATTERN

router = APIRouter(prefix="/api/devices", tags=["devices"])


class DeviceList(BaseModel):
    """`next_after` asks for the devices after these; null at the end."""

    items: list[DeviceView]
    next_after: str | None


class DeviceQuery(BaseModel):
    """`unit` includes all units below it. Without a `limit` all devices are listed at once."""

    kind: DeviceKind | None = None
    presence: Presence | None = None
    clock: ClockState | None = None
    unit: Annotated[str | None, Field(max_length=64, pattern=r"^[^\x00]*$")] = None
    limit: Annotated[int | None, Field(ge=1, le=2000)] = None
    after: Annotated[str | None, Field(pattern=DEVICE_ID_PATTERN)] = None


class DeviceJournalView(BaseModel):
    """`next_before` asks for the entries before these; null at the end."""

    items: list[DeviceEntryView]
    next_before: int | None


class DeviceJournalQuery(BaseModel):
    kind: list[Annotated[str, Field(max_length=64, pattern=r"^[a-z_]+$")]] = []
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    before: Annotated[int | None, Field(ge=1, le=MAX_INTEGER)] = None


@router.get("")
async def devices(db: Db, account: Observer, wanted: Annotated[DeviceQuery, Query()]) -> DeviceList:
    """Devices by kind and id, with their position and state."""
    limit = None if wanted.limit is None else wanted.limit + 1
    found = await list_devices(
        db, DeviceFilter(**wanted.model_dump() | {"limit": limit, "scope": account.scope})
    )
    page = found[: wanted.limit]
    return DeviceList(
        items=page,
        next_after=page[-1].device_id if len(found) > len(page) else None,
    )


@router.get("/{device_id}/journal")
async def journal_of_device(
    db: Db,
    _account: Observer,
    device_id: Annotated[str, Path(pattern=DEVICE_ID_PATTERN)],
    wanted: Annotated[DeviceJournalQuery, Query()],
) -> DeviceJournalView:
    """The journal of a device, the newest entry first: presence, clock, geofences, registry, revisions."""
    await _registered(db, device_id)
    page, next_before = await device_journal(
        db, device_id, wanted.kind, wanted.before, wanted.limit
    )
    return DeviceJournalView(items=page, next_before=next_before)


@router.get("/{device_id}")
async def device(
    db: Db, _account: Observer, device_id: Annotated[str, Path(pattern=DEVICE_ID_PATTERN)]
) -> DeviceView:
    return await _registered(db, device_id)


async def _registered(db: Db, device_id: str) -> DeviceView:
    found = await view_device(db, device_id)
    if found is None:
        raise NotFound(f"device {device_id} is not registered", device_id=device_id)
    return found
