"""Real servers for all tests: one PostgreSQL per run with a migrated template, one Mosquitto per test."""

import asyncio
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
import structlog
from hypothesis import HealthCheck, settings

from deploy.local.postgres import create_database, drop_database, postgres
from hub.db import Connection, Pool, open_pool
from hub.db.migrate import install_job_queue, migrate
from hub.telemetry.storage.selection import select_layout

# On a busy machine the first inputs are slow to draw; that says nothing about the code.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


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


@pytest.fixture(scope="session")
def fuzz_count() -> int:
    """How many spoilt messages each topic gets; PATROLHUB_TEST_FUZZ says otherwise."""
    return int(os.environ.get("PATROLHUB_TEST_FUZZ", "2000"))


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
def native_template(server_url: str) -> Iterator[str]:
    """The name of a migrated database whose telemetry is in native partitions, whatever the server offers."""
    name = f"native_{uuid.uuid4().hex[:8]}"
    url = create_database(server_url, name)
    migrate(url)
    asyncio.run(install_job_queue(url))
    yield name
    drop_database(server_url, name)


def copy_database(server_url: str, template: str, name: str) -> str:
    """The URL of a copy; waits for TimescaleDB's launcher, which looks into every database now and then."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return create_database(server_url, name, template=template)
        except psycopg.errors.ObjectInUse:
            if time.monotonic() > deadline:
                raise


@pytest.fixture(scope="session")
def template_database(server_url: str, native_template: str) -> Iterator[str]:
    """The name of a migrated database that each test's own is copied from."""
    name = f"template_{uuid.uuid4().hex[:8]}"
    asyncio.run(select_layout(copy_database(server_url, native_template, name)))
    yield name
    drop_database(server_url, name)


@pytest.fixture(scope="session")
def timescale_is_offered(server_url: str) -> bool:
    with psycopg.connect(server_url) as db:
        offered = db.execute("SELECT FROM pg_available_extensions WHERE name = 'timescaledb'")
        return offered.fetchone() is not None


@pytest.fixture(autouse=True)
def timescale_where_needed(request: pytest.FixtureRequest) -> None:
    """Skips tests marked `timescale` where the server has no such extension."""
    needed = request.node.get_closest_marker("timescale") is not None
    if needed and not request.getfixturevalue("timescale_is_offered"):
        pytest.skip("no TimescaleDB on this server; PATROLHUB_TEST_SERVER_URL may name another")


@pytest.fixture
def database_url(server_url: str, template_database: str) -> Iterator[str]:
    """A migrated database of this test alone."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield copy_database(server_url, template_database, name)
    drop_database(server_url, name)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with open_pool(database_url, name="test") as opened:
        yield opened


@pytest.fixture
async def db(pool: Pool) -> AsyncIterator[Connection]:
    """A connection with an open transaction, as use cases take it."""
    async with pool.connection() as connection:
        yield connection
