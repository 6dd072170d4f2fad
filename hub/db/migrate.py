"""Bring a database to the current schema: our SQL migrations (by yoyo), and Procrastinate's tables."""

from pathlib import Path

import structlog
from procrastinate import App, PsycopgConnector
from psycopg import AsyncConnection
from yoyo import get_backend, read_migrations

log = structlog.get_logger()

MIGRATIONS = Path(__file__).with_name("migrations")


def migrate(database_url: str) -> int:
    """Apply missing migrations; returns how many. Concurrent callers are safe."""
    backend = get_backend(database_url.replace("postgresql://", "postgresql+psycopg://", 1))
    migrations = read_migrations(str(MIGRATIONS))
    try:
        with backend.lock():
            missing = backend.to_apply(migrations)
            backend.apply_migrations(missing)
    finally:
        backend.connection.close()
    log.info("schema_migrated", applied=len(missing))
    return len(missing)


async def install_job_queue(database_url: str) -> bool:
    """Create Procrastinate's tables if they are missing; returns whether they were."""
    async with await AsyncConnection.connect(database_url) as db:
        row = await (await db.execute("SELECT to_regclass('procrastinate_jobs')")).fetchone()
    if row is not None and row[0] is not None:
        return False
    connector = PsycopgConnector(conninfo=database_url, min_size=1, max_size=1)
    async with App(connector=connector).open_async() as queue:
        await queue.schema_manager.apply_schema_async()
    return True
