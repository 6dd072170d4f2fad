"""Read devices for use cases."""

from collections.abc import Sequence
from typing import Any

from psycopg.rows import dict_row

from hub.db import Connection, load_queries
from hub.devices.device import CameraReach, Device, LastPosition

SQL = load_queries(__file__)


async def device_by_id(db: Connection, device_id: str) -> Device | None:
    """One device with its live position, or None if it isn't registered."""
    return (await devices_by_id(db, [device_id])).get(device_id)


async def devices_by_id(db: Connection, device_ids: Sequence[str]) -> dict[str, Device]:
    """Devices with their live positions; those that aren't registered are missing."""
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["devices_by_id"], (list(device_ids),))
        found = [_device(row) for row in await cursor.fetchall()]
    return {device.device_id: device for device in found}


def _device(row: dict[str, Any]) -> Device:
    device_id, capabilities, cameras, site, clock_error_s = (
        row.pop(name) for name in ("device_id", "capabilities", "cameras", "site", "clock_error_s")
    )
    position = None if row["lon"] is None else LastPosition(**row)
    stands = None if site is None else CameraReach(*site)
    return Device(device_id, tuple(capabilities), tuple(cameras), position, stands, clock_error_s)
