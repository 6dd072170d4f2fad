"""Bring a database to the present schema: yoyo's SQL migrations, and Procrastinate's."""

from pathlib import Path

import structlog
from procrastinate import App, PsycopgConnector
from psycopg import AsyncConnection
from yoyo import get_backend, read_migrations

log = structlog.get_logger()

MIGRATIONS = Path(__file__).with_name("migrations")


def migrate(database_url: str) -> int:
    """Apply what is missing; returns the number applied. Several callers at once are safe."""
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
    """Procrastinate's own tables, once; returns whether they were missing."""
    async with await AsyncConnection.connect(database_url) as db:
        row = await (await db.execute("SELECT to_regclass('procrastinate_jobs')")).fetchone()
    if row is not None and row[0] is not None:
        return False
    connector = PsycopgConnector(conninfo=database_url, min_size=1, max_size=1)
    async with App(connector=connector).open_async() as queue:
        await queue.schema_manager.apply_schema_async()
    return True
