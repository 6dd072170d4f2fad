"""PostgreSQL: connections, named SQL, migrations."""

from hub.db.connections import (
    Connection,
    Pool,
    database_of,
    open_alone,
    open_hasty_pool,
    open_pool,
)
from hub.db.queries import Queries, load_queries
from hub.db.rows import record_row
from hub.db.shares import SHARE, in_shares

__all__ = [
    "SHARE",
    "Connection",
    "Pool",
    "Queries",
    "database_of",
    "in_shares",
    "load_queries",
    "open_alone",
    "open_hasty_pool",
    "open_pool",
    "record_row",
]
