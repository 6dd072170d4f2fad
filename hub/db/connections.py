"""Connections, in pools or single, all with the same session settings."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

Connection: TypeAlias = AsyncConnection[TupleRow]
"""Use cases take one with an open transaction; their caller (a request, the worker) commits."""
Pool: TypeAlias = AsyncConnectionPool[Connection]

_OPTIONS = "-c timezone=UTC -c lock_timeout=10s -c jit=off"
"""JIT is off because compiling takes longer than any of our queries."""


class _Pool(AsyncConnectionPool[Connection]):
    """A pool in which waiting for a free connection can be cancelled at any moment.

    psycopg waits with `asyncio.wait_for`, which before Python 3.12 loses a cancellation that arrives
    together with the result (python/cpython issue 86296), and the task would never end.
    """

    async def getconn(self, timeout: float | None = None) -> Connection:  # noqa: ASYNC109
        """Like the base class, but raises asyncio.CancelledError if a cancellation was lost."""
        task = asyncio.current_task()
        before = task.cancelling() if task else 0
        connection = await super().getconn(timeout)
        if task and task.cancelling() > before:
            await self.putconn(connection)
            raise asyncio.CancelledError
        return connection


def open_pool(database_url: str, *, name: str, max_size: int = 8) -> Pool:
    """A pool, to be used as an async context manager; it connects when it is entered."""
    return _Pool(
        database_url,
        kwargs={"application_name": name, "options": _OPTIONS},
        min_size=1,
        max_size=max_size,
        open=False,
        name=name,
        check=AsyncConnectionPool.check_connection,
    )


def open_hasty_pool(database_url: str, *, name: str) -> Pool:
    """A pool of one connection for work that is begun anew if it fails, to be done soon.

    A commit doesn't wait for the disk, and the connection isn't checked before each use.
    """
    options = f"{_OPTIONS} -c synchronous_commit=off"
    return _Pool(
        database_url,
        kwargs={"application_name": name, "options": options},
        min_size=1,
        max_size=1,
        open=False,
        name=name,
    )


def database_of(db: Connection) -> str:
    """The name of a connection's database, as a key for the caches of a process."""
    return f"{db.info.host}:{db.info.port}/{db.info.dbname}"


@asynccontextmanager
async def open_alone(database_url: str, *, name: str) -> AsyncIterator[Connection]:
    """A single connection with autocommit, for maintenance that spans several transactions."""
    async with await AsyncConnection.connect(
        database_url, autocommit=True, application_name=name, options=_OPTIONS
    ) as db:
        yield db
