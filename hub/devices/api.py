"""Read the devices; operators only, since a unit handler has no business with where people are."""

from datetime import datetime
from typing import Annotated, Literal, Self, cast

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field, JsonValue

from hub.accounts.access import Operator
from hub.devices.device import ClockState, Device, Presence
from hub.devices.remote import Aspect, Syncs, syncs
from hub.devices.store import (
    DeviceEntry,
    DeviceFilter,
    device_by_id,
    device_journal,
    list_devices,
)
from hub.devices.sync import Sync
from hub.errors import NotFound
from hub.http.requests import Db
from wire.limits import MAX_INTEGER
from wire.topics import DEVICE_ID_PATTERN

router = APIRouter(prefix="/api/devices", tags=["devices"])

DeviceKind = Literal["terminals", "cameras", "edges"]


class PositionView(BaseModel):
    """Speed in m/s, heading in degrees. `observed_at` is null for a device that stands fixed."""

    lon: float
    lat: float
    accuracy_m: float | None
    heading: float | None
    speed: float | None
    observed_at: datetime | None

    @classmethod
    def of(cls, device: Device) -> Self | None:
        """Where a terminal was last, or where a fixed device stands."""
        if device.position is not None:
            return cls.model_validate(device.position, from_attributes=True)
        if device.lon is None or device.lat is None:
            return None
        return cls(
            lon=device.lon,
            lat=device.lat,
            accuracy_m=None,
            heading=device.heading_deg,
            speed=None,
            observed_at=None,
        )


class DeviceView(BaseModel):
    """`clock_skew_s` is how far the device's clock is ahead of the hub's, negative where behind.

    It is the median over its newest live messages, so it holds what a message takes on its way.
    `holder` is who was registered, or else who the device says; `holder_reported` is what it says.
    `config_sync` and `model_sync` are null where nothing was wished for.
    """

    device_id: str
    kind: DeviceKind
    name_zh: str
    name_en: str
    unit_key: str | None
    unit_name_zh: str | None
    unit_name_en: str | None
    holder: str | None
    holder_reported: str | None
    capabilities: list[str]
    presence: Presence
    last_seen_at: datetime | None
    position: PositionView | None
    battery: float | None
    coverage_m: float | None
    heading_deg: float | None
    firmware: str | None
    cameras: list[str]
    gb28181_id: str | None
    clock: ClockState
    clock_skew_s: float | None
    clock_measured_at: datetime | None
    config_sync: Sync | None
    model_sync: Sync | None

    @classmethod
    def of(cls, device: Device, known: Syncs) -> Self:
        return cls(
            device_id=device.device_id,
            kind=cast("DeviceKind", device.kind),
            name_zh=device.name_zh,
            name_en=device.name_en,
            unit_key=device.unit_key,
            unit_name_zh=device.unit_name_zh,
            unit_name_en=device.unit_name_en,
            holder=device.holder,
            holder_reported=device.holder_reported,
            capabilities=list(device.capabilities),
            presence=device.presence,
            last_seen_at=device.last_uplink_at,
            position=PositionView.of(device),
            battery=device.battery,
            coverage_m=device.coverage_m,
            heading_deg=device.heading_deg,
            firmware=device.firmware,
            cameras=list(device.cameras),
            gb28181_id=device.gb28181_id,
            clock=device.clock,
            clock_skew_s=device.clock_skew_s,
            clock_measured_at=device.clock_measured_at,
            config_sync=known.get((device.device_id, Aspect.CONFIG)),
            model_sync=known.get((device.device_id, Aspect.MODEL)),
        )


class DeviceList(BaseModel):
    """`next_after` asks for the devices after these; null at the end."""

    items: list[DeviceView]
    next_after: str | None


class DeviceQuery(BaseModel):
    """`unit` stands for all units below it, too. Without a `limit` all are listed at once."""

    kind: DeviceKind | None = None
    presence: Presence | None = None
    clock: ClockState | None = None
    unit: Annotated[str | None, Field(max_length=64, pattern=r"^[^\x00]*$")] = None
    limit: Annotated[int | None, Field(ge=1, le=2000)] = None
    after: Annotated[str | None, Field(pattern=DEVICE_ID_PATTERN)] = None


class DeviceEntryView(BaseModel):
    """`kind` is presence, clock, geofence, registered, registry_changed, config_desired and the like."""

    journal_id: int
    at: datetime
    kind: str
    actor: str
    event: str | None
    from_state: str | None
    to_state: str | None
    reason: str | None
    data: dict[str, JsonValue]

    @classmethod
    def of(cls, entry: DeviceEntry) -> Self:
        return cls.model_validate(entry, from_attributes=True)


class DeviceJournalView(BaseModel):
    """`next_before` asks for the entries before these; null at the end."""

    items: list[DeviceEntryView]
    next_before: int | None


class DeviceJournalQuery(BaseModel):
    kind: list[Annotated[str, Field(max_length=64, pattern=r"^[a-z_]+$")]] = []
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    before: Annotated[int | None, Field(ge=1, le=MAX_INTEGER)] = None


@router.get("")
async def devices(
    db: Db, _account: Operator, wanted: Annotated[DeviceQuery, Query()]
) -> DeviceList:
    """Devices by kind and id, with where they are and how they do."""
    limit = None if wanted.limit is None else wanted.limit + 1
    found = await list_devices(db, DeviceFilter(**wanted.model_dump() | {"limit": limit}))
    known = await syncs(db)
    page = found[: wanted.limit]
    return DeviceList(
        items=[DeviceView.of(device, known) for device in page],
        next_after=page[-1].device_id if len(found) > len(page) else None,
    )


@router.get("/{device_id}/journal")
async def journal_of_device(
    db: Db,
    _account: Operator,
    device_id: Annotated[str, Path(pattern=DEVICE_ID_PATTERN)],
    wanted: Annotated[DeviceJournalQuery, Query()],
) -> DeviceJournalView:
    """What happened to a device, the newest first: presence, clock, geofences, registry, wishes."""
    await _registered(db, device_id)
    page, next_before = await device_journal(
        db, device_id, wanted.kind, wanted.before, wanted.limit
    )
    items = [DeviceEntryView.of(entry) for entry in page]
    return DeviceJournalView(items=items, next_before=next_before)


@router.get("/{device_id}")
async def device(
    db: Db, _account: Operator, device_id: Annotated[str, Path(pattern=DEVICE_ID_PATTERN)]
) -> DeviceView:
    return DeviceView.of(await _registered(db, device_id), await syncs(db, [device_id]))


async def _registered(db: Db, device_id: str) -> Device:
    found = await device_by_id(db, device_id)
    if found is None:
        raise NotFound(f"device {device_id} is not registered", device_id=device_id)
    return found
