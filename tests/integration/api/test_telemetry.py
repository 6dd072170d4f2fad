"""Positions over time as the console asks for them; what is true of them is tested beside the store."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from hub.accounts import Role
from hub.db import Pool
from hub.telemetry.storage import maintenance

SQUARE = [[103.81, 25.59], [103.83005, 25.59], [103.83005, 25.61], [103.81, 25.61], [103.81, 25.59]]
AREA = {"type": "Polygon", "coordinates": [SQUARE]}


@pytest.fixture
async def walked(street: None, pool: Pool, clock, database_url: str) -> datetime:
    """T-0001 walked east for half an hour before now, with a rest in the middle; when it began."""
    began = clock() - timedelta(minutes=30)
    async with pool.connection() as db:
        await db.execute(
            "INSERT INTO telemetry SELECT 'T-0001', 'b', n, %(at)s + n * interval '10 s', now(),"
            " 103.82 + least(n, greatest(60, n - 60)) * 0.0001, 25.6, 8, 1.2, 90, 80, NULL, NULL,"
            " 'wgs84', false FROM generate_series(0, 179) n",
            {"at": began},
        )
        hours = [began.replace(minute=0), clock().replace(minute=0)]
        await db.execute("SELECT touch_hours(%s)", (hours,))
    await maintenance.roll_up(database_url, clock(), 36500)
    return began


def span(began: datetime, **other: Any) -> dict[str, Any]:
    until = began + timedelta(hours=1)
    return {"since": began.isoformat(), "until": until.isoformat()} | other


async def test_a_track_of_a_day_is_thinned_to_the_points_asked_for(
    dispatcher: httpx.AsyncClient, walked: datetime
) -> None:
    asked = {"day": "2025-08-07", "points": 4}
    answer = await dispatcher.get("/api/telemetry/tracks/T-0001", params=asked)
    track = answer.json()
    assert (track["since"], track["until"]) == ("2025-08-06T16:00:00Z", "2025-08-07T16:00:00Z")
    assert (track["recorded"], track["error_m"]) == (180, pytest.approx(0, abs=0.2))
    (stretch,) = track["stretches"]
    assert [fix["lon"] for fix in stretch] == pytest.approx([103.82, 103.826, 103.826, 103.8319])
    assert stretch[0] == {
        "at": "2025-08-07T06:49:00Z",
        "lon": 103.82,
        "lat": 25.6,
        "accuracy_m": 8,
        "speed": pytest.approx(1.2),
        "backlog": False,
    }


async def test_who_was_within_an_area_is_told_with_the_holder(
    dispatcher: httpx.AsyncClient, walked: datetime
) -> None:
    answer = await dispatcher.post("/api/telemetry/within", json=span(walked, area=AREA))
    assert answer.json()["items"] == [
        {
            "device_id": "T-0001",
            "holder": "网格员 0001",
            "first_at": "2025-08-07T06:49:00Z",
            "last_at": "2025-08-07T07:15:40Z",
            "minutes": 27,
        }
    ]


async def test_villages_hours_and_the_online_rate_are_told_from_the_rollups(
    dispatcher: httpx.AsyncClient, walked: datetime
) -> None:
    coverage = (await dispatcher.get("/api/telemetry/coverage", params=span(walked))).json()
    assert (coverage["since"], coverage["until"]) == (
        "2025-08-07T06:00:00Z",
        "2025-08-07T08:00:00Z",
    )
    assert coverage["visited"] == 1
    (village,) = coverage["items"]
    assert (village["unit_key"], village["minutes"]) == ("village_001", 30)
    assert [visit["device_id"] for visit in village["visits"]] == ["T-0001"]
    asked = span(walked - timedelta(minutes=49))
    hours = (await dispatcher.get("/api/telemetry/hours/T-0001", params=asked)).json()["items"]
    assert [hour["samples"] for hour in hours] == [66]
    online = (await dispatcher.get("/api/telemetry/online", params=asked)).json()
    assert online["rolled_until"] == "2025-08-07T07:19:00Z"
    assert online["points"] == [
        {"at": "2025-08-07T06:00:00Z", "online": 0.25, "registered": 0, "rate": None}
    ]


async def test_the_latest_positions_are_those_of_the_live_markers(
    dispatcher: httpx.AsyncClient, street: None, pool: Pool, clock
) -> None:
    assert (await dispatcher.get("/api/telemetry/latest")).json() == {"items": []}
    async with pool.connection() as db:
        await db.execute(
            "INSERT INTO terminal_live (device_id, order_at, observed_at, received_at, lon, lat,"
            " accuracy_m) VALUES ('T-0001', %(at)s, %(at)s, %(at)s, 103.8, 25.6, 8)",
            {"at": clock()},
        )
    (one,) = (await dispatcher.get("/api/telemetry/latest")).json()["items"]
    assert (one["device_id"], one["lon"], one["battery"]) == ("T-0001", 103.8, None)


BOW_TIE = [[103.8, 25.6], [103.9, 25.7], [103.9, 25.6], [103.8, 25.7], [103.8, 25.6]]
HUGE = [[100, 20], [110, 20], [110, 30], [100, 30], [100, 20]]
OPEN = [[103.8, 25.6], [103.9, 25.7], [103.9, 25.6], [103.85, 25.5]]


@pytest.mark.parametrize(
    ("ring", "words"),
    [(BOW_TIE, "no valid polygon: Self-intersection"), (HUGE, "too large"), (OPEN, "")],
)
async def test_an_area_that_is_malformed_or_too_large_is_refused_with_the_reason(
    dispatcher: httpx.AsyncClient, walked: datetime, ring: list[list[float]], words: str
) -> None:
    area = {"type": "Polygon", "coordinates": [ring]}
    answer = await dispatcher.post("/api/telemetry/within", json=span(walked, area=area))
    assert answer.status_code == (422 if words else 200)
    assert words in answer.text


async def test_a_span_must_go_forward_and_not_too_far(dispatcher: httpx.AsyncClient, clock) -> None:
    at = clock()
    for until in (at, at - timedelta(days=1), at + timedelta(days=40)):
        asked = {"since": at.isoformat(), "until": until.isoformat()}
        answer = await dispatcher.get("/api/telemetry/coverage", params=asked)
        assert (answer.status_code, answer.json().get("field")) == (422, "until"), answer.text


async def test_only_terminals_that_are_registered_have_tracks(
    dispatcher: httpx.AsyncClient, street: None
) -> None:
    for device_id in ("T-4711", "C-001"):
        path = f"/api/telemetry/tracks/{device_id}"
        assert (await dispatcher.get(path, params={"day": "2025-08-07"})).status_code == 404


async def test_a_unit_handler_does_not_learn_where_people_were(sign_in, street: None) -> None:
    handler = await sign_in(Role.UNIT_HANDLER)
    answer = await handler.get("/api/telemetry/tracks/T-0001", params={"day": "2025-08-07"})
    assert answer.status_code == 403
