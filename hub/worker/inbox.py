"""Inbox rows, each in one transaction with all of its effects, in order per device.

A row that cannot be handled is parked with its error and the next one goes on; a row that lost a race
is tried again a few times, and one that met trouble of the storage's own until that is over.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
import structlog
from psycopg.rows import class_row
from pydantic import JsonValue

from hub.clock import Clock
from hub.db import Connection, Pool, load_queries
from hub.errors import Conflict, Unavailable

log = structlog.get_logger()
SQL = load_queries(__file__)

MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """One received message; `payload` was checked against the contract when it came in."""

    inbox_id: int
    kind: str
    device_id: str
    leaf: str
    tail: str
    payload: JsonValue
    received_at: datetime
    attempts: int


_LIMIT_EXCEEDED = "54"
"""SQLSTATEs of what is too large or too complex for the database, and stays so."""
_LONGEST_PAUSE_S = 30.0

Handler = Callable[[Connection, InboxMessage, datetime], Awaitable[None]]


async def work(pool: Pool, handle: Handler, clock: Clock, wake: asyncio.Event) -> None:
    """Handle messages for ever; sleeps until woken, and looks anyway every second."""
    while True:
        try:
            found = await handle_next(pool, handle, clock)
        except psycopg.OperationalError as error:
            log.warning("database_unavailable", error=str(error).splitlines()[0][:200])
            await asyncio.sleep(1.0)
            continue
        if not found:
            wake.clear()
            try:
                await asyncio.wait_for(wake.wait(), timeout=1.0)
            except TimeoutError:
                continue


async def handle_next(pool: Pool, handle: Handler, clock: Clock) -> bool:
    """Handle the next message; False where none is waiting. A failed one is retried or parked."""
    message: InboxMessage | None = None
    try:
        async with pool.connection() as db:
            message = await _take(db, clock())
            if message is None:
                return False
            async with db.transaction():
                await handle(db, message, clock())
            await db.execute(SQL["inbox_done"], (clock(), message.inbox_id))
    except Exception as error:
        if message is None:
            raise
        await _failed(pool, message, error, clock())
    return True


async def _take(db: Connection, now: datetime) -> InboxMessage | None:
    async with db.cursor(row_factory=class_row(InboxMessage)) as cursor:
        await cursor.execute(SQL["take_inbox"], (now,))
        return await cursor.fetchone()


async def _failed(pool: Pool, message: InboxMessage, error: Exception, now: datetime) -> None:
    reason = f"{type(error).__name__}: {error}"[:1000]
    again = isinstance(error, Conflict) and message.attempts + 1 < MAX_ATTEMPTS
    retry = again or _is_storage_trouble(error)
    async with pool.connection() as db:
        if retry:
            pause_s = min(0.2 * 2 ** min(message.attempts, 10), _LONGEST_PAUSE_S)
            retry_at = now + timedelta(seconds=pause_s)
            await db.execute(SQL["inbox_retry"], (reason, retry_at, message.inbox_id))
        else:
            await db.execute(SQL["inbox_park"], (reason, message.inbox_id))
    log.log(
        30 if retry else 40,
        "message_retried" if retry else "message_parked",
        inbox_id=message.inbox_id,
        device_id=message.device_id,
        leaf=message.leaf,
        error=reason,
        exc_info=None if retry else error,
    )


def _is_storage_trouble(error: Exception) -> bool:
    """Whether database or evidence store are to blame, for which no message is given up.

    psycopg calls operational what is lost, full, locked, deadlocked or shutting down.
    """
    if isinstance(error, psycopg.OperationalError):
        return (error.sqlstate or "")[:2] != _LIMIT_EXCEEDED
    return isinstance(error, Unavailable | psycopg.errors.ReadOnlySqlTransaction)
