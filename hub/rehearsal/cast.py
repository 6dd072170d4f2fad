"""The people of a rehearsal: accounts of the desk, and of the units as they come up."""

from dataclasses import dataclass, field

from hub.accounts.account import Account, Role
from hub.accounts.record import record_account
from hub.accounts.store import insert_account
from hub.db import load_queries
from hub.journal.unit_of_work import UnitOfWork

SQL = load_queries(__file__)
_NO_HASH = "!"
"""No password has it."""


def somebody(username: str, role: Role, unit_key: str | None = None) -> Account:
    """Somebody with the usual scope: a unit's own cases, or without a unit the whole district."""
    return Account(
        username=username,
        name=username,
        role=role,
        unit_key=unit_key,
        unit_name_zh=None,
        unit_name_en=None,
    )


SEAT = somebody("seat", Role.SEAT_OPERATOR)
DISPATCHER = somebody("dispatcher", Role.DISPATCHER)
SUPERVISOR = somebody("supervisor", Role.SUPERVISOR)


@dataclass
class Handlers:
    """The handlers of units; each gets an account, with which nobody can log in, when it first acts."""

    _known: set[str] = field(default_factory=set)

    async def of(self, work: UnitOfWork, unit_key: str) -> Account:
        """Whoever handles the cases of a unit."""
        account = somebody(unit_key, Role.UNIT_HANDLER, unit_key)
        if unit_key not in self._known:
            row = await (await work.db.execute(SQL["unit_name"], (unit_key,))).fetchone()
            if row is not None:
                account = account.model_copy(update={"name": f"{row[0]}经办人"})
            if await insert_account(work.db, account, _NO_HASH, work.now):
                record_account(work, unit_key, "account_created", {"role": Role.UNIT_HANDLER})
            self._known.add(unit_key)
        return account
