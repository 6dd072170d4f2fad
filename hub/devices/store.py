"""Read devices, for use cases."""

from typing import Any

from psycopg.rows import dict_row

from hub.db import Connection, load_queries
from hub.devices.device import Device, LastPosition

SQL = load_queries(__file__)


async def device_by_id(db: Connection, device_id: str) -> Device | None:
    """One device with its live position, or None if it isn't registered."""
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["device"], (device_id,))
        row = await cursor.fetchone()
    return None if row is None else _device(row)


def _device(row: dict[str, Any]) -> Device:
    device_id, capabilities, cameras = (
        row.pop(name) for name in ("device_id", "capabilities", "cameras")
    )
    position = None if row["lon"] is None else LastPosition(**row)
    return Device(device_id, tuple(capabilities), tuple(cameras), position)
