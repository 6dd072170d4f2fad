"""Periodic maintenance of telemetry in either layout: partitions, retention and rollups."""

from datetime import UTC, datetime, timedelta

import structlog

from hub.db import open_alone
from hub.telemetry.storage import hypertable, partitions, rollups
from hub.telemetry.storage.layout import SQL, StorageLayout, storage_state

log = structlog.get_logger()


def retained_since(now: datetime, days: int) -> datetime:
    """The start of the UTC day `days` days ago; older samples are deleted."""
    day = (now - timedelta(days=days)).astimezone(UTC)
    return day.replace(hour=0, minute=0, second=0, microsecond=0)


async def maintain(database_url: str, now: datetime, days: int) -> None:
    """Create partitions for new samples, and delete samples older than `days` days."""
    since = retained_since(now, days)
    async with open_alone(database_url, name="maintain-telemetry") as db:
        if (await storage_state(db)).layout is StorageLayout.HYPERTABLE:
            log.info("chunks_dropped", count=await hypertable.drop_old(db, since, now))
        else:
            log.info("partitions_made", names=await partitions.make_partitions(db, since, now))
            log.info("partitions_dropped", names=await partitions.drop_old(db, since))
        await db.execute(SQL["delete_doubtful"], {"since": since})


async def roll_up(database_url: str, now: datetime, days: int) -> bool:
    """Bring the rollups up to `now`; False if another process is doing it already."""
    since = retained_since(now, days)
    async with open_alone(database_url, name="roll-up-telemetry") as db:
        row = await (await db.execute(SQL["try_lock"])).fetchone()
        if row is None or not row[0]:
            return False
        layout = (await storage_state(db)).layout
        roll_up_layout = (
            hypertable.roll_up if layout is StorageLayout.HYPERTABLE else rollups.roll_up
        )
        await roll_up_layout(db, since, now)
    return True
