"""Read how cameras did, the policies, and the modes."""

from datetime import datetime, timedelta

from psycopg.rows import class_row

from hub.catalogue import Severity
from hub.db import Connection, load_queries
from hub.db.rows import record_row
from hub.quality.policy import FilingPolicy, MonitorMode
from hub.quality.precision import VerdictCounts

SQL = load_queries(__file__)
VERDICTS_COUNT_FOR = timedelta(days=90)
"""Older verdicts say nothing about a camera of today."""


async def policy_of(db: Connection, severity: Severity) -> FilingPolicy:
    async with db.cursor(row_factory=record_row(FilingPolicy)) as cursor:
        await cursor.execute(SQL["policy"], (str(severity),))
        found = await cursor.fetchone()
    assert found is not None
    return found


async def policies(db: Connection) -> list[FilingPolicy]:
    """The policy of each severity, the highest first."""
    async with db.cursor(row_factory=record_row(FilingPolicy)) as cursor:
        await cursor.execute(SQL["policies"])
        return await cursor.fetchall()


async def mode_of(db: Connection, camera_id: str | None, label: str | None) -> MonitorMode | None:
    """The narrowest mode that holds back a camera's class, if one does."""
    async with db.cursor(row_factory=class_row(MonitorMode)) as cursor:
        await cursor.execute(SQL["mode_of"], {"camera_id": camera_id, "label": label})
        return await cursor.fetchone()


async def present_modes(db: Connection) -> list[MonitorMode]:
    """The modes in force, the oldest first."""
    async with db.cursor(row_factory=class_row(MonitorMode)) as cursor:
        await cursor.execute(SQL["modes"])
        return await cursor.fetchall()


async def record_of(db: Connection, camera_id: str, label: str, now: datetime) -> VerdictCounts:
    """What was said of a camera's class lately, since a person let it file again."""
    facts = {"camera_id": camera_id, "label": label, "since": now - VERDICTS_COUNT_FOR}
    async with db.cursor(row_factory=class_row(VerdictCounts)) as cursor:
        await cursor.execute(SQL["record_of"], facts)
        found = await cursor.fetchone()
    assert found is not None
    return found
