"""What the worker does for telemetry by time, whatever its form."""

from datetime import UTC, datetime, timedelta

import structlog

from hub.db import open_alone
from hub.telemetry.keeping import hypertable, partitions, rollups
from hub.telemetry.keeping.form import SQL, Form, kept_as

log = structlog.get_logger()


def kept_since(now: datetime, days: int) -> datetime:
    """Samples from before this are forgotten: the beginning of the UTC day `days` days ago."""
    day = (now - timedelta(days=days)).astimezone(UTC)
    return day.replace(hour=0, minute=0, second=0, microsecond=0)


async def tend(database_url: str, now: datetime, days: int) -> None:
    """Make room for what comes, and forget what is older than `days` days."""
    since = kept_since(now, days)
    async with open_alone(database_url, name="tend-telemetry") as db:
        if (await kept_as(db)).form is Form.HYPERTABLE:
            log.info("chunks_dropped", count=await hypertable.forget(db, since, now))
        else:
            log.info("partitions_made", names=await partitions.make_partitions(db, since, now))
            log.info("partitions_dropped", names=await partitions.forget(db, since))


async def roll_up(database_url: str, now: datetime, days: int) -> bool:
    """Bring the rollups up to `now`; returns False where another process is at it."""
    since = kept_since(now, days)
    async with open_alone(database_url, name="roll-up-telemetry") as db:
        row = await (await db.execute(SQL["only_one"])).fetchone()
        if row is None or not row[0]:
            return False
        form = (await kept_as(db)).form
        of_form = hypertable.roll_up if form is Form.HYPERTABLE else rollups.roll_up
        await of_form(db, since, now)
    return True
