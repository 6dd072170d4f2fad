"""Read devices."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row, dict_row
from pydantic import JsonValue

from hub.db import Connection, load_queries
from hub.devices.device import ClockState, Device, Position, Presence

SQL = load_queries(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFilter:
    """Which devices to list, by kind and id; `unit` with all below it, `after` the last one seen."""

    device_id: str | None = None
    device_ids: Sequence[str] | None = None
    kind: str | None = None
    presence: Presence | None = None
    clock: ClockState | None = None
    unit: str | None = None
    after: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """A line of the journal about a device."""

    journal_id: int
    at: datetime
    kind: str
    actor: str
    event: str | None
    from_state: str | None
    to_state: str | None
    reason: str | None
    data: dict[str, JsonValue]


async def device_by_id(db: Connection, device_id: str) -> Device | None:
    """One device with its live position, or None where it isn't registered."""
    devices = await list_devices(db, DeviceFilter(device_id=device_id))
    return devices[0] if devices else None


async def list_devices(db: Connection, wanted: DeviceFilter = DeviceFilter()) -> list[Device]:
    """Devices with their live positions, by kind and id."""
    async with db.cursor(row_factory=dict_row) as cursor:
        ids = None if wanted.device_ids is None else list(wanted.device_ids)
        await cursor.execute(SQL["select_devices"], asdict(wanted) | {"device_ids": ids})
        return [_device(row) for row in await cursor.fetchall()]


async def device_journal(
    db: Connection, device_id: str, kinds: Sequence[str], before: int | None, limit: int
) -> tuple[list[DeviceEntry], int | None]:
    """What happened to a device, the newest first, and the `before` of the next page."""
    facts = {"device_id": device_id, "kinds": list(kinds) or None, "before": before}
    async with db.cursor(row_factory=class_row(DeviceEntry)) as cursor:
        await cursor.execute(SQL["device_journal"], facts | {"limit": limit + 1})
        found = await cursor.fetchall()
    page = found[:limit]
    return page, page[-1].journal_id if len(found) > limit else None


def _device(row: dict[str, Any]) -> Device:
    position = {name[3:]: row.pop(name) for name in list(row) if name.startswith("at_")}
    return Device(
        **row
        | {
            "capabilities": tuple(row["capabilities"]),
            "cameras": tuple(row["cameras"]),
            "presence": Presence(row["presence"]),
            "clock": ClockState(row["clock"]),
            "position": None if position["lon"] is None else Position(**position),
        }
    )
