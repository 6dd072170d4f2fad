"""From a terminal's samples, through ingest, to what is told of a fence."""

import asyncio
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.db import Connection, Pool
from hub.errors import NotFound
from hub.evidence import open_evidence
from hub.geofences.commands import import_fences, retire_fence
from hub.geofences.geojson import parse_features
from hub.geofences.store import EventFilter, list_events, list_fences, terminals_inside
from hub.geofences.watching import follow_terminals, look_back
from hub.ingest.decoding import decode_batch
from hub.ingest.queue import ReceivedMessage
from hub.ingest.registry import RegisteredDevice, Registry
from hub.ingest.store import BatchStore
from hub.journal import Subject, entries_of
from hub.refusals.dead_letter import Refusals
from tests.use_cases import carry_out
from wire import topics
from wire.crs import wgs84_to_gcj02
from wire.messages import Crs
from wire.topics import Kind, Leaf

START = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
WEST, EAST, SOUTH, NORTH = 103.82, 103.83, 25.6, 25.61
INSIDE, OUTSIDE = (103.825, 25.605), (103.825, 25.62)
RING = [[WEST, SOUTH], [EAST, SOUTH], [EAST, NORTH], [WEST, NORTH], [WEST, SOUTH]]

Walk = Callable[..., Any]


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def square(**properties: Any) -> dict[str, Any]:
    said = {"geofence_id": "school", "name_zh": "学校", "name_en": "School"} | properties
    return {"properties": said, "geometry": {"type": "Polygon", "coordinates": [RING]}}


@pytest.fixture
async def school(pool: Pool) -> None:
    async with pool.connection() as db:
        for device_id in ("T-1", "T-2"):
            await db.execute(
                "INSERT INTO device (device_id, kind, name_zh, name_en, holder_registered, registered_at)"
                " VALUES (%s, 'terminals', '', '', '网格员 0001', %s)",
                (device_id, START),
            )
        drawing = parse_features({"features": [square(dwell_s=300)]}, Crs.WGS84)
        await carry_out(db, at(-3600), import_fences, drawing, by="user:admin")


@pytest.fixture
def say(database_url: str, tmp_path: Path) -> Walk:
    """Have ingest store samples of a terminal: (seconds, (lon, lat)) each, as one message."""
    registry = Registry("530303", dict.fromkeys(("T-1", "T-2"), RegisteredDevice("terminals")))
    store = BatchStore(database_url, open_evidence(f"file://{tmp_path}"))

    async def send(
        samples: Iterable[tuple[float, tuple[float, float]]],
        *,
        late_s: float | None = None,
        device_id: str = "T-1",
        **other: Any,
    ) -> None:
        """`late_s`: sent as backlog, that long after the start."""
        leaf = Leaf.TELEMETRY if late_s is None else Leaf.BACKLOG
        topic = topics.device("530303", Kind.TERMINAL, device_id, leaf)
        for seconds, (lon, lat) in samples:
            fix = {"boot_id": "b", "seq": int(seconds), "observed_at": at(seconds).isoformat()}
            place = {"lon": lon, "lat": lat, "accuracy_m": 5}
            received_at = at(seconds if late_s is None else late_s)
            payload = json.dumps([fix | place | other]).encode()
            batch = decode_batch([ReceivedMessage(topic, payload, 1, received_at)], registry)
            assert batch.dead_letters == []
            await asyncio.to_thread(store.save, batch, Refusals())

    yield send
    store.disconnect()


def every(seconds: range, place: tuple[float, float]) -> list[tuple[float, tuple[float, float]]]:
    return [(second, place) for second in seconds]


async def told(db: Connection, **wanted: Any) -> list[tuple[str, float, bool]]:
    events, _ = await list_events(db, EventFilter(**wanted))
    return [(e.type, (e.at - START).total_seconds(), e.late) for e in reversed(events)]


async def test_a_terminal_that_enters_stays_and_leaves_is_told_of_once_each(
    school: None, pool: Pool, say: Walk
) -> None:
    for walk, now in (
        (every(range(0, 60, 10), OUTSIDE), 60),
        (every(range(60, 500, 10), INSIDE), 500),
        (every(range(500, 560, 10), OUTSIDE), 560),
    ):
        for fix in walk:
            await say([fix])
            async with pool.connection() as db:
                await carry_out(db, at(fix[0]), follow_terminals)
        async with pool.connection() as db:
            assert await carry_out(db, at(now), follow_terminals) == 0
    async with pool.connection() as db:
        assert await told(db) == [
            ("enter", 60, False),
            ("dwell", 360, False),
            ("leave", 500, False),
        ]
        entries = [e for e in await entries_of(db, Subject.DEVICE, "T-1") if e.kind == "geofence"]
        assert [entry.event for entry in entries] == ["enter", "dwell", "leave"]
        assert entries[0].data["geofence_id"] == "school"
        assert entries[0].data["late"] is False
        assert await terminals_inside(db, "school") == []


async def test_many_fixes_between_two_looks_are_all_looked_at(
    school: None, pool: Pool, say: Walk
) -> None:
    await say([(0, OUTSIDE)])
    async with pool.connection() as db:
        await carry_out(db, at(0), follow_terminals)
    await say(every(range(10, 60, 10), INSIDE))
    await say(every(range(60, 120, 10), OUTSIDE))
    async with pool.connection() as db:
        assert await carry_out(db, at(110), follow_terminals) == 1
        assert await told(db) == [("enter", 10, False), ("leave", 60, False)]


async def test_gcj02_fixes_are_judged_where_the_terminal_really_is(
    school: None, pool: Pool, say: Walk
) -> None:
    """A place 100 m inside is outside where its datum is not heeded: the two differ by some 400 m."""
    just_inside = (EAST - 0.001, 25.605)
    shown = wgs84_to_gcj02(*just_inside)
    assert shown[0] > EAST
    await say(every(range(0, 60, 10), shown), crs="gcj02")
    await say(every(range(0, 60, 10), shown), device_id="T-2")
    for second in range(0, 60, 10):
        async with pool.connection() as db:
            await carry_out(db, at(second), follow_terminals)
    await say([(90, shown)], crs="gcj02")
    async with pool.connection() as db:
        await carry_out(db, at(90), follow_terminals)
        assert await told(db, device_id="T-1") == [("enter", 50, False)]
        assert await told(db, device_id="T-2") == []


async def test_backlog_that_comes_before_newer_fixes_is_told_as_history(
    school: None, pool: Pool, say: Walk
) -> None:
    await say([(0, OUTSIDE)])
    async with pool.connection() as db:
        await carry_out(db, at(0), follow_terminals)
    await say(every(range(600, 700, 10), INSIDE), late_s=3600)
    await say(every(range(700, 800, 10), OUTSIDE), late_s=3600)
    await say([(3600, OUTSIDE)])
    async with pool.connection() as db:
        await carry_out(db, at(3600), follow_terminals)
        assert await carry_out(db, at(3600), look_back) == 0
        assert await told(db) == [("enter", 600, True), ("leave", 700, True)]
        entries = await entries_of(db, Subject.DEVICE, "T-1")
        assert [entry.data["late"] for entry in entries] == [True, True]


async def test_backlog_that_comes_after_newer_fixes_adds_the_history_and_moves_nobody(
    school: None, pool: Pool, say: Walk
) -> None:
    await say([(0, OUTSIDE)])
    async with pool.connection() as db:
        await carry_out(db, at(0), follow_terminals)
    for second in range(3600, 3660, 10):
        await say([(second, INSIDE)])
        async with pool.connection() as db:
            await carry_out(db, at(second), follow_terminals)
    past = [
        *every(range(600, 700, 10), INSIDE),
        *every(range(700, 800, 10), OUTSIDE),
        *every(range(3000, 3100, 10), INSIDE),
    ]
    await say(past, late_s=3660)
    for _ in range(2):
        async with pool.connection() as db:
            await carry_out(db, at(3660), look_back)
            await carry_out(db, at(3660), follow_terminals)
    async with pool.connection() as db:
        assert sorted(await told(db), key=lambda event: event[1]) == [
            ("enter", 600, True),
            ("leave", 700, True),
            ("enter", 3000, False),
        ]
        (inside,) = await terminals_inside(db, "school")
        assert inside.since == at(3600)


async def test_an_entry_in_a_gap_is_dated_back_once_the_gap_is_filled(
    school: None, pool: Pool, say: Walk
) -> None:
    await say([(0, OUTSIDE)])
    async with pool.connection() as db:
        await carry_out(db, at(0), follow_terminals)
    for second in range(3600, 3660, 10):
        await say([(second, INSIDE)])
        async with pool.connection() as db:
            await carry_out(db, at(second), follow_terminals)
    for fix in every(range(3000, 3100, 10), INSIDE):
        await say([fix], late_s=3660)
        async with pool.connection() as db:
            assert await carry_out(db, at(3660), look_back) == 0
    async with pool.connection() as db:
        assert await told(db) == [("enter", 3000, False)]


async def test_a_fence_that_is_retired_is_told_of_no_more_and_its_events_stay(
    school: None, pool: Pool, say: Walk
) -> None:
    await say([(0, INSIDE)])
    await say([(30, INSIDE)])
    async with pool.connection() as db:
        await carry_out(db, at(0), follow_terminals)
    await say([(60, INSIDE)])
    async with pool.connection() as db:
        await carry_out(db, at(60), follow_terminals)
        assert len(await told(db)) == 1
        await carry_out(db, at(70), retire_fence, "school", by="user:admin")
        assert await list_fences(db) == []
        with pytest.raises(NotFound):
            await carry_out(db, at(70), retire_fence, "school", by="user:admin")
    await say(every(range(80, 200, 10), OUTSIDE))
    async with pool.connection() as db:
        assert await carry_out(db, at(200), follow_terminals) == 0
        assert len(await told(db)) == 1
        kinds = [entry.kind for entry in await entries_of(db, Subject.GEOFENCE, "school")]
        assert kinds == ["geofence_drawn", "geofence_retired"]


async def test_a_file_that_is_imported_again_changes_nothing_and_a_bad_one_writes_nothing(
    school: None, pool: Pool
) -> None:
    async def bring(*features: object, dry_run: bool = False):
        drawing = parse_features({"features": list(features)}, Crs.WGS84)
        return await carry_out(db, at(0), import_fences, drawing, dry_run=dry_run, by="user:admin")

    async with pool.connection() as db:
        again = await bring(square(dwell_s=300))
        assert (again.added, again.changed, again.unchanged) == ((), (), 1)
        rehearsed = await bring(square(dwell_s=60), dry_run=True)
        assert (rehearsed.written, rehearsed.changed) == (False, ("school",))
        bad = await bring(square(geofence_id="pond"), 7)
        assert bad.text().splitlines()[1:] == [
            "! feature 2 (?): it is not a feature",
            "1 new, 0 changed, 0 unchanged; nothing imported: 1 bad features",
        ]
        assert [fence.geofence_id for fence in await list_fences(db)] == ["school"]
        await carry_out(db, at(0), retire_fence, "school", by="user:admin")
        assert (await bring(square())).added == ("school",)
        assert [fence.dwell_s for fence in await list_fences(db)] == [None]
