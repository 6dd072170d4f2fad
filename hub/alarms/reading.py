"""List the alarms that an account sees."""

from datetime import datetime

from psycopg.rows import class_row

from hub.accounts.account import Account
from hub.alarms.store import SQL
from hub.alarms.views import AlarmView
from hub.db import Connection
from hub.errors import NotFound


async def ringing(
    db: Connection, account: Account, acknowledged_since: datetime
) -> list[AlarmView]:
    """The alarms of open cases that nobody has acknowledged, and those acknowledged since a time."""
    return await _alarms(db, account, None, acknowledged_since)


async def alarm_view(db: Connection, account: Account, case_id: int) -> AlarmView:
    """The alarm of a case. Raises NotFound if it has none, or if the account may not see it."""
    found = await _alarms(db, account, case_id, None)
    if not found:
        raise NotFound(f"case {case_id} has no alarm", case_id=case_id)
    return found[0]


async def _alarms(
    db: Connection, account: Account, case_id: int | None, acknowledged_since: datetime | None
) -> list[AlarmView]:
    facts = {
        "case_id": case_id,
        **account.scope.facts,
        "acknowledged_since": acknowledged_since,
    }
    async with db.cursor(row_factory=class_row(AlarmView)) as cursor:
        await cursor.execute(SQL["ringing"], facts)
        return await cursor.fetchall()
