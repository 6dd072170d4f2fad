"""Ask the database what an account sees: the same rule as in `visibility`, over its rows."""

from hub.accounts.account import Account
from hub.db import Connection, load_queries

SQL = load_queries(__file__)


async def sees_case(db: Connection, account: Account, case_id: int) -> bool:
    """Whether there is such a case, and the account sees it."""
    facts = account.scope.facts | {"case_id": case_id}
    return await (await db.execute(SQL["sees_case"], facts)).fetchone() is not None
