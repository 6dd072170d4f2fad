"""Read what was refused of a device."""

from psycopg.rows import class_row

from hub.db import Connection
from hub.refusals.store import SQL
from hub.refusals.views import RefusalList, RefusalView


async def refusals_of(db: Connection, device_id: str, limit: int) -> RefusalList:
    """The newest refusals, and how many more were only counted."""
    async with db.cursor(row_factory=class_row(RefusalView)) as cursor:
        await cursor.execute(SQL["of_device"], {"device_id": device_id, "limit": limit})
        items = await cursor.fetchall()
    row = await (await db.execute(SQL["unkept_of_device"], (device_id,))).fetchone()
    return RefusalList(items=items, unkept=0 if row is None else int(row[0]))
