"""Native partitions and TimescaleDB keep the same promises."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest

from hub.cli.status import read_status
from hub.db import Connection, open_alone, open_pool
from hub.evidence import open_evidence
from hub.telemetry.storage import maintenance
from hub.telemetry.storage.layout import StorageLayout, storage_state
from hub.telemetry.storage.usage import read_usage
from hub.worker.timers import periodic_jobs
from tests.integration.hub.telemetry.conftest import NOW, ONE, YESTERDAY, Store, one, walk

DAYS = 30
HOURLY = "SELECT samples, backlog_samples FROM telemetry_hourly WHERE device_id = %s AND hour = %s"


async def compress(db: Connection) -> None:
    """What TimescaleDB's own policy does to chunks some days old."""
    await db.execute("SELECT compress_chunk(c) FROM show_chunks('telemetry') c")


async def home_of(db: Connection, device_id: str) -> set[str]:
    """The partitions or chunks that hold a device's rows."""
    rows = await db.execute(
        "SELECT DISTINCT tableoid::regclass::text FROM telemetry WHERE device_id = %s", (device_id,)
    )
    return {name for (name,) in await rows.fetchall()}


async def test_the_layout_is_the_one_that_was_asked_for(
    history: Connection, layout: StorageLayout
) -> None:
    assert (await storage_state(history)).layout is layout


async def test_a_sample_that_comes_again_counts_once_even_among_compressed_ones(
    history: Connection, history_url: str, put: Store, layout: StorageLayout
) -> None:
    await maintenance.maintain(history_url, NOW, DAYS)
    rows = walk("T-1", YESTERDAY, 50)
    put(rows + rows[:10])
    put(rows[5:])
    if layout is StorageLayout.HYPERTABLE:
        await compress(history)
    again = [row._replace(backlog=True, received_at=NOW) for row in rows]
    put([*again, rows[0]._replace(boot_id="b2")])
    assert await one(
        history, "SELECT count(*), count(*) FILTER (WHERE backlog) FROM telemetry"
    ) == (
        51,
        0,
    )


async def test_an_hour_of_a_terminal_is_summed_up(
    history: Connection, history_url: str, put: Store
) -> None:
    put(walk("T-1", YESTERDAY, 100))
    put(walk("T-1", YESTERDAY + timedelta(minutes=40), 20, backlog=True))
    put(walk("T-1", YESTERDAY + timedelta(hours=1), 1))
    put(walk("T-2", YESTERDAY, 30, east_m=0.2))
    assert await maintenance.roll_up(history_url, NOW, DAYS)
    (samples, backlog, first_at, last_at, path_m, battery, slots) = await one(
        history,
        "SELECT samples, backlog_samples, first_at, last_at, path_m, min_battery, live_slots"
        " FROM telemetry_hourly WHERE device_id = 'T-1' AND hour = %s",
        YESTERDAY,
    )
    assert (samples, backlog, first_at) == (120, 20, YESTERDAY)
    assert last_at == YESTERDAY + timedelta(minutes=40, seconds=190)
    assert path_m == pytest.approx(99 * 12 + 99 * 12 + 19 * 12, rel=0.03)  # there, back, and again
    assert (battery, slots) == (pytest.approx(79.01), 0b1111)
    assert await one(history, "SELECT path_m FROM telemetry_hourly WHERE device_id = 'T-2'") == (0,)


async def test_where_a_terminal_was_in_an_hour_is_kept_square_by_square(
    history: Connection, history_url: str, put: Store
) -> None:
    put(walk("T-1", YESTERDAY, 60))
    assert await maintenance.roll_up(history_url, NOW, DAYS)
    cursor = await history.execute(
        "SELECT square, first_at, last_at, minutes::bit(64)::text, east - west FROM telemetry_squares"
        " WHERE device_id = 'T-1' AND hour = %s ORDER BY first_at",
        (YESTERDAY,),
    )
    rows = await cursor.fetchall()
    assert [row[0] for row in rows] == sorted({row[0] for row in rows})
    assert len(rows) == 4
    assert rows[0][1] == YESTERDAY
    assert rows[-1][2] == YESTERDAY + timedelta(seconds=590)
    assert all(before[2] < after[1] for before, after in pairwise(rows))
    minutes = 0
    for row in rows:
        minutes |= int(row[3], 2)
    assert minutes == 0b1111111111
    assert all(row[4] <= 1 / 400 for row in rows)


async def test_late_backlog_lands_in_its_own_day_and_changes_that_hour_s_rollups(
    history: Connection, history_url: str, put: Store, layout: StorageLayout
) -> None:
    await maintenance.maintain(history_url, NOW, DAYS)
    put(walk("T-1", YESTERDAY, 60))
    await maintenance.roll_up(history_url, NOW, DAYS)
    assert await one(history, HOURLY, "T-1", YESTERDAY) == (60, 0)
    if layout is StorageLayout.HYPERTABLE:
        await compress(history)
    put(walk("T-1", YESTERDAY + timedelta(minutes=30), 40, backlog=True))
    put(walk("T-3", YESTERDAY + timedelta(minutes=30), 40, backlog=True))
    await maintenance.roll_up(history_url, NOW + timedelta(minutes=5), DAYS)
    assert await one(history, HOURLY, "T-1", YESTERDAY) == (100, 40)
    assert await one(history, HOURLY, "T-3", YESTERDAY) == (40, 40)
    assert await home_of(history, "T-3") == await home_of(history, "T-1")
    if layout is StorageLayout.PARTITIONS:
        assert await home_of(history, "T-3") == {f"telemetry_{YESTERDAY:%Y%m%d}"}
    assert (await storage_state(history)).rolled_until == NOW + timedelta(minutes=5)


async def test_backlog_from_before_the_first_day_moves_to_a_place_of_its_own(
    history: Connection, history_url: str, put: Store, layout: StorageLayout
) -> None:
    await maintenance.maintain(history_url, NOW, DAYS)
    put(walk("T-1", YESTERDAY - timedelta(days=9), 40, backlog=True))
    await maintenance.maintain(history_url, NOW, DAYS)
    assert await one(history, "SELECT count(*) FROM telemetry") == (40,)
    if layout is StorageLayout.PARTITIONS:
        day = YESTERDAY - timedelta(days=9)
        assert await home_of(history, "T-1") == {f"telemetry_{day:%Y%m%d}"}


async def test_what_is_stored_while_the_rollups_are_worked_out_is_in_them_the_next_time(
    history: Connection, history_url: str, put: Store
) -> None:
    put(walk("T-1", YESTERDAY, 10))
    async with await psycopg.AsyncConnection.connect(history_url) as slow:
        values = "'T-2', 'b', 1, %(at)s, now(), 103.8, 25.6, 5, NULL, NULL, NULL, NULL, NULL, 'wgs84', false"
        await slow.execute(f"INSERT INTO telemetry VALUES ({values})", {"at": YESTERDAY})
        await slow.execute("SELECT touch_hours(%s)", ([YESTERDAY],))
        await maintenance.roll_up(history_url, NOW, DAYS)
        await slow.commit()
    await maintenance.roll_up(history_url, NOW, DAYS)
    assert await one(history, HOURLY, "T-2", YESTERDAY) == (1, 0)


async def test_only_one_process_rolls_up_at_a_time(history_url: str) -> None:
    async with open_alone(history_url, name="other") as other:
        await other.execute("SELECT pg_advisory_lock(7005)")
        assert not await maintenance.roll_up(history_url, NOW, DAYS)
    assert await maintenance.roll_up(history_url, NOW, DAYS)


async def test_what_is_older_than_the_days_kept_is_forgotten_with_its_rollups(
    history: Connection, history_url: str, put: Store
) -> None:
    days_ago = [timedelta(days=days) for days in (29, 12, 11, 9, 1)]
    for ago in days_ago:
        put(walk("T-1", NOW - ago, 3))
    await maintenance.maintain(history_url, NOW, DAYS)
    await maintenance.roll_up(history_url, NOW, DAYS)
    assert await one(history, "SELECT count(*) FROM telemetry") == (15,)
    await maintenance.maintain(history_url, NOW, 10)
    assert await one(history, "SELECT count(*), min(observed_at) FROM telemetry") == (
        6,
        NOW - timedelta(days=9),
    )
    assert await one(history, "SELECT min(hour) FROM telemetry_hourly") == (
        (NOW - timedelta(days=9)).replace(minute=0),
    )
    assert await one(history, "SELECT count(DISTINCT hour) FROM telemetry_squares") == (2,)
    await maintenance.roll_up(history_url, NOW, 10)
    assert await one(history, "SELECT count(*) FROM telemetry_hourly") == (2,)


async def test_samples_of_clocks_that_lie_are_stored_and_forgotten_by_when_they_came(
    history: Connection, history_url: str, put: Store
) -> None:
    await maintenance.maintain(history_url, NOW, DAYS)
    unset, ahead = datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 6, 1, tzinfo=UTC)
    came = NOW - timedelta(days=20)
    put([ONE._replace(observed_at=ahead, received_at=came, seq=1)])
    put([ONE._replace(observed_at=ahead + timedelta(days=1), seq=2)])
    put([ONE._replace(observed_at=unset, seq=3)])
    assert await one(history, "SELECT count(*) FROM telemetry") == (3,)
    await maintenance.roll_up(history_url, NOW, DAYS)
    await maintenance.maintain(history_url, NOW, 10)
    assert await one(history, "SELECT array_agg(seq) FROM telemetry") == ([2],)


async def test_the_status_tells_how_telemetry_is_kept_and_how_far_its_rollups_are(
    history: Connection, history_url: str, put: Store, layout: StorageLayout
) -> None:
    before = dict((await read_usage(history)).lines(NOW, DAYS))
    assert before["telemetry rolled up"] == "never; is a worker running?"
    await maintenance.maintain(history_url, NOW, DAYS)
    put(walk("T-1", YESTERDAY, 60))
    await maintenance.roll_up(history_url, NOW, DAYS)
    put(walk("T-1", YESTERDAY + timedelta(hours=2), 60, backlog=True))
    after = dict(await read_status(history, NOW + timedelta(seconds=90), DAYS))
    native = layout is StorageLayout.PARTITIONS
    parts = "11 partitions" if native else "1 chunks, 0 of them compressed"
    assert after["telemetry is kept for"] == f"30 days, in {parts}"
    assert after["telemetry is kept in"].startswith(str(layout))
    assert after["telemetry rolled up"] == f"90 s ago{', 1 hours to do' if native else ''}"
    assert after["telemetry on disk"].count("MB") == 2


async def test_a_partition_that_is_being_read_is_dropped_the_next_time(
    history: Connection, history_url: str, put: Store, layout: StorageLayout
) -> None:
    if layout is StorageLayout.HYPERTABLE:
        pytest.skip("TimescaleDB waits by itself")
    put(walk("T-1", YESTERDAY - timedelta(days=15), 3))
    await maintenance.maintain(history_url, NOW, DAYS)
    async with await psycopg.AsyncConnection.connect(history_url) as reader:
        await reader.execute("SELECT count(*) FROM telemetry")
        await maintenance.maintain(history_url, NOW, 10)
    assert await one(history, "SELECT count(*) FROM telemetry") == (3,)
    await maintenance.maintain(history_url, NOW, 10)
    assert await one(history, "SELECT count(*) FROM telemetry") == (0,)


async def test_the_worker_s_jobs_make_room_and_roll_up(
    history: Connection, history_url: str, put: Store, tmp_path: Path
) -> None:
    put(walk("T-1", YESTERDAY - timedelta(days=15), 3))
    put(walk("T-1", YESTERDAY, 3))
    async with open_pool(history_url, name="test") as pool:
        jobs = periodic_jobs(
            history_url,
            pool,
            open_evidence(f"file://{tmp_path}"),
            lambda: NOW,
            telemetry_days=10,
            off_post_min=30,
        )
        for name in ("tend_telemetry", "roll_up_telemetry"):
            await jobs.tasks[name].func(timestamp=0)
    assert await one(history, "SELECT count(*) FROM telemetry") == (3,)
    assert await one(history, HOURLY, "T-1", YESTERDAY) == (3, 0)
