"""Read the devices; operators only, since a unit handler has no business with where people are."""

from datetime import datetime
from typing import Annotated, Literal, Self, cast

from fastapi import APIRouter, Path
from pydantic import BaseModel

from hub.accounts.access import Operator
from hub.devices.device import Device, Presence
from hub.devices.store import device_by_id, list_devices
from hub.errors import NotFound
from hub.requests import Db
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
    device_id: str
    kind: DeviceKind
    name_zh: str
    name_en: str
    unit_key: str | None
    unit_name_zh: str | None
    unit_name_en: str | None
    holder: str | None
    capabilities: list[str]
    presence: Presence
    last_seen_at: datetime | None
    position: PositionView | None
    battery: float | None
    coverage_m: float | None
    heading_deg: float | None
    firmware: str | None
    cameras: list[str]
    clock_skew_s: float | None

    @classmethod
    def of(cls, device: Device) -> Self:
        return cls(
            device_id=device.device_id,
            kind=cast("DeviceKind", device.kind),
            name_zh=device.name_zh,
            name_en=device.name_en,
            unit_key=device.unit_key,
            unit_name_zh=device.unit_name_zh,
            unit_name_en=device.unit_name_en,
            holder=device.holder,
            capabilities=list(device.capabilities),
            presence=device.presence,
            last_seen_at=device.last_uplink_at,
            position=PositionView.of(device),
            battery=device.battery,
            coverage_m=device.coverage_m,
            heading_deg=device.heading_deg,
            firmware=device.firmware,
            cameras=list(device.cameras),
            clock_skew_s=device.clock_skew_s,
        )


class DeviceList(BaseModel):
    items: list[DeviceView]


@router.get("")
async def devices(db: Db, _account: Operator, kind: DeviceKind | None = None) -> DeviceList:
    """All devices, or those of one kind, by id."""
    found = await list_devices(db, kind)
    return DeviceList(items=[DeviceView.of(device) for device in found])


@router.get("/{device_id}")
async def device(
    db: Db, _account: Operator, device_id: Annotated[str, Path(pattern=DEVICE_ID_PATTERN)]
) -> DeviceView:
    found = await device_by_id(db, device_id)
    if found is None:
        raise NotFound(f"device {device_id} is not registered", device_id=device_id)
    return DeviceView.of(found)
