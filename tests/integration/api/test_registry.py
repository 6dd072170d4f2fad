"""The registry as a file, over the api."""

import csv
import io

import httpx
import pytest

from hub.accounts import Role

COLUMNS = "device_id,kind,name_zh,name_en,unit_key,holder,gb28181_id"
NEW = f"{COLUMNS}\nT-0002,terminals,终端 0002,Terminal 0002,village_001,网格员 0002,53030300001380000002\n"


@pytest.fixture
async def admin(sign_in, street: None) -> httpx.AsyncClient:
    return await sign_in(Role.ADMIN)


async def send(client: httpx.AsyncClient, text: str | bytes, **data: str) -> httpx.Response:
    files = {"file": ("devices.csv", text.encode() if isinstance(text, str) else text)}
    return await client.post("/api/registry/devices", files=files, data=data)


async def test_the_registry_is_taken_away_as_a_spreadsheet_and_brought_back(
    admin: httpx.AsyncClient,
) -> None:
    answer = await admin.get("/api/registry/devices")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith("\ufeff".encode())
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["device_id"] for row in rows] == ["C-001", "T-0001"]
    assert (await send(admin, answer.content)).json() == {
        "written": True,
        "added": [],
        "changed": {},
        "unchanged": 2,
        "bad": [],
    }
    only = await admin.get("/api/registry/devices", params={"kind": "cameras"})
    assert "T-0001" not in only.text


async def test_a_new_terminal_shows_with_its_village_holder_and_id(
    admin: httpx.AsyncClient,
) -> None:
    assert (await send(admin, NEW, dry_run="true")).json()["added"] == ["T-0002"]
    assert (await admin.get("/api/devices/T-0002")).status_code == 404
    assert (await send(admin, NEW)).json()["written"] is True
    device = (await admin.get("/api/devices/T-0002")).json()
    assert device["unit_name_zh"] == "玉林社区"
    assert device["holder"] == "网格员 0002"
    assert device["gb28181_id"] == "53030300001380000002"
    assert (device["clock"], device["clock_skew_s"]) == ("unknown", None)


async def test_bad_lines_are_listed_and_nothing_is_written(admin: httpx.AsyncClient) -> None:
    report = (await send(admin, NEW + "T-0003,lamps,,,,,\n")).json()
    assert (report["written"], [bad["line"] for bad in report["bad"]]) == (False, [3])
    assert report["bad"][0]["device_id"] == "T-0003"
    assert (await admin.get("/api/devices/T-0002")).status_code == 404


async def test_a_file_that_is_no_list_is_a_problem(admin: httpx.AsyncClient) -> None:
    answer = await send(admin, "colour\nred\n")
    assert (answer.status_code, answer.json()["type"]) == (422, "invalid-input")
    assert "device_id" in answer.json()["detail"]
    assert (await send(admin, b"\xff\xff\xff")).status_code == 422


async def test_an_id_of_gb28181_is_explained(admin: httpx.AsyncClient) -> None:
    found = (await admin.get("/api/registry/gb28181/53030300081320000017")).json()
    assert found["industry"] == "08 urban management"
    assert found["type"] == "132 network camera"
    assert (await admin.get("/api/registry/gb28181/5303")).status_code == 422
