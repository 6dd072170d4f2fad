"""The names of the actors in a journal."""

from collections.abc import Iterable

from hub.accounts.store import names_of
from hub.db import Connection, load_queries
from hub.journal import Entry

SQL = load_queries(__file__)


async def actor_names(db: Connection, entries: Iterable[Entry]) -> dict[str, str]:
    """The names to show, by actor: an account's name, a device's holder; the system has none."""
    ids: dict[str, set[str]] = {"user": set(), "device": set(), "system": set()}
    for entry in entries:
        kind, _, name = entry.actor.partition(":")
        ids[kind].add(name)
    accounts = await names_of(db, ids["user"])
    cursor = await db.execute(SQL["device_names"], (list(ids["device"]),))
    holders = {f"device:{row[0]}": row[1] for row in await cursor.fetchall()}
    return {f"user:{username}": name for username, name in accounts.items()} | holders
