"""PostgreSQL: connections, named SQL, migrations."""

from hub.db.connections import Connection, Pool, open_alone, open_pool
from hub.db.queries import Queries, load_queries

__all__ = ["Connection", "Pool", "Queries", "load_queries", "open_alone", "open_pool"]
