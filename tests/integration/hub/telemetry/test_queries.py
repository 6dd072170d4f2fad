"""Native partitions and TimescaleDB answer the same queries alike."""

from datetime import timedelta

import pytest
from shapely import Polygon, box

from hub.db import Connection
from hub.errors import NotFound
from hub.telemetry import store
from hub.telemetry.coverage import coverage
from hub.telemetry.squares import cover
from hub.telemetry.storage import maintenance
from hub.telemetry.storage.layout import StorageLayout
from hub.telemetry.store import within
from hub.telemetry.views import StayView
from tests.districts import LONG_AGO, add_device, add_territory, add_units
from tests.integration.hub.telemetry.conftest import LAT, LON, NOW, YESTERDAY, Store, walk

DAYS = 30
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def terminals(history: Connection) -> None:
    """T-1 to T-3, the last of which was registered yesterday at 10."""
    for number, registered_at in ((1, LONG_AGO), (2, LONG_AGO), (3, YESTERDAY + 2 * HOUR)):
        holder = f"网格员 {number}"
        await add_device(
            history, f"T-{number}", holder_registered=holder, registered_at=registered_at
        )


async def names(db: Connection, area: Polygon, *, minutes: int = 60) -> list[str]:
    """Who was within an area in the minutes after YESTERDAY."""
    found = await within(db, cover(area, 1000), YESTERDAY, YESTERDAY + minutes * MINUTE)
    return [stay.device_id for stay in found]


async def test_a_day_of_a_terminal_comes_in_its_order_with_backlog_in_place(
    history: Connection, history_url: str, terminals: None, put: Store
) -> None:
    await maintenance.maintain(history_url, NOW, DAYS)
    rows = walk("T-1", YESTERDAY, 30)
    put(rows[20:])
    put(rows[:10])
    put([row._replace(backlog=True, received_at=NOW) for row in rows[10:20]])
    put(walk("T-2", YESTERDAY, 30))
    put(walk("T-1", YESTERDAY + 24 * HOUR, 5))
    found = await store.fixes(history, "T-1", YESTERDAY, YESTERDAY + 24 * HOUR)
    assert [fix.at for fix in found] == [row.observed_at for row in rows]
    assert [fix.backlog for fix in found] == [False] * 10 + [True] * 10 + [False] * 10
    assert (found[3].lon, found[3].lat) == (rows[3].lon, rows[3].lat)
    with pytest.raises(NotFound):
        await store.fixes(history, "T-9", YESTERDAY, NOW)


async def test_who_was_within_an_area_is_known_to_the_metre_at_its_border(
    history: Connection, history_url: str, terminals: None, put: Store
) -> None:
    put(walk("T-1", YESTERDAY, 60))
    put(walk("T-2", YESTERDAY, 60, at=(LON, LAT + 0.0004)))
    await maintenance.roll_up(history_url, NOW, DAYS)
    around = box(LON - 0.001, LAT - 0.001, LON + 0.01, LAT + 0.001)
    assert await names(history, around) == ["T-1", "T-2"]
    assert await names(history, box(LON - 0.001, LAT - 0.001, LON + 0.01, LAT + 0.0003)) == ["T-1"]
    pond = around.difference(box(LON - 0.0005, LAT - 0.0002, LON + 0.009, LAT + 0.0002))
    assert await names(history, pond) == ["T-2"]
    assert await names(history, box(LON, LAT + 0.002, LON + 0.01, LAT + 0.01)) == []
    await maintenance.roll_up(history_url, NOW + HOUR, DAYS)


async def test_a_stay_within_an_area_has_its_first_and_last_time_and_its_minutes(
    history: Connection, history_url: str, terminals: None, put: Store
) -> None:
    rows = walk("T-1", YESTERDAY + 50 * MINUTE, 120)
    put(rows)
    await maintenance.roll_up(history_url, NOW, DAYS)
    area = box(rows[30].lon - 1e-5, LAT - 0.001, rows[89].lon + 1e-5, LAT + 0.001)
    (stay,) = await within(history, cover(area, 1000), YESTERDAY, NOW)
    assert stay == StayView(
        device_id="T-1",
        holder="网格员 1",
        first_at=rows[30].observed_at,
        last_at=rows[89].observed_at,
        minutes=10,
    )
    since, until = rows[40].observed_at, rows[50].observed_at
    (part,) = await within(history, cover(area, 1000), since, until)
    assert (part.first_at, part.last_at) == (since, rows[49].observed_at)


async def test_what_came_since_the_last_rollup_is_asked_as_well(
    history: Connection, history_url: str, terminals: None, put: Store
) -> None:
    area = cover(box(LON - 0.001, LAT - 0.001, LON + 0.01, LAT + 0.001), 1000)
    put(walk("T-1", NOW - 4 * MINUTE, 5))
    assert [s.device_id for s in await within(history, area, YESTERDAY, NOW + HOUR)] == ["T-1"]
    await maintenance.roll_up(history_url, NOW, DAYS)
    put(walk("T-2", NOW - MINUTE, 5))
    found = await within(history, area, YESTERDAY, NOW + HOUR)
    assert [(s.device_id, s.minutes) for s in found] == [("T-1", 1), ("T-2", 1)]


async def test_late_backlog_is_found_in_its_area_after_the_next_rollup_even_in_a_compressed_chunk(
    history: Connection, history_url: str, terminals: None, put: Store, layout: StorageLayout
) -> None:
    put(walk("T-1", YESTERDAY, 60))
    await maintenance.roll_up(history_url, NOW, DAYS)
    if layout is StorageLayout.HYPERTABLE:
        await history.execute("SELECT compress_chunk(c) FROM show_chunks('telemetry') c")
    put(walk("T-2", YESTERDAY, 60, at=(LON, LAT + 0.0004), backlog=True))
    await maintenance.roll_up(history_url, NOW + MINUTE, DAYS)
    north = box(LON - 0.001, LAT + 0.0003, LON + 0.002, LAT + 0.001)
    assert await names(history, north) == ["T-2"]
    assert len(await store.fixes(history, "T-1", YESTERDAY, NOW)) == 60


async def test_villages_tell_who_visited_them_and_how_long(
    history: Connection, history_url: str, terminals: None, put: Store
) -> None:
    middle = LON + 0.0035
    boxes = {
        "west": box(LON - 0.01, LAT - 0.01, middle, LAT + 0.01),
        "east": box(middle, LAT - 0.01, LON + 0.02, LAT + 0.01),
        "far": box(104.5, 25.0, 104.6, 25.1),
    }
    for key, area in boxes.items():
        await add_units(history, key)
        await add_territory(history, key, area.exterior.coords[:])
    put(walk("T-1", YESTERDAY, 120))  # 1.4 km east in 20 minutes: over the border after 5
    put(walk("T-2", YESTERDAY, 180, east_m=0))
    put(walk("T-3", YESTERDAY, 12, east_m=0))
    await maintenance.roll_up(history_url, NOW, DAYS)
    found = await coverage(history, YESTERDAY, YESTERDAY + HOUR, at_least_min=3)
    by_key = {v.unit_key: [(v.device_id, v.minutes) for v in v.visits] for v in found}
    assert [v.unit_key for v in found] == ["east", "far", "west"]
    assert by_key["far"] == []
    assert [device for device, _ in by_key["west"]] == ["T-2", "T-1"]
    assert by_key["west"][0] == ("T-2", 30)
    assert by_key["west"][1][1] == pytest.approx(5, abs=3)
    assert by_key["east"] == [("T-1", pytest.approx(15, abs=3))]
    nothing = await coverage(history, YESTERDAY + HOUR, YESTERDAY + 2 * HOUR, at_least_min=3)
    assert [v.visits for v in nothing] == [[], [], []]


async def test_the_online_rate_counts_who_was_heard_in_each_slot_and_no_backlog(
    history: Connection, history_url: str, terminals: None, put: Store
) -> None:
    put(walk("T-1", YESTERDAY, 180))  # half an hour
    put(walk("T-2", YESTERDAY, 360, backlog=True))
    put(walk("T-3", YESTERDAY + 2 * HOUR, 360))
    await maintenance.roll_up(history_url, NOW, DAYS)
    by_hour = await store.online(history, YESTERDAY, YESTERDAY + 3 * HOUR, HOUR)
    assert [(p.at - YESTERDAY, p.online, p.registered) for p in by_hour] == [
        (0 * HOUR, 0.5, 2),
        (1 * HOUR, 0.0, 2),
        (2 * HOUR, 1.0, 3),
    ]
    since = YESTERDAY + 20 * MINUTE
    by_slot = await store.online(history, since, since + 20 * MINUTE, 5 * MINUTE)
    assert [p.online for p in by_slot] == [1, 1, 0, 0]


async def test_the_hours_of_a_terminal_tell_its_way_its_battery_and_what_came_late(
    history: Connection, history_url: str, terminals: None, put: Store
) -> None:
    put(walk("T-1", YESTERDAY, 60))
    put(walk("T-1", YESTERDAY + 30 * MINUTE, 20, backlog=True))
    await maintenance.roll_up(history_url, NOW, DAYS)
    (hour,) = await store.hours(history, "T-1", YESTERDAY, YESTERDAY + 24 * HOUR)
    assert (hour.samples, hour.backlog_share, hour.online_min) == (80, 0.25, 10)
    assert hour.path_m == pytest.approx(59 * 12 + 59 * 12 + 19 * 12, rel=0.03)
