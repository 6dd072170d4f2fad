"""Inbox rows, each in one transaction with all of its effects, in order per device.

An alarm comes before all of them, and is tried until it is raised.

Rows of one kind that a crowd of devices sends at once share a transaction; if that fails, each is
tried alone. A row that is refused for good becomes a dead letter. One that cannot be handled is parked
with its error, and the others go on. A row that lost a race is tried again a few times; one that failed
because storage did, until storage is back.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import psycopg
import structlog
from psycopg.rows import class_row

from hub.clock import Clock
from hub.db import Connection, Pool, load_queries
from hub.db.trouble import is_storage_trouble
from hub.errors import Conflict, HubError, TooManyRequests
from hub.journal.unit_of_work import UnitOfWork, unit_of_work
from hub.refusals.keeping import RefusedKeeping
from hub.wakes import woken
from hub.worker.inbox_message import InboxMessage
from hub.worker.refusing import RefusedMessage, is_final, refuse_for_good

log = structlog.get_logger()
SQL = load_queries(__file__)

MAX_ATTEMPTS = 5
POLL_S = 1.0
TAKEN_TOGETHER = 250
"""The most rows that share a transaction; with more, others would wait too long for the locks."""
_AMONG = (16, 2_000, 2**31)
"""The next row is taken from this many of the oldest, and from more only if all of these must wait."""
_LONGEST_PAUSE_S = 30.0
_LONGEST_ALARM_PAUSE_S = 5.0


@dataclass(frozen=True, slots=True)
class Handling:
    """How messages are handled, in their transaction.

    `handle` gets one message of any leaf, or several of a leaf of `together`, each of another device.
    Only those whose payload has one of the `type`s share a transaction, if any are named. `keeping` is
    for those that are refused.
    """

    handle: Callable[[UnitOfWork, Sequence[InboxMessage]], Awaitable[None]]
    together: Mapping[str, frozenset[str]] = field(default_factory=dict)
    keeping: RefusedKeeping = field(default_factory=RefusedKeeping)


async def work(
    pool: Pool,
    handling: Handling,
    clock: Clock,
    wake: asyncio.Event,
    *,
    alarms_only: bool = False,
) -> None:
    """Handle messages until cancelled; between them, sleep until woken, at most for POLL_S."""
    while True:
        try:
            found = await handle_next(pool, handling, clock, alarms_only=alarms_only)
        except psycopg.OperationalError as error:
            log.warning("database_unavailable", error=str(error).splitlines()[0][:200])
            await asyncio.sleep(1.0)
            continue
        if not found:
            await woken(wake, POLL_S)


async def handle_next(
    pool: Pool, handling: Handling, clock: Clock, *, alarms_only: bool = False
) -> int:
    """Handle the next messages; returns how many. A failed one is retried, refused or parked."""
    messages: list[InboxMessage] = []
    try:
        async with unit_of_work(pool, "system:worker", clock()) as work:
            messages = await _take(work.db, handling.together, work.now, alarms_only=alarms_only)
            if messages:
                await handling.handle(work, messages)
    except Exception as error:
        if not messages:
            raise
        is_alarm = messages[0].urgent
        if len(messages) == 1 and not is_alarm and isinstance(error, HubError) and is_final(error):
            async with unit_of_work(pool, "system:worker", clock()) as work:
                refused = RefusedMessage(messages[0], error)
                await refuse_for_good(work, [refused], handling.keeping)
        else:
            await _failed(pool, messages, error, clock())
    return len(messages)


async def forget_done(db: Connection, before: datetime, limit: int) -> int:
    """Delete some of the messages that were handled before an instant; returns how many."""
    return (await db.execute(SQL["forget_inbox"], (before, limit))).rowcount


async def _take(
    db: Connection,
    together: Mapping[str, frozenset[str]],
    now: datetime,
    *,
    alarms_only: bool = False,
) -> list[InboxMessage]:
    """The messages of this transaction, in the order of arrival; if it fails, none is taken."""
    for among in (0,) if alarms_only else _AMONG:
        facts = {"now": now, "among": among, "alarms_only": alarms_only}
        cursor = await db.execute(SQL["take_inbox"], facts)
        ((waiting, *values),) = await cursor.fetchall()
        if values[0] is not None:
            first = InboxMessage(*values)
            return [first, *await _take_more(db, first, together, among, now)]
        if waiting < among:
            break
    return []


async def _take_more(
    db: Connection,
    first: InboxMessage,
    together: Mapping[str, frozenset[str]],
    among: int,
    now: datetime,
) -> list[InboxMessage]:
    """The messages handled together with a message; one that failed before is handled alone."""
    if first.leaf not in together or first.attempts or first.urgent:
        return []
    types = together[first.leaf]
    if types and not (isinstance(first.payload, Mapping) and first.payload.get("type") in types):
        return []
    facts = {
        "leaf": first.leaf,
        "types": list(types) or None,
        "device_id": first.device_id,
        "now": now,
    }
    limits = {"among": max(among, TAKEN_TOGETHER), "more": TAKEN_TOGETHER - 1}
    async with db.cursor(row_factory=class_row(InboxMessage)) as cursor:
        await cursor.execute(SQL["take_more"], facts | limits)
        return sorted(await cursor.fetchall(), key=lambda message: message.inbox_id)


async def _failed(
    pool: Pool, messages: Sequence[InboxMessage], error: Exception, now: datetime
) -> None:
    """Messages that failed together are tried alone; one that failed alone is retried or parked.

    An alarm is never parked, and never pauses for long.
    """
    first, reason = messages[0], _reason(error)
    passes = isinstance(error, Conflict | TooManyRequests) and first.attempts + 1 < MAX_ATTEMPTS
    again = first.urgent or passes
    retry = len(messages) > 1 or again or is_storage_trouble(error)
    inbox_ids = [message.inbox_id for message in messages]
    async with pool.connection() as db:
        if retry:
            longest_s = _LONGEST_ALARM_PAUSE_S if first.urgent else _LONGEST_PAUSE_S
            pause_s = min(0.2 * 2 ** min(first.attempts, 10), longest_s)
            retry_at = now + timedelta(seconds=pause_s)
            await db.execute(SQL["inbox_retry"], (reason, retry_at, inbox_ids))
        else:
            await db.execute(SQL["inbox_park"], (reason, inbox_ids))
    log.log(
        logging.WARNING if retry and not first.urgent else logging.ERROR,
        "message_retried" if retry else "message_parked",
        inbox_id=first.inbox_id,
        count=len(messages),
        device_id=first.device_id,
        leaf=first.leaf,
        error=reason,
        exc_info=None if retry else error,
    )


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:1000]
