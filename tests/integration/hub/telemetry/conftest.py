"""The same history in both layouts, written as ingest writes it."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.local.postgres import drop_database
from hub.db import Connection, open_alone
from hub.evidence import open_evidence
from hub.ingest import store as ingest
from hub.ingest.rows import Batch, TelemetryRow
from hub.refusals.dead_letter import Refusals
from hub.telemetry.storage.layout import StorageLayout
from hub.telemetry.storage.selection import select_layout
from tests.conftest import copy_database

NOW = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
"""TimescaleDB's own jobs go by the machine's clock, so the tests can't choose another day."""
YESTERDAY = NOW.replace(hour=8, minute=0) - timedelta(days=1)
LON, LAT = 103.8213, 25.6013
ONE = TelemetryRow(
    *("b1", 0, LON, LAT, 8.0, 1.2, 90.0, 80.0, -80.0, "4G", "wgs84"),
    *(NOW, "T-1", NOW, False),
)

Store = Callable[[Iterable[TelemetryRow]], None]


@pytest.fixture(
    params=[
        pytest.param(StorageLayout.PARTITIONS, id="native"),
        pytest.param(StorageLayout.HYPERTABLE, id="timescale", marks=pytest.mark.timescale),
    ]
)
def layout(request: pytest.FixtureRequest) -> StorageLayout:
    chosen: StorageLayout = request.param
    return chosen


@pytest.fixture
def history_url(server_url: str, native_template: str, layout: StorageLayout) -> Iterator[str]:
    """A database of this test alone that keeps telemetry in the layout asked for."""
    name = f"history_{uuid.uuid4().hex[:12]}"
    url = copy_database(server_url, native_template, name)
    if layout is StorageLayout.HYPERTABLE:
        assert asyncio.run(select_layout(url)) is StorageLayout.HYPERTABLE
    yield url
    drop_database(server_url, name)


@pytest.fixture
async def history(history_url: str) -> AsyncIterator[Connection]:
    async with open_alone(history_url, name="test") as db:
        yield db


@pytest.fixture
def put(history_url: str, tmp_path: Path) -> Iterator[Store]:
    """Store samples as ingest does, in one batch."""
    store = ingest.BatchStore(
        history_url, open_evidence(f"file://{tmp_path / 'evidence'}", create=True)
    )

    def save(rows: Iterable[TelemetryRow]) -> None:
        store.save(Batch([*rows], [row.observed_at for row in rows]), Refusals())

    yield save
    store.disconnect()


def walk(
    device_id: str,
    start: datetime,
    count: int,
    *,
    every_s: int = 10,
    east_m: float = 12.0,
    at: tuple[float, float] = (LON, LAT),
    backlog: bool = False,
) -> list[TelemetryRow]:
    """Samples of a terminal that walks east from `at`, `east_m` from one to the next."""
    degree_m = 111_320 * 0.9018  # at 25.6 degrees north
    rows = []
    for n in range(count):
        observed_at = start + timedelta(seconds=n * every_s)
        received_at = NOW if backlog else observed_at + timedelta(seconds=1)
        rows.append(
            ONE._replace(
                device_id=device_id,
                seq=int(observed_at.timestamp()),
                observed_at=observed_at,
                received_at=received_at,
                lon=at[0] + n * east_m / degree_m,
                lat=at[1],
                battery=80.0 - n / 100,
                backlog=backlog,
            )
        )
    return rows


async def one(db: Connection, query: str, *values: object) -> tuple[object, ...]:
    """The first row of a query."""
    row = await (await db.execute(query.encode(), values)).fetchone()
    assert row is not None
    return row
