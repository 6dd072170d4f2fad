"""The feed of one process: it reads journal and positions once for all its clients."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

import psycopg
import structlog
from psycopg import AsyncConnection

from hub.accounts.account import Session
from hub.accounts.sight import visible_devices
from hub.accounts.store import valid_sessions
from hub.clock import Clock
from hub.db import Connection, Pool
from hub.journal import Cursor, Entry, entries_after, is_known, newest_cursor
from hub.live.client import NOTHING, LiveClient, LiveSight, is_live, may_see
from hub.live.events import LivePosition, PositionBatch
from hub.live.store import belongings_of, positions_since
from hub.wakes import woken
from wire.limits import EARLIEST

log = structlog.get_logger()

POLL_S = 2.0
POSITIONS_EVERY_S = 1.0
SESSIONS_EVERY_S = 0.5
"""A line ends within a second of its session, whichever process ended that."""
RETRY_S = 1.0
_LATE_COMMIT = timedelta(seconds=5)
"""A position may become visible this long after it was received, when its batch commits."""


class Feed:
    """An async context manager; while it is open, clients receive new entries and positions.

    A notification from the database wakes it, and it polls in case one is lost. While the database is
    unavailable it keeps retrying; afterwards clients receive the entries that they missed.
    """

    def __init__(self, pool: Pool, database_url: str, clock: Clock) -> None:
        self._pool = pool
        self._database_url = database_url
        self._clock = clock
        self._clients: set[LiveClient] = set()
        self._cursor = Cursor(0)
        self._wake = asyncio.Event()
        self._known: dict[str, LivePosition] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.is_open = False

    async def __aenter__(self) -> Self:
        async with self._pool.connection() as db:
            self._cursor = await newest_cursor(db)
        self.is_open = True
        parts = (self._listen, self._read_journal, self._read_positions, self._end_with_sessions)
        self._tasks = [asyncio.create_task(part(), name=f"live{part.__name__}") for part in parts]
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def close(self) -> None:
        """Close every client, and accept no new ones."""
        self.is_open = False
        for client in self._clients:
            client.close()

    @contextmanager
    def subscribe(self, session: Session) -> Iterator[tuple[LiveClient, Cursor]]:
        """A client, and the cursor after which it receives every entry."""
        client = LiveClient(LiveSight.of(session.account), session.token_hash)
        self._clients.add(client)
        if not self.is_open:
            client.close()
        try:
            yield client, self._cursor
        finally:
            self._clients.discard(client)

    async def knows(self, cursor: Cursor) -> bool:
        """Whether a console may resume there: this journal gave the cursor, and still has its entry."""
        async with self._pool.connection() as db:
            return await is_known(db, cursor)

    async def backlog(self, after: int, until: int, sight: LiveSight) -> AsyncIterator[Entry]:
        """The entries with `after` < journal id <= `until` that may be seen, oldest first."""
        cursor = after
        while cursor < until:
            async with self._pool.connection() as db:
                entries = await entries_after(db, cursor)
                about = await belongings_of(db, entries)
            if not entries:
                return
            cursor = entries[-1].journal_id
            for entry in entries:
                if entry.journal_id > until:
                    return
                if is_live(entry) and may_see(sight, about.get(entry.journal_id, NOTHING)):
                    yield entry

    async def _listen(self) -> None:
        while True:
            async with self._forgiving("listen"), await self._own_connection() as db:
                await db.execute("LISTEN journal")
                self._wake.set()  # for entries before the LISTEN
                async for _ in db.notifies():
                    self._wake.set()

    async def _own_connection(self) -> AsyncConnection:
        return await AsyncConnection.connect(
            self._database_url, autocommit=True, application_name="hub-api-live"
        )

    async def _read_journal(self) -> None:
        while True:
            await woken(self._wake, POLL_S)
            async with self._forgiving("journal"):
                while await self._pass_on_entries():
                    pass

    async def _pass_on_entries(self) -> int:
        async with self._pool.connection() as db:
            if not await is_known(db, self._cursor):
                await self._start_anew(db)
                return 0
            entries = await entries_after(db, self._cursor.journal_id)
            # Looked up even if no present client needs it: one that does may subscribe meanwhile.
            about = await belongings_of(db, entries) if entries else {}
        for entry in entries:
            self._cursor = Cursor.at(entry)
            its = about.get(entry.journal_id, NOTHING)
            for client in self._clients:
                if is_live(entry) and may_see(client.sight, its):
                    client.add_entry(entry)
        return len(entries)

    async def _start_anew(self, db: Connection) -> None:
        """The journal is another one: a backup was restored. Consoles must read everything again."""
        self._cursor = await newest_cursor(db)
        for client in self._clients:
            client.close()
        log.warning("journal_replaced", clients=len(self._clients))

    async def _read_positions(self) -> None:
        newest_at = EARLIEST
        while True:
            receivers = [client for client in self._clients if client.sight.observes]
            if receivers:
                async with self._forgiving("positions"):
                    newest_at = await self._pass_on_positions(newest_at, receivers)
            await asyncio.sleep(POSITIONS_EVERY_S)

    async def _pass_on_positions(
        self, newest_at: datetime, receivers: list[LiveClient]
    ) -> datetime:
        async with self._pool.connection() as db:
            recent = await positions_since(db, max(EARLIEST, newest_at - _LATE_COMMIT))
            changed = [p for p in recent if self._known.get(p.device_id) != p]
            self._known.update((position.device_id, position) for position in changed)
            limited = {r.sight.scope for r in receivers if r.sight.scope.units is not None}
            seen = {scope: await visible_devices(db, scope, self._known) for scope in limited}
        changes, everything = PositionBatch(changed), PositionBatch(self._known.values())
        for receiver in receivers:
            batch = changes if receiver.knows_positions else everything
            if (within := seen.get(receiver.sight.scope)) is not None:
                batch = PositionBatch(p for p in batch.items if p.device_id in within)
            receiver.add_positions(batch)
            receiver.knows_positions = True
        return max([newest_at, *(position.received_at for position in recent)])

    async def _end_with_sessions(self) -> None:
        """Close the clients whose session was ended, or is over; one query for all of them."""
        while True:
            clients = list(self._clients)
            if clients:
                async with self._forgiving("sessions"), self._pool.connection() as db:
                    hashes = {client.session_hash for client in clients}
                    valid = await valid_sessions(db, hashes, self._clock())
                    for client in clients:
                        if client.session_hash not in valid:
                            client.close()
            await asyncio.sleep(SESSIONS_EVERY_S)

    @asynccontextmanager
    async def _forgiving(self, part: str) -> AsyncIterator[None]:
        try:
            yield
        except (psycopg.Error, OSError) as error:
            log.warning("live_feed_failed", part=part, error=type(error).__name__)
            await asyncio.sleep(RETRY_S)
