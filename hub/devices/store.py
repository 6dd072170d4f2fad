"""Read devices."""

from typing import Any

from psycopg.rows import dict_row

from hub.db import Connection, load_queries
from hub.devices.device import Device, Position, Presence

SQL = load_queries(__file__)


async def device_by_id(db: Connection, device_id: str) -> Device | None:
    """One device with its live position, or None where it isn't registered."""
    devices = await _select(db, device_id=device_id, kind=None)
    return devices[0] if devices else None


async def list_devices(db: Connection, kind: str | None = None) -> list[Device]:
    """All devices, or those of one kind (`terminals`, `cameras`, `edges`), by id."""
    return await _select(db, device_id=None, kind=kind)


async def _select(db: Connection, *, device_id: str | None, kind: str | None) -> list[Device]:
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["select_devices"], {"device_id": device_id, "kind": kind})
        return [_device(row) for row in await cursor.fetchall()]


def _device(row: dict[str, Any]) -> Device:
    position = {name[3:]: row.pop(name) for name in list(row) if name.startswith("at_")}
    return Device(
        **row
        | {
            "capabilities": tuple(row["capabilities"]),
            "cameras": tuple(row["cameras"]),
            "presence": Presence(row["presence"]),
            "position": None if position["lon"] is None else Position(**position),
        }
    )
