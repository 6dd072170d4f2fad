"""An installation goes on with all its rows, whichever layout its server lets it have."""

import asyncio
import uuid
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from yoyo import get_backend, read_migrations

from deploy.local.postgres import create_database, drop_database
from hub.db import Connection, open_alone
from hub.db.migrate import MIGRATIONS, migrate
from hub.telemetry.storage import hypertable, maintenance
from hub.telemetry.storage.layout import StorageLayout, storage_state
from hub.telemetry.storage.selection import select_layout
from tests.conftest import copy_database
from tests.integration.hub.telemetry.conftest import NOW, YESTERDAY, one

DAYS = 30
INSERT = (
    "INSERT INTO telemetry SELECT 'T-1', 'b', n, %(at)s + n * interval '10 s', now(), 103.8, 25.6, 8,"
    " NULL, NULL, 80, NULL, NULL, 'wgs84', false FROM generate_series(0, 99) n"
)


@pytest.fixture
def before(server_url: str) -> Iterator[str]:
    """A database of version 0.1 with a partition for yesterday, and rows in it and outside."""
    name = f"before_{uuid.uuid4().hex[:12]}"
    url = create_database(server_url, name)
    backend = get_backend(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with backend.lock():
        old = read_migrations(str(MIGRATIONS)).filter(lambda each: each.id < "0008")
        backend.apply_migrations(backend.to_apply(old))
    backend.connection.close()
    with psycopg.connect(url) as db:
        day = f"{YESTERDAY:%Y-%m-%d} 00:00+00", f"{YESTERDAY + timedelta(days=1):%Y-%m-%d} 00:00+00"
        db.execute(
            f"CREATE TABLE telemetry_{YESTERDAY:%Y%m%d} PARTITION OF telemetry"
            f" FOR VALUES FROM ('{day[0]}') TO ('{day[1]}')".encode()
        )
        for at in (YESTERDAY, YESTERDAY - timedelta(days=5)):
            db.execute(INSERT.encode(), {"at": at})
    yield url
    drop_database(server_url, name)


async def test_an_installation_of_0_1_keeps_its_rows_and_gets_rollups(
    before: str, timescale_is_offered: bool
) -> None:
    await asyncio.to_thread(migrate, before)
    for _ in range(2):
        await select_layout(before)
        await maintenance.maintain(before, NOW, DAYS)
        await maintenance.roll_up(before, NOW, DAYS)
    async with open_alone(before, name="test") as db:
        assert await one(db, "SELECT count(*), count(DISTINCT seq) FROM telemetry") == (200, 100)
        assert await one(db, "SELECT sum(samples), count(*) FROM telemetry_hourly") == (200, 2)
        kept = await storage_state(db)
    if timescale_is_offered:
        assert (kept.layout, kept.reason) == (
            StorageLayout.HYPERTABLE,
            "the server offers TimescaleDB",
        )
    else:
        assert kept.layout is StorageLayout.PARTITIONS
        assert kept.reason == "the server does not offer TimescaleDB"


@pytest.fixture
def native(server_url: str, native_template: str) -> Iterator[str]:
    """A database of the present version in native partitions."""
    name = f"later_{uuid.uuid4().hex[:12]}"
    yield copy_database(server_url, native_template, name)
    drop_database(server_url, name)


@pytest.mark.timescale
async def test_a_server_that_got_timescaledb_later_converts_what_was_in_partitions(
    native: str,
) -> None:
    await maintenance.maintain(native, NOW, DAYS)
    async with open_alone(native, name="test") as db:
        await db.execute(INSERT.encode(), {"at": YESTERDAY})
        await db.execute("SELECT touch_hours(%s)", ([YESTERDAY],))
        await maintenance.roll_up(native, NOW, DAYS)
        assert await select_layout(native) is StorageLayout.HYPERTABLE
    await maintenance.roll_up(native, NOW, DAYS)
    async with open_alone(native, name="test") as db:
        assert await one(db, "SELECT count(*) FROM telemetry") == (100,)
        assert await one(db, "SELECT samples FROM telemetry_hourly") == (100,)
        assert await one(db, "SELECT to_regclass('telemetry_before')") == (None,)


@pytest.mark.timescale
async def test_a_conversion_that_was_interrupted_goes_on_where_it_was(
    before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Exception):
        pass

    async def moves_one(db: Connection, part: str) -> None:
        await move(db, part)
        raise Killed

    move = hypertable._move
    await asyncio.to_thread(migrate, before)
    monkeypatch.setattr(hypertable, "_move", moves_one)
    with pytest.raises(Killed):
        await select_layout(before)
    async with open_alone(before, name="test") as db:
        assert await one(db, "SELECT count(*) FROM telemetry") == (100,)
    monkeypatch.undo()
    await select_layout(before)
    async with open_alone(before, name="test") as db:
        assert await one(db, "SELECT count(*) FROM telemetry") == (200,)
