"""The outbox table: use cases enqueue messages, and the publisher takes them and marks them.

A payload may hold secrets, such as a camera's password or a token. It is gone once it is published or
dropped; what was asked for is kept where it belongs, with the command or the device's revision.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

from hub.db import Connection, load_queries, record_row

SQL = load_queries(__file__)


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A message that waits to be published at QoS 1; after `expires_at` it is not delivered."""

    outbox_id: int
    topic: str
    payload: bytes
    retain: bool
    correlation: str | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to publish at QoS 1; `correlation` is a command's id."""

    topic: str
    payload: bytes
    retain: bool
    correlation: str | None
    created_at: datetime
    expires_at: datetime | None


async def enqueue_all(db: Connection, messages: Sequence[NewMessage]) -> None:
    """Queue messages in the caller's transaction, in their order."""
    if messages:
        columns = zip(*(astuple(message) for message in messages), strict=True)
        await db.execute(SQL["enqueue_all"], [list(column) for column in columns])


async def take(db: Connection, limit: int) -> list[OutboxMessage]:
    """The oldest waiting messages, locked for this transaction and skipped by others."""
    async with db.cursor(row_factory=record_row(OutboxMessage)) as cursor:
        await cursor.execute(SQL["take"], (limit,))
        return await cursor.fetchall()


async def mark_published(db: Connection, outbox_ids: Sequence[int], now: datetime) -> None:
    """Mark messages that the broker has, and forget what they said."""
    await db.execute(SQL["published"], (now, list(outbox_ids)))


async def withdraw(db: Connection, correlation: str, now: datetime) -> None:
    """Drop the waiting messages of a command; one that is being published right now still goes out."""
    await db.execute(SQL["withdraw"], {"correlation": correlation, "now": now})


async def drop_expired(db: Connection, now: datetime) -> int:
    """Mark the messages that may no longer be sent; returns how many."""
    return (await db.execute(SQL["drop_expired"], {"now": now})).rowcount


async def forget_published(db: Connection, before: datetime, limit: int) -> int:
    """Delete some of the messages that were published or dropped before an instant; returns how many."""
    return (await db.execute(SQL["forget"], (before, limit))).rowcount
