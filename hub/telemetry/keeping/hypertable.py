"""The form with TimescaleDB: a hypertable with columnstore, and continuous aggregates.

The aggregates are refreshed by the hub's own timer, as the native rollups are: one figure tells how
far either has come.
"""

from datetime import datetime, timedelta

import structlog
from psycopg import sql

from hub.db import Connection
from hub.telemetry.keeping.form import AHEAD, SQL, Form, kept_as

log = structlog.get_logger()

_GROUPS = {"hourly": "device_id, hour", "squares": "square, hour, device_id"}
_HOUR = b"time_bucket(INTERVAL '1 hour', observed_at)"


async def take_over(db: Connection) -> None:
    """Put a hypertable in the place of native partitions, and move their rows into it."""
    if (await kept_as(db)).form is Form.PARTITIONS:
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
    """Bring what has changed between `since` and the end of the present hour into the aggregates."""
    until = now + timedelta(hours=2)
    for name in _GROUPS:
        await db.execute(SQL["refresh"], (f"telemetry_{name}", since, until))
    await db.execute(SQL["note_rolled"], (now,))


async def forget(db: Connection, since: datetime, now: datetime) -> int:
    """Drop the chunks that end before `since`, and what clocks far ahead left before it."""
    dropped = 0
    for table in ("telemetry", *(f"telemetry_{name}" for name in _GROUPS)):
        row = await (await db.execute(SQL["drop_chunks"], (table, since))).fetchone()
        dropped += 0 if row is None else int(row[0])
    await db.execute(SQL["forget_ahead"], {"since": since, "ahead": now + AHEAD})
    return dropped
