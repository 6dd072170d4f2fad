"""Who sees a letter: whoever sees its case, and the units that it went to."""

from hub.accounts.account import Account
from hub.accounts.sight import sees_case
from hub.db import Connection
from hub.supervision.letters.letter import Letter


async def sees_letter(db: Connection, letter: Letter, account: Account) -> bool:
    """The same rule as that of the list, in queries.sql."""
    units = account.scope.units
    if units is None or letter.unit_key in units or not set(units).isdisjoint(letter.copies):
        return True
    return await sees_case(db, account, letter.case_id)
