"""What belongs to a case and is kept elsewhere: its signals, and the names of those who acted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row
from pydantic import JsonValue

from hub.accounts.store import names_of
from hub.db import Connection, load_queries
from hub.journal import Entry

SQL = load_queries(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSignal:
    """A signal of the case. `boxes` are [{label, score, x, y, w, h}], fractions of the picture."""

    signal_id: int
    source: str
    device_id: str | None
    type: str
    label: str | None
    score: float | None
    observed_at: datetime
    received_at: datetime
    lon: float | None
    lat: float | None
    error_m: float | None
    evidence: list[str]
    boxes: list[dict[str, JsonValue]]
    text: str


async def signals_of(db: Connection, case_id: int) -> list[CaseSignal]:
    """The signals of a case as they were observed, the earliest first."""
    async with db.cursor(row_factory=class_row(CaseSignal)) as cursor:
        await cursor.execute(SQL["signals_of"], (case_id,))
        return await cursor.fetchall()


async def actor_names(db: Connection, entries: Iterable[Entry]) -> dict[str, str]:
    """For people by actor: an account's name, a device's holder; the system has no name."""
    ids: dict[str, set[str]] = {"user": set(), "device": set(), "system": set()}
    for entry in entries:
        kind, _, name = entry.actor.partition(":")
        ids[kind].add(name)
    accounts = await names_of(db, ids["user"])
    cursor = await db.execute(SQL["device_names"], (list(ids["device"]),))
    holders = {f"device:{row[0]}": row[1] for row in await cursor.fetchall()}
    return {f"user:{username}": name for username, name in accounts.items()} | holders
