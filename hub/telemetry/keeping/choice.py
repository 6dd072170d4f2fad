"""Choose the form by what the server offers, and bring telemetry into it."""

import psycopg
import structlog

from hub.db import Connection, open_alone
from hub.telemetry.keeping import hypertable
from hub.telemetry.keeping.form import SQL, Form, kept_as

log = structlog.get_logger()

OLDEST = (2, 20)
"""TimescaleDB before this gives an aggregate no chunks of a day."""


async def lay_out(database_url: str) -> Form:
    """Turn native partitions into a hypertable where the server can; safe to run again.

    Rows are moved a partition at a time; one that was interrupted goes on where it was.
    """
    async with open_alone(database_url, name="migrate") as db:
        form = (await kept_as(db)).form
        if form is Form.PARTITIONS:
            obstacle = await _obstacle(database_url, db)
            await db.execute(SQL["note_reason"], (obstacle or "the server offers TimescaleDB",))
            form = Form.HYPERTABLE if obstacle is None else form
            log.info("telemetry_form_chosen", form=str(form), obstacle=obstacle)
    if form is Form.HYPERTABLE:
        async with open_alone(database_url, name="migrate") as db:
            await hypertable.take_over(db)
    return form


async def _obstacle(database_url: str, db: Connection) -> str | None:
    """Why TimescaleDB can't be used, or None; leaves the extension in the database then only."""
    row = await (await db.execute(SQL["offered"])).fetchone()
    if row is None:
        return "the server does not offer TimescaleDB"
    if _number(row[0]) < OLDEST:
        return f"the server offers TimescaleDB {row[0]}; {'.'.join(map(str, OLDEST))} is needed"
    try:
        async with open_alone(database_url, name="migrate") as trial:
            await trial.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
        async with open_alone(database_url, name="migrate") as trial:
            return await _licence_obstacle(trial)
    except psycopg.Error as error:
        return f"TimescaleDB can't be used: {str(error).strip().splitlines()[0]}"


async def _licence_obstacle(db: Connection) -> str | None:
    row = await (await db.execute(SQL["license"])).fetchone()
    if row is not None and row[0] == "timescale":
        return None
    await db.execute("DROP EXTENSION timescaledb")
    return "TimescaleDB runs without its community features (timescaledb.license)"


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.partition("-")[0].split(".") if part.isdigit())
