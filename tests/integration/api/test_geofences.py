"""Fences over the api: drawn by admins, seen by operators."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from hub.accounts import Role
from hub.db import Pool

RING = [[103.82, 25.6], [103.83, 25.6], [103.83, 25.61], [103.82, 25.61], [103.82, 25.6]]


def drawn(*ids: str, **properties: Any) -> str:
    features = [
        {
            "properties": {"geofence_id": each, "name_zh": "学校"} | properties,
            "geometry": {"type": "Polygon", "coordinates": [RING]},
        }
        for each in ids
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


async def send(client: httpx.AsyncClient, text: str, **data: str) -> httpx.Response:
    return await client.post("/api/geofences", files={"file": ("f.geojson", text)}, data=data)


@pytest.fixture
async def admin(sign_in, street: None) -> httpx.AsyncClient:
    return await sign_in(Role.ADMIN)


async def test_fences_are_drawn_listed_in_pages_and_retired(
    admin: httpx.AsyncClient, sign_in
) -> None:
    report = (await send(admin, drawn("a", "b", "c"))).json()
    assert report == {
        "written": True,
        "added": ["a", "b", "c"],
        "changed": [],
        "unchanged": 0,
        "bad": [],
    }
    dispatcher = await sign_in(Role.DISPATCHER)
    page = (await dispatcher.get("/api/geofences", params={"limit": 2})).json()
    assert ([f["geofence_id"] for f in page["items"]], page["next_after"]) == (["a", "b"], "b")
    rest = (await dispatcher.get("/api/geofences", params={"after": page["next_after"]})).json()
    assert ([f["geofence_id"] for f in rest["items"]], rest["next_after"]) == (["c"], None)
    assert rest["items"][0]["boundary"] == {"type": "Polygon", "coordinates": [RING]}
    assert (await admin.delete("/api/geofences/b")).status_code == 204
    assert (await admin.delete("/api/geofences/b")).status_code == 404
    assert (await dispatcher.get("/api/geofences/b")).status_code == 404


async def test_a_bad_feature_is_named_and_nothing_is_drawn(admin: httpx.AsyncClient) -> None:
    report = (await send(admin, drawn("a", "B!"))).json()
    assert (report["written"], report["bad"][0]["feature"]) == (False, 2)
    assert (await admin.get("/api/geofences")).json()["items"] == []
    answer = await send(admin, "no json")
    assert (answer.status_code, answer.json()["type"]) == (422, "invalid-input")


async def test_a_drawing_in_gcj02_is_kept_in_wgs84(admin: httpx.AsyncClient) -> None:
    await send(admin, drawn("a"), crs="gcj02")
    fence = (await admin.get("/api/geofences/a")).json()
    west = fence["boundary"]["coordinates"][0][0][0]
    assert 0.0015 < 103.82 - west < 0.0025


async def test_events_are_listed_by_fence_terminal_and_kind_newest_first(
    admin: httpx.AsyncClient, pool: Pool, clock
) -> None:
    await send(admin, drawn("a", "b"))
    async with pool.connection() as db:
        for number, (fence, kind, late) in enumerate(
            [("a", "enter", True), ("a", "leave", False), ("b", "enter", False)]
        ):
            await db.execute(
                "INSERT INTO geofence_event (geofence_id, device_id, type, at, noticed_at, late,"
                " lon, lat) VALUES (%s, 'T-0001', %s, %s, %s, %s, 103.82, 25.6)",
                (fence, kind, clock() + timedelta(seconds=number), clock(), late),
            )
        await db.execute(
            "INSERT INTO geofence_stay VALUES ('T-0001', 'b', true, %s, NULL, false)", (clock(),)
        )

    async def listed(**params: Any) -> list[tuple[str, str]]:
        answer = await admin.get("/api/geofence-events", params=params)
        return [(event["geofence_id"], event["type"]) for event in answer.json()["items"]]

    assert await listed() == [("b", "enter"), ("a", "leave"), ("a", "enter")]
    assert await listed(geofence_id="a", type=["leave"]) == [("a", "leave")]
    assert await listed(late=True) == [("a", "enter")]
    assert await listed(device_id="T-0002") == []
    first = (await admin.get("/api/geofence-events", params={"limit": 2})).json()
    assert first["items"][0]["holder"] == "网格员 0001"
    assert await listed(before=first["next_before"]) == [("a", "enter")]
    inside = (await admin.get("/api/geofences/b")).json()
    assert (inside["inside"], inside["terminals"][0]["device_id"]) == (1, "T-0001")
