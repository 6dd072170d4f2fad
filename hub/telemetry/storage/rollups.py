"""Native rollups: hours with new samples are computed again from all their samples."""

from datetime import datetime, timedelta

from hub.db import Connection
from hub.telemetry.storage.layout import SQL

HOURS_AT_ONCE = 24
_HOUR = b"date_trunc('hour', observed_at, 'UTC')"
_WITHIN = b" WHERE observed_at >= %(hour)s AND observed_at < %(end)s GROUP BY 1, 2"


def _upsert(name: str, groups: bytes = b"") -> bytes:
    rows = SQL[name].rstrip(b";").replace(b"{hour}", _HOUR) + _WITHIN + groups
    return SQL[f"upsert_{name}"].replace(b"{rows}", rows)


_UPSERTS = (_upsert("hourly"), _upsert("squares", b", 3"))


async def roll_up(db: Connection, since: datetime, now: datetime) -> None:
    """Compute the hours with new samples again, from `since` on and the newest first."""
    while await _roll_up_some(db, since, now):
        pass


async def _roll_up_some(db: Connection, since: datetime, now: datetime) -> bool:
    """One transaction, so that an hour counts as done only with its rollups."""
    async with db.transaction():
        touched = await db.execute(SQL["take_touched"], (HOURS_AT_ONCE,))
        hours = {hour for (hour,) in await touched.fetchall()}
        for hour in sorted(hour for hour in hours if hour >= since):
            for upsert in _UPSERTS:
                await db.execute(upsert, {"hour": hour, "end": hour + timedelta(hours=1)})
        await db.execute(SQL["note_rolled"], (now,))
    return len(hours) == HOURS_AT_ONCE
