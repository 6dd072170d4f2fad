"""Real servers for all tests: one PostgreSQL per run with a migrated template, one Mosquitto per test."""

import asyncio
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
import structlog

from deploy.local.postgres import create_database, postgres
from hub.db import Connection, Pool, open_pool
from hub.db.migrate import install_job_queue, migrate


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A PostgreSQL of this run; PATROLHUB_TEST_SERVER_URL names another (for example TimescaleDB)."""
    if given := os.environ.get("PATROLHUB_TEST_SERVER_URL"):
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="patrolhub-test-"))
    try:
        with postgres(folder / "pgdata") as url:
            do_without_durability(url)
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """What one test sets up for its logs, perhaps on a stream that ends with it, no other inherits."""
    yield
    structlog.reset_defaults()


def do_without_durability(url: str) -> None:
    """No test pulls the machine's plug, so nothing need reach the disk."""
    with psycopg.connect(url, autocommit=True) as db:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            db.execute(f"ALTER SYSTEM SET {setting} = off".encode())
        db.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def template_database(server_url: str) -> str:
    """The name of a migrated database that each test's own is copied from."""
    name = f"template_{uuid.uuid4().hex[:8]}"
    url = create_database(server_url, name)
    migrate(url)
    asyncio.run(install_job_queue(url))
    return name


@pytest.fixture
def database_url(server_url: str, template_database: str) -> Iterator[str]:
    """A migrated database of this test alone."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield create_database(server_url, name, template=template_database)
    with psycopg.connect(server_url, autocommit=True) as db:
        db.execute(
            psycopg.sql.SQL("DROP DATABASE {} WITH (FORCE)").format(psycopg.sql.Identifier(name))
        )


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with open_pool(database_url, name="test") as opened:
        yield opened


@pytest.fixture
async def db(pool: Pool) -> AsyncIterator[Connection]:
    """A connection with an open transaction, as use cases take it."""
    async with pool.connection() as connection:
        yield connection
