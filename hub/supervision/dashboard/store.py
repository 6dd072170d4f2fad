"""Count what the dashboard shows."""

from datetime import datetime

from psycopg.rows import class_row

from hub.accounts.scope import WHOLE_DISTRICT, Scope
from hub.clock import TIMEZONE
from hub.db import Connection, load_queries
from hub.supervision.dashboard.views import Dashboard

SQL = load_queries(__file__)


async def dashboard(db: Connection, now: datetime, scope: Scope = WHOLE_DISTRICT) -> Dashboard:
    """The counts at `now` of what the scope contains."""
    midnight = now.astimezone(TIMEZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    async with db.cursor(row_factory=class_row(Dashboard)) as cursor:
        await cursor.execute(SQL["dashboard"], {"now": now, "midnight": midnight, **scope.facts})
        found = await cursor.fetchone()
    assert found is not None
    return found
