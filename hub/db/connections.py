"""Pools of connections whose session settings are the same everywhere."""

from typing import TypeAlias

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

Connection: TypeAlias = AsyncConnection[TupleRow]
"""Use cases take one with an open transaction; the way in (a request, an inbox row) commits it."""
Pool: TypeAlias = AsyncConnectionPool[Connection]


def open_pool(database_url: str, *, name: str, max_size: int = 8) -> Pool:
    """A pool to be used as an async context manager; nothing is connected before that."""
    return AsyncConnectionPool(
        database_url,
        kwargs={"application_name": name, "options": "-c timezone=UTC -c lock_timeout=10s"},
        min_size=1,
        max_size=max_size,
        open=False,
        name=name,
        check=AsyncConnectionPool.check_connection,
    )
