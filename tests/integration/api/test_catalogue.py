"""The catalogue and the calendar over the api: read by operators, changed by administrators."""

import json
from typing import Any

import httpx
import pytest

from hub.accounts import Role

LIST = "事项名称,类别,情形,责任单位,处置时限\n井盖,部件,破损,住房和城乡建设局、属地,4工作时\n"
MEANINGS = json.dumps({"属地": "territory"})


async def send(client: httpx.AsyncClient, text: str, **data: str) -> dict[str, Any]:
    files = {"file": ("list.csv", text.encode("gbk"))}
    answer = await client.post("/api/catalogue/import", files=files, data=data)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
async def admin(sign_in, street: None) -> httpx.AsyncClient:
    return await sign_in(Role.ADMIN)


async def test_a_list_is_tried_confirmed_and_imported(admin: httpx.AsyncClient) -> None:
    tried = await send(admin, LIST, dry_run="true")
    assert tried["version"] is None
    assert [(bad["sheet"], bad["cell"]) for bad in tried["bad"]] == [("list.csv", "D2")]
    assert [each["name"] for each in tried["unknown_units"]] == ["属地"]
    dry = await send(admin, LIST, dry_run="true", meanings=MEANINGS)
    assert (dry["version"], dry["bad"]) == (None, [])
    assert [each["item_key"] for each in dry["changed"]] == ["manhole_cover"]
    limits = {field["path"]: field["after"] for field in dry["changed"][0]["fields"]}
    assert limits["routing_mode"] == "joint"
    assert (await admin.get("/api/catalogue/mappings")).json() == {"items": []}

    done = await send(admin, LIST, meanings=MEANINGS)

    assert done["version"] == 2
    (mapping,) = (await admin.get("/api/catalogue/mappings")).json()["items"]
    assert (mapping["name"], mapping["stands_for"]) == ("属地", "territory")
    versions = (await admin.get("/api/catalogue/versions")).json()["items"]
    assert [(each["version"], each["source"]) for each in versions] == [
        (2, "list.csv"),
        (1, "starter.yaml"),
    ]
    diff = (await admin.get("/api/catalogue/diff?before=1&after=2")).json()
    assert [each["item_key"] for each in diff["changed"]] == ["manhole_cover"]
    assert diff["gone"] == []
    assert (await admin.get("/api/catalogue?version=1")).json()["version"] == 1
    assert (await admin.get("/api/catalogue")).json()["version"] == 2


@pytest.mark.parametrize("form", ["csv", "xlsx", "yaml"])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_an_export_imports_again_without_a_change(
    admin: httpx.AsyncClient, form: str, language: str
) -> None:
    answer = await admin.get(f"/api/catalogue/export?format={form}&language={language}")
    assert answer.status_code == 200
    assert f"catalogue-1.{form}" in answer.headers["content-disposition"]

    again = await admin.post(
        "/api/catalogue/import", files={"file": (f"list.{form}", answer.content)}
    )

    assert again.json()["version"] is None
    assert (again.json()["added"], again.json()["changed"], again.json()["bad"]) == ([], [], [])


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("list.pdf", {}, 422),
        ("list.csv", {"meanings": "[]"}, 422),
        ("list.csv", {"meanings": '{"属地": "nobody"}'}, 422),
        ("list.csv", {"kind": "thing"}, 422),
    ],
)
async def test_what_can_t_be_imported_is_refused(
    admin: httpx.AsyncClient, name: str, data: dict[str, str], status: int
) -> None:
    files = {"file": (name, LIST.encode())}
    answer = await admin.post("/api/catalogue/import", files=files, data=data)

    assert answer.status_code == status
    assert answer.json()["detail"]


async def test_versions_that_are_not_there_are_not_found(admin: httpx.AsyncClient) -> None:
    for path in ("?version=9", "/diff?before=1&after=9", "/export?version=9"):
        assert (await admin.get(f"/api/catalogue{path}")).status_code == 404


async def test_a_name_is_confirmed_for_all_later_imports(admin: httpx.AsyncClient) -> None:
    new = {"name": "属地", "stands_for": "territory"}
    assert (await admin.put("/api/catalogue/mappings", json=new)).status_code == 204
    assert (await send(admin, LIST, dry_run="true"))["bad"] == []
    wrong = {"name": "属地", "stands_for": "nobody"}
    assert (await admin.put("/api/catalogue/mappings", json=wrong)).status_code == 422


async def test_a_day_is_shown_tried_and_edited(admin: httpx.AsyncClient) -> None:
    year = (await admin.get("/api/calendar?year=2025")).json()
    assert len(year["days"]) == 365
    friday = {"day": "2025-08-08", "is_workday": False, "note": "flood"}
    tried = await admin.post("/api/calendar", json={"days": [friday], "dry_run": True})
    assert tried.json() == {"days": 1, "bad": [], "moved": []}

    assert (await admin.post("/api/calendar", json={"days": [friday]})).status_code == 200

    days = {
        each["day"]: each for each in (await admin.get("/api/calendar?year=2025")).json()["days"]
    }
    assert days["2025-08-08"]["is_workday"] is False
    assert days["2025-08-08"]["edited_by"].startswith("user:admin")
    assert days["2025-08-07"]["edited_by"] is None


async def test_a_list_of_days_is_imported_or_refused_whole(admin: httpx.AsyncClient) -> None:
    async def send_days(text: str) -> dict[str, Any]:
        files = {"file": ("days.csv", text.encode())}
        found: dict[str, Any] = (await admin.post("/api/calendar/import", files=files)).json()
        return found

    bad = await send_days("day,is_workday\n2025-08-08,no\n2025-08-99,no\n")
    assert bad["days"] == 0
    assert "days.csv!A3" in bad["bad"][0]
    assert (await send_days("day,is_workday\n2025-08-08,no\n"))["days"] == 1


async def test_only_administrators_change_them(sign_in, street: None) -> None:
    for role in (Role.SUPERVISOR, Role.DISPATCHER, Role.UNIT_HANDLER):
        client = await sign_in(role)
        files = {"file": ("list.csv", LIST.encode())}
        assert (await client.post("/api/catalogue/import", files=files)).status_code == 403
        day = {"days": [{"day": "2025-08-08", "is_workday": False}]}
        assert (await client.post("/api/calendar", json=day)).status_code == 403
