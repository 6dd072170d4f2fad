"""Ask the database what an account sees: the same rule as in `visibility`, over its rows."""

from collections.abc import Collection, Mapping
from uuid import UUID

from hub.accounts.account import Account
from hub.accounts.scope import Scope
from hub.db import Connection, load_queries
from hub.errors import Forbidden, NotFound
from wire.limits import MAX_INTEGER

SQL = load_queries(__file__)

_NOUNS = {
    "case_id": "case",
    "signal_id": "signal",
    "device_id": "device",
    "command_id": "command",
    "group_id": "order to many devices",
    "session_id": "video session",
    "sha256": "photo",
}
"""What a path or a request may name, each with a query `sees_...`."""
_NUMBERS, _UUIDS = {"case_id", "signal_id"}, {"command_id", "group_id", "session_id"}


async def sees_case(db: Connection, account: Account, case_id: int) -> bool:
    """Whether there is such a case, and the account sees it."""
    return await _sees(db, account, "case_id", case_id)


async def require_sight(db: Connection, account: Account, named: Mapping[str, object]) -> None:
    """Raises NotFound if what is named is not in the account's scope: it is as if it were not there.

    `named` are parameters by name, for example {"case_id": 7}; others and None are left out.
    """
    if account.scope.units is None:
        return
    for name, given in named.items():
        value = _as_key(name, given)
        if value is not None and not await _sees(db, account, name, value):
            raise NotFound(f"there is no {_NOUNS[name]} {given}", **{name: str(given)})


async def require_place(db: Connection, account: Account, lon: float, lat: float) -> None:
    """Raises Forbidden if a place is outside of the territories of the account's scope."""
    if not account.scope.territories:
        return
    row = await (await db.execute(SQL["territory_around"], (lon, lat))).fetchone()
    if row is None or row[0] not in account.scope.territories:
        raise Forbidden(
            "this place is outside of the territory that your account works in",
            scope=account.scope.unit_key or "",
        )


async def visible_devices(
    db: Connection, scope: Scope, device_ids: Collection[str]
) -> frozenset[str]:
    """Those of the devices that the scope contains."""
    if scope.units is None:
        return frozenset(device_ids)
    cursor = await db.execute(SQL["visible_devices"], scope.facts | {"ids": list(device_ids)})
    return frozenset(row[0] for row in await cursor.fetchall())


def _as_key(name: str, given: object) -> object:
    """The value as the database compares it; None for what names nothing, which others refuse."""
    if name not in _NOUNS or given is None:
        return None
    text = str(given)
    try:
        if name in _NUMBERS:
            return int(text) if int(text) <= MAX_INTEGER else None
        return UUID(text) if name in _UUIDS else text.replace("\x00", "")
    except ValueError:
        return None


async def _sees(db: Connection, account: Account, name: str, value: object) -> bool:
    facts = account.scope.facts | {"key": value, "username": account.username}
    query = SQL[f"sees_{name}"]
    return await (await db.execute(query, facts)).fetchone() is not None
