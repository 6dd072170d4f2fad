"""Count what the dashboard shows."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from psycopg.rows import class_row

from hub.db import Connection, load_queries

SQL = load_queries(__file__)


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts at one instant; "today" begins at the district's midnight."""

    open_cases: int
    overdue: int
    filed_today: int
    closed_today: int
    closed_in_time_today: int
    signals_waiting: int
    commands_active: int
    videos_live: int
    terminals_total: int
    terminals_online: int
    cameras_total: int
    cameras_online: int
    edges_total: int
    edges_online: int


async def figures(db: Connection, now: datetime, timezone: ZoneInfo) -> Figures:
    midnight = now.astimezone(timezone).replace(hour=0, minute=0, second=0, microsecond=0)
    async with db.cursor(row_factory=class_row(Figures)) as cursor:
        await cursor.execute(SQL["figures"], {"now": now, "midnight": midnight})
        found = await cursor.fetchone()
    assert found is not None
    return found
