"""Select the layout by what the server offers, and convert telemetry to it."""

import psycopg
import structlog

from hub.db import Connection, open_alone
from hub.telemetry.storage import hypertable
from hub.telemetry.storage.layout import SQL, StorageLayout, storage_state

log = structlog.get_logger()

MIN_VERSION = (2, 20)
"""Older versions of TimescaleDB cannot give an aggregate chunks of one day."""


async def select_layout(database_url: str) -> StorageLayout:
    """Convert native partitions to a hypertable if the server supports it; safe to run again.

    Rows are moved one partition at a time; an interrupted conversion resumes where it stopped.
    """
    async with open_alone(database_url, name="migrate") as db:
        layout = (await storage_state(db)).layout
        if layout is StorageLayout.PARTITIONS:
            obstacle = await _obstacle(database_url, db)
            await db.execute(SQL["note_reason"], (obstacle or "the server offers TimescaleDB",))
            layout = StorageLayout.HYPERTABLE if obstacle is None else layout
            log.info("telemetry_layout_selected", layout=str(layout), obstacle=obstacle)
    if layout is StorageLayout.HYPERTABLE:
        async with open_alone(database_url, name="migrate") as db:
            await hypertable.convert(db)
    return layout


async def _obstacle(database_url: str, db: Connection) -> str | None:
    """Why TimescaleDB can't be used, or None; only then the extension stays in the database."""
    row = await (await db.execute(SQL["offered"])).fetchone()
    if row is None:
        return "the server does not offer TimescaleDB"
    if _number(row[0]) < MIN_VERSION:
        return (
            f"the server offers TimescaleDB {row[0]}; {'.'.join(map(str, MIN_VERSION))} is needed"
        )
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
