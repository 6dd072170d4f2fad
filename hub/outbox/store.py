"""The outbox table: enqueue in the transaction that decides, take and mark in the one that publishes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row
from pydantic import BaseModel

from hub.db import Connection, load_queries

SQL = load_queries(__file__)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to publish at QoS 1; nobody gets it after `expires_at`."""

    outbox_id: int
    topic: str
    payload: bytes
    retain: bool
    correlation: str | None
    expires_at: datetime | None


async def enqueue(
    db: Connection,
    topic: str,
    message: BaseModel,
    *,
    now: datetime,
    retain: bool = False,
    correlation: str | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Queue a message in the caller's transaction. `correlation` is a command's id."""
    payload = message.model_dump_json(by_alias=True, exclude_none=True).encode()
    await db.execute(SQL["enqueue"], (topic, payload, retain, correlation, now, expires_at))


async def take(db: Connection, limit: int) -> list[Outgoing]:
    """The oldest waiting messages, locked for this transaction and skipped by others."""
    async with db.cursor(row_factory=class_row(Outgoing)) as cursor:
        await cursor.execute(SQL["take"], (limit,))
        return await cursor.fetchall()


async def mark_published(db: Connection, outbox_ids: Sequence[int], now: datetime) -> None:
    await db.execute(SQL["published"], (now, list(outbox_ids)))


async def withdraw(db: Connection, correlation: str, now: datetime) -> None:
    """Don't publish what waits for this command; what is being published right now goes out."""
    await db.execute(SQL["withdraw"], {"correlation": correlation, "now": now})


async def drop_expired(db: Connection, now: datetime) -> int:
    """Mark what may no longer be sent; returns how many."""
    return (await db.execute(SQL["drop_expired"], {"now": now})).rowcount


async def forget_published(db: Connection, before: datetime, limit: int) -> int:
    """Delete some of what was published or dropped before an instant; returns how many."""
    return (await db.execute(SQL["forget"], (before, limit))).rowcount
