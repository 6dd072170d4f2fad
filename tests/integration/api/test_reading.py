"""What is read besides cases: the district, its map, devices, catalogue, numbers."""

import gzip
import json
from datetime import timedelta

import httpx
import pytest

from hub.accounts import Role
from hub.db import Pool
from hub.devices.commands import sweep_presence
from tests.use_cases import carry_out


@pytest.fixture(autouse=True)
async def _street(street: None) -> None:
    """Every test is in the street."""


async def test_the_district_tells_its_bounds(dispatcher: httpx.AsyncClient) -> None:
    assert (await dispatcher.get("/api/district")).json() == {
        "code": "530303",
        "name_zh": "沾益区（模拟）",
        "name_en": "Zhanyi (simulated)",
        "center": [103.8, 25.6],
        "bounds": [103.0, 25.0, 104.0, 26.0],
        "timezone": "Asia/Shanghai",
    }


async def test_units_are_listed_departments_first(dispatcher: httpx.AsyncClient) -> None:
    units = (await dispatcher.get("/api/units")).json()["items"]
    assert [unit["unit_key"] for unit in units] == [
        "housing_bureau",
        "sanitation",
        "district_530303",
        "town_01",
        "village_001",
    ]
    assert units[4]["level"] == "village"


async def test_the_base_map_is_geojson_in_layers(dispatcher: httpx.AsyncClient) -> None:
    answer = await dispatcher.get("/api/map/base")
    assert answer.headers["content-type"] == "application/geo+json"
    features = answer.json()["features"]
    assert [f["properties"]["layer"] for f in features] == ["territory", "road"]
    assert features[0]["properties"]["unit_key"] == "village_001"
    assert features[1]["properties"]["class"] == "primary"
    assert features[1]["geometry"]["type"] == "LineString"


async def test_the_base_map_is_sent_packed_and_only_once(dispatcher: httpx.AsyncClient) -> None:
    async with dispatcher.stream("GET", "/api/map/base") as answer:
        packed = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed))["type"] == "FeatureCollection"
    plain = await dispatcher.get("/api/map/base", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    known = {"If-None-Match": plain.headers["etag"]}
    assert (await dispatcher.get("/api/map/base", headers=known)).status_code == 304


async def test_a_new_import_of_the_map_is_noticed_after_minutes(
    dispatcher: httpx.AsyncClient, pool: Pool, clock
) -> None:
    before = (await dispatcher.get("/api/map/base")).headers["etag"]
    async with pool.connection() as db:
        await db.execute("DELETE FROM map_feature")
    assert (await dispatcher.get("/api/map/base")).headers["etag"] == before
    clock.forward(minutes=5)
    assert (await dispatcher.get("/api/map/base")).headers["etag"] != before


async def test_devices_are_listed_with_where_they_are(
    dispatcher: httpx.AsyncClient, pool: Pool, clock
) -> None:
    async with pool.connection() as db:
        await db.execute(
            "INSERT INTO terminal_live (device_id, order_at, observed_at, received_at, lon, lat,"
            " accuracy_m, speed, heading, battery)"
            " VALUES ('T-0001', %(at)s, %(at)s, %(at)s, 103.8, 25.6, 8, 1.5, 270, 64)",
            {"at": clock() - timedelta(seconds=3)},
        )
    camera, terminal = (await dispatcher.get("/api/devices")).json()["items"]
    assert (camera["device_id"], camera["coverage_m"], camera["heading_deg"]) == ("C-001", 40, 90)
    assert (camera["position"]["lon"], camera["position"]["observed_at"]) == (103.82, None)
    assert (terminal["holder"], terminal["unit_name_en"]) == ("网格员 0001", "Yulin Community")
    assert (terminal["presence"], terminal["battery"]) == ("never", 64)
    assert terminal["position"] == {
        "lon": 103.8,
        "lat": 25.6,
        "accuracy_m": 8,
        "heading": 270,
        "speed": 1.5,
        "observed_at": "2025-08-07T07:18:57Z",
    }
    only = (await dispatcher.get("/api/devices", params={"kind": "terminals"})).json()["items"]
    assert only == [terminal]
    assert (await dispatcher.get("/api/devices/T-0001")).json() == terminal


async def test_devices_are_listed_in_pages_and_by_what_is_known_of_them(
    dispatcher: httpx.AsyncClient, pool: Pool
) -> None:
    async with pool.connection() as db:
        await db.execute("UPDATE device SET clock = 'behind' WHERE device_id = 'T-0001'")

    async def listed(**params: object) -> tuple[list[str], str | None]:
        found = (await dispatcher.get("/api/devices", params=params)).json()
        return [device["device_id"] for device in found["items"]], found["next_after"]

    assert await listed() == (["C-001", "T-0001"], None)
    assert await listed(limit=1) == (["C-001"], "C-001")
    assert await listed(limit=1, after="C-001") == (["T-0001"], None)
    assert await listed(clock="behind") == (["T-0001"], None)
    assert await listed(presence="online") == ([], None)
    assert await listed(unit="town_01", kind="cameras") == (["C-001"], None)
    assert await listed(unit="housing_bureau") == ([], None)


async def test_what_happened_to_a_device_is_listed_newest_first(
    dispatcher: httpx.AsyncClient, pool: Pool, clock
) -> None:
    async with pool.connection() as db:
        await db.execute("UPDATE device SET last_uplink_at = %s", (clock(),))
        for second in (0, 60, 200):
            await carry_out(db, clock() + timedelta(seconds=second), sweep_presence)
    page = (await dispatcher.get("/api/devices/T-0001/journal", params={"limit": 2})).json()
    assert [entry["to_state"] for entry in page["items"]] == ["offline", "stale"]
    rest = {"before": page["next_before"], "kind": "presence"}
    found = (await dispatcher.get("/api/devices/T-0001/journal", params=rest)).json()
    assert [entry["to_state"] for entry in found["items"]] == ["online"]
    assert found["next_before"] is None
    none = await dispatcher.get("/api/devices/T-0001/journal", params={"kind": "clock"})
    assert none.json()["items"] == []


@pytest.mark.parametrize(
    ("path", "status"), [("T-9999", 404), ("T-9999/journal", 404), ("T%20%00", 422)]
)
async def test_a_device_that_is_not_registered_is_not_found(
    dispatcher: httpx.AsyncClient, path: str, status: int
) -> None:
    assert (await dispatcher.get(f"/api/devices/{path}")).status_code == status


async def test_a_unit_handler_does_not_learn_where_people_are(sign_in) -> None:
    handler = await sign_in(Role.UNIT_HANDLER)
    for path in ("/api/devices", "/api/devices/T-0001", "/api/dashboard"):
        assert (await handler.get(path)).status_code == 403


async def test_the_catalogue_is_read_with_its_conditions(dispatcher: httpx.AsyncClient) -> None:
    catalogue = (await dispatcher.get("/api/catalogue")).json()
    assert catalogue["version"] == 1
    cover = next(item for item in catalogue["items"] if item["item_key"] == "manhole_cover")
    broken = next(each for each in cover["conditions"] if each["cond_key"] == "broken")
    assert (broken["limit_type"], broken["limit_value"]) == ("work_day", 2)
    assert broken["detectors"][0]["class"] == "manhole_broken"


async def test_the_dashboard_counts_by_the_district_s_day(
    dispatcher: httpx.AsyncClient, bare_case, pool: Pool, clock
) -> None:
    midnight = clock().replace(hour=16, minute=0) - timedelta(days=1)  # 00:00 in Shanghai
    await bare_case("sanitation", "C-1", filed_at=midnight)
    passed = clock() - timedelta(seconds=1)
    await bare_case("sanitation", "C-2", due_at=passed, overdue_at=clock())
    await bare_case("sanitation", "C-3", filed_at=midnight - timedelta(seconds=1))
    closed = {"state": "CLOSED", "filed_at": midnight - timedelta(days=3)}
    await bare_case("sanitation", "C-4", closed_at=clock(), **closed)
    late = clock() - timedelta(hours=1)
    await bare_case("sanitation", "C-5", closed_at=clock(), due_at=late, **closed)
    await bare_case("sanitation", "fed back in time", state="CALLBACK", due_at=late)
    async with pool.connection() as db:
        await db.execute("UPDATE device SET presence = 'online' WHERE kind = 'cameras'")
    found = (await dispatcher.get("/api/dashboard")).json()
    assert found == {
        "at": "2025-08-07T07:19:00Z",
        "open_cases": 4,
        "overdue": 1,
        "filed_today": 3,
        "closed_today": 2,
        "closed_in_time_today": 1,
        "signals_waiting": 0,
        "signals_late": 0,
        "dispatch_late": 0,
        "commands_active": 0,
        "videos_live": 0,
        "terminals_total": 1,
        "terminals_online": 0,
        "cameras_total": 1,
        "cameras_online": 1,
        "edges_total": 0,
        "edges_online": 0,
    }
