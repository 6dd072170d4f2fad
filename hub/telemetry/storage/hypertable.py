"""The layout with TimescaleDB: a hypertable with columnstore, and continuous aggregates.

The hub's own timer refreshes the aggregates, as it does the native rollups, so that `rolled_until`
says for both how far they have come.
"""

from datetime import datetime, timedelta

import structlog
from psycopg import sql

from hub.db import Connection
from hub.telemetry.storage.layout import AHEAD, SQL, StorageLayout, storage_state

log = structlog.get_logger()

_GROUPS = {"hourly": "device_id, hour", "squares": "square, hour, device_id"}
_HOUR = b"time_bucket(INTERVAL '1 hour', observed_at)"


async def convert(db: Connection) -> None:
    """Replace the native partitions by a hypertable, and move their rows into it."""
    if (await storage_state(db)).layout is StorageLayout.PARTITIONS:
        async with db.transaction():
            await _make(db)
    for (part,) in await (await db.execute(SQL["parts_of_before"])).fetchall():
        await _move(db, part)
    await db.execute("DROP TABLE IF EXISTS telemetry_before")


async def _make(db: Connection) -> None:
    await db.execute(SQL["step_aside"])
    await db.execute(SQL["make_hypertable"])
    for name, groups in _GROUPS.items():
        text = SQL["make_aggregate"].replace(b"{name}", f"telemetry_{name}".encode())
        rows = SQL[name].replace(b"{hour}", _HOUR)
        await db.execute(text.replace(b"{rows}", rows).replace(b"{groups}", groups.encode()))


async def _move(db: Connection, part: str) -> None:
    name = sql.Identifier(part)
    async with db.transaction():
        text = sql.SQL("INSERT INTO telemetry SELECT * FROM {} ON CONFLICT DO NOTHING")
        moved = await db.execute(text.format(name))
        await db.execute(sql.SQL("DROP TABLE {}").format(name))
    log.info("partition_moved", part=part, rows=moved.rowcount)


async def roll_up(db: Connection, since: datetime, now: datetime) -> None:
    """Refresh the aggregates for changes between `since` and the end of the current hour."""
    until = now + timedelta(hours=2)
    for name in _GROUPS:
        await db.execute(SQL["refresh"], (f"telemetry_{name}", since, until))
    await db.execute(SQL["note_rolled"], (now,))


async def drop_old(db: Connection, since: datetime, now: datetime) -> int:
    """Drop the chunks that end before `since`, and older samples of clocks that were far ahead."""
    dropped = 0
    for table in ("telemetry", *(f"telemetry_{name}" for name in _GROUPS)):
        row = await (await db.execute(SQL["drop_chunks"], (table, since))).fetchone()
        dropped += 0 if row is None else int(row[0])
    await db.execute(SQL["delete_ahead"], {"since": since, "ahead": now + AHEAD})
    return dropped
