"""The layout without TimescaleDB: one partition a day, created in advance. Other rows are stored in
`telemetry_other` until their day has a partition.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

import psycopg
import structlog
from psycopg import sql

from hub.db import Connection
from hub.telemetry.storage.layout import AHEAD, SQL

log = structlog.get_logger()

DAYS_BACK = 2
_DAY = timedelta(days=1)


def partition_name(day: date) -> str:
    return f"telemetry_{day:%Y%m%d}"


async def make_partitions(db: Connection, since: datetime, now: datetime) -> list[str]:
    """Create missing partitions around `now` and for rows since `since` (UTC days); returns their names."""
    today = now.astimezone(UTC).date()
    days = {today + _DAY * offset for offset in range(-DAYS_BACK, AHEAD.days + 1)}
    outside = await db.execute(SQL["days_without_partition"], (since, now + AHEAD))
    days |= {day for (day,) in await outside.fetchall()}
    present = await _partitions(db)
    missing = [day for day in sorted(days) if partition_name(day) not in present]
    made = [day for day in missing if await _unless_busy(db, day, _make)]
    return [partition_name(day) for day in made]


async def drop_old(db: Connection, since: datetime) -> list[str]:
    """Drop the partitions whose day ended before `since`, and older rows of the default partition."""
    first_kept = since.astimezone(UTC).date()
    old = [day for day in (await _partitions(db)).values() if day < first_kept]
    dropped = [partition_name(day) for day in old if await _unless_busy(db, day, _drop)]
    await db.execute(SQL["delete_other"], {"since": since})
    for rollup in ("hourly", "squares", "touched"):
        await db.execute(SQL[f"delete_{rollup}"], (since,))
    return dropped


async def _partitions(db: Connection) -> dict[str, date]:
    """The names and days of the existing partitions."""
    rows = await (await db.execute(SQL["partitions"])).fetchall()
    names = [str(name) for (name,) in rows if name != "telemetry_other"]
    return {name: date.fromisoformat(name.removeprefix("telemetry_")) for name in names}


async def _unless_busy(
    db: Connection, day: date, change: Callable[[Connection, date], Awaitable[None]]
) -> bool:
    """Change a day's partition in a transaction; False if another session holds the table too long.

    Waiting for a table lock blocks everyone behind it, so the change is left for the next run.
    """
    try:
        async with db.transaction():
            await db.execute("SET LOCAL lock_timeout = '2s'")
            await change(db, day)
    except psycopg.errors.LockNotAvailable:
        log.warning("partition_busy", name=partition_name(day))
        return False
    return True


async def _make(db: Connection, day: date) -> None:
    table = sql.Identifier(partition_name(day))
    bounds = [sql.Literal(bound) for bound in (_start(day), _start(day + _DAY))]
    await db.execute("LOCK TABLE telemetry_other IN ACCESS EXCLUSIVE MODE")
    like = sql.SQL("CREATE TABLE {} (LIKE telemetry INCLUDING DEFAULTS)").format(table)
    await db.execute(like)
    move = sql.SQL(
        "WITH moved AS (DELETE FROM telemetry_other WHERE observed_at >= {} AND observed_at < {}"
        " RETURNING *) INSERT INTO {} SELECT * FROM moved"
    )
    await db.execute(move.format(*bounds, table))
    attach = sql.SQL("ALTER TABLE telemetry ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})")
    await db.execute(attach.format(table, *bounds))


async def _drop(db: Connection, day: date) -> None:
    await db.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(partition_name(day))))


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
