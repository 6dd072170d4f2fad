"""One partition of telemetry per day, made ahead; what lies outside waits in `telemetry_other`."""

from datetime import UTC, date, datetime, timedelta

from psycopg import sql

from hub.db import Connection

DAYS_BACK = 2
DAYS_AHEAD = 7


def partition_name(day: date) -> str:
    return f"telemetry_{day:%Y%m%d}"


async def make_partitions(db: Connection, now: datetime) -> list[str]:
    """Make what is missing for the days around `now` (UTC days); returns the names made."""
    today = now.astimezone(UTC).date()
    made = []
    for offset in range(-DAYS_BACK, DAYS_AHEAD + 1):
        day = today + timedelta(days=offset)
        name = partition_name(day)
        row = await (await db.execute("SELECT to_regclass(%s)", (name,))).fetchone()
        if row is None or row[0] is None:
            await _make(db, name, day)
            made.append(name)
    return made


async def _make(db: Connection, name: str, day: date) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    table, bounds = sql.Identifier(name), (start, start + timedelta(days=1))
    like = sql.SQL("CREATE TABLE {} (LIKE telemetry INCLUDING DEFAULTS)").format(table)
    await db.execute(like)
    # Rows that came before their day's partition was made move into it.
    move = sql.SQL(
        "WITH moved AS (DELETE FROM telemetry_other WHERE observed_at >= {} AND observed_at < {}"
        " RETURNING *) INSERT INTO {} SELECT * FROM moved"
    ).format(*(sql.Literal(b) for b in bounds), table)
    await db.execute(move)
    attach = sql.SQL("ALTER TABLE telemetry ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})")
    await db.execute(attach.format(table, *(sql.Literal(b) for b in bounds)))
