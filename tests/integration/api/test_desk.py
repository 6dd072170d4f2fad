"""The desk: exported lists, saved filters, one step for many cases, and filing by hand."""

import csv
import io
from datetime import timedelta

import httpx
import openpyxl
import pytest

from hub.accounts import Role
from hub.db import Pool
from tests.districts import add_device, add_position

LON, LAT = 103.82, 25.60


@pytest.fixture(autouse=True)
async def _street(street: None) -> None:
    """Every test is in the street."""


@pytest.fixture
async def handler(sign_in) -> httpx.AsyncClient:
    return await sign_in(Role.UNIT_HANDLER)


@pytest.fixture
async def supervisor(sign_in) -> httpx.AsyncClient:
    return await sign_in(Role.SUPERVISOR)


def filing(**fields) -> dict:
    body = {
        "item_key": "manhole_cover",
        "cond_key": "broken",
        "place": {"lon": LON, "lat": LAT, "error_m": 4},
        "text": "井盖破损",
    }
    return body | fields


@pytest.fixture
def filed(picture):
    async def filed(client: httpx.AsyncClient, **fields) -> httpx.Response:
        photo = await client.post("/api/evidence", files={"file": picture(1)})
        return await client.post(
            "/api/cases", json=filing(evidence=[photo.json()["sha256"]], **fields)
        )

    return filed


async def listed(client: httpx.AsyncClient, **params) -> list[int]:
    answer = await client.get("/api/cases", params=params)
    assert answer.status_code == 200, answer.text
    return [case["case_id"] for case in answer.json()["items"]]


async def test_the_list_is_narrowed_by_days_as_people_mean_them(
    dispatcher, bare_case, clock
) -> None:
    today = await bare_case("sanitation", "C-1")
    late = clock() - timedelta(days=1)
    yesterday = await bare_case("sanitation", "C-2", filed_at=late, overdue_at=clock())

    assert await listed(dispatcher, filed_from="2025-08-07") == [today]
    assert await listed(dispatcher, filed_to="2025-08-06") == [yesterday]
    assert await listed(dispatcher, filed_from="2025-08-07T00:00:00+08:00") == [today]
    assert await listed(dispatcher, overdue="true") == [yesterday]
    assert await listed(dispatcher, due_until="2025-08-08") == []
    assert len(await listed(dispatcher, due_until="2025-08-09")) == 2
    assert await listed(dispatcher, severity="high", sort="filed") == [yesterday, today]
    assert len(await listed(dispatcher, unit=["sanitation", "housing_bureau"])) == 2


@pytest.mark.parametrize(
    "params",
    [{"severity": "worst"}, {"filed_from": "yesterday"}, {"sort": "x"}, {"offset": -1}, {"x": 1}],
)
async def test_a_list_that_makes_no_sense_is_refused(dispatcher, params) -> None:
    answer = await dispatcher.get("/api/cases", params=params)
    assert (answer.status_code, answer.json()["type"]) == (422, "invalid-input")


async def test_an_export_is_exactly_the_list(dispatcher, bare_case, clock) -> None:
    await bare_case("sanitation", "C-1", text="=HYPERLINK(1)", overdue_at=clock(), rework=2)
    await bare_case("housing_bureau", "C-2", rework=1)
    await bare_case("sanitation", "C-3", state="CLOSED", closed_at=clock())

    answer = await dispatcher.get(
        "/api/cases/export", params={"open": "true", "sort": "filed", "format": "csv"}
    )
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert [row["案件编号"] for row in rows] == ["C-1", "C-2", "合计"]
    assert rows[0]["说明"] == "'=HYPERLINK(1)"
    assert rows[0]["立案时间"] == "2025-08-07 15:19"
    assert (rows[2]["超期"], rows[2]["返工"]) == ("1", "3")

    answer = await dispatcher.get(
        "/api/cases/export", params={"unit": "sanitation", "format": "xlsx", "language": "en"}
    )
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    titles = [cell.value for cell in sheet[1]]
    assert titles[:2] == ["Case", "Item"]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["C-1", "C-3", "Total"]
    assert sheet.cell(4, titles.index("Rework") + 1).value.startswith("=SUM(")
    assert "xlsx" in answer.headers["content-disposition"]


async def test_an_export_has_only_what_the_account_sees(handler, bare_case) -> None:
    await bare_case("sanitation", "C-1")
    await bare_case("housing_bureau", "C-2")
    answer = await handler.get("/api/cases/export", params={"format": "csv"})
    assert "C-2" in answer.text
    assert "C-1" not in answer.text


async def test_a_filter_is_kept_changed_and_deleted_by_the_person_who_saved_it(
    dispatcher, supervisor
) -> None:
    wanted = {"severity": ["high"], "overdue": True, "filed_from": "2025-08-01", "sort": "filed"}
    saved = await dispatcher.post(
        "/api/case-filters", json={"name": "高危", "wanted": wanted, "is_default": True}
    )
    assert saved.status_code == 201, saved.text
    mine = saved.json()
    assert mine["is_default"]
    assert mine["mine"]
    assert {key: mine["wanted"][key] for key in wanted} == wanted
    twice = await dispatcher.post("/api/case-filters", json={"name": "高危", "wanted": {}})
    assert (twice.status_code, twice.json()["field"]) == (409, "name")

    other = (
        await dispatcher.post(
            "/api/case-filters", json={"name": "全部", "wanted": {}, "is_default": True}
        )
    ).json()
    kept = (await dispatcher.get("/api/case-filters")).json()["items"]
    assert {each["name"]: each["is_default"] for each in kept} == {"全部": True, "高危": False}

    path = f"/api/case-filters/{mine['filter_id']}"
    assert (await supervisor.delete(path)).status_code == 404
    assert (await supervisor.put(path, json={"name": "x", "wanted": {}})).status_code == 404
    renamed = await dispatcher.put(
        path, json={"name": "高危案件", "wanted": {"severity": ["high"]}}
    )
    assert renamed.json()["name"] == "高危案件"
    assert (await dispatcher.delete(path)).status_code == 204
    left = (await dispatcher.get("/api/case-filters")).json()["items"]
    assert [each["filter_id"] for each in left] == [other["filter_id"]]


async def test_a_supervisor_shares_a_filter_and_nobody_else_does(
    dispatcher, supervisor, handler
) -> None:
    body = {"name": "本周督办", "wanted": {"overdue": True}, "shared": True}
    assert (await dispatcher.post("/api/case-filters", json=body)).status_code == 403
    await supervisor.post("/api/case-filters", json=body | {"is_default": True})
    for client in (dispatcher, handler):
        (seen,) = (await client.get("/api/case-filters")).json()["items"]
        assert (seen["name"], seen["mine"], seen["is_default"]) == ("本周督办", False, False)


async def test_many_cases_take_a_step_and_each_result_is_told(
    handler, dispatcher, bare_case
) -> None:
    first = await bare_case("housing_bureau", "C-1")
    changed = await bare_case("housing_bureau", "C-2", version=5)
    foreign = await bare_case("sanitation", "C-3")
    cases = [{"case_id": each, "version": 1} for each in (first, changed, foreign, first)]
    answer = await handler.post(
        "/api/cases/batch",
        json={"cases": cases, "action": "sign", "person": "王工", "plan": "更换"},
    )
    assert answer.status_code == 200, answer.text
    results = answer.json()
    assert (results["done"], results["refused"]) == (1, 2)
    told = {each["case_id"]: each for each in results["items"]}
    assert (told[first]["state"], told[first]["done"]) == ("HANDLING", True)
    assert (told[changed]["problem"], told[changed]["version"]) == ("conflict", 5)
    assert (told[foreign]["problem"], told[foreign]["case_no"]) == ("not-found", None)
    detail = (await dispatcher.get(f"/api/cases/{first}")).json()
    assert detail["person"] == "王工"
    assert [entry["event"] for entry in detail["timeline"]].count("sign") == 1
    journal = (await dispatcher.get(f"/api/cases/{changed}/journal")).json()
    assert journal["items"] == []


async def test_what_one_case_is_refused_leaves_nothing_in_its_journal(
    dispatcher, bare_case
) -> None:
    case_id = await bare_case("housing_bureau", "C-1")
    body = {"cases": [{"case_id": case_id, "version": 1}], "action": "sign"}
    (result,) = (await dispatcher.post("/api/cases/batch", json=body)).json()["items"]
    assert not result["done"]
    assert result["problem"] in {"forbidden", "guard-refused"}
    journal = (await dispatcher.get(f"/api/cases/{case_id}/journal")).json()
    assert journal["items"] == []


async def test_a_filing_keeps_who_reported_it_and_that_they_want_to_be_called(
    dispatcher, filed
) -> None:
    reporter = {"name": "张三", "contact": "13800005678", "wants_callback": True}
    answer = await filed(dispatcher, source="hotline", reporter=reporter)
    assert answer.status_code == 201, answer.text
    case = answer.json()
    assert [each["source"] for each in case["signals"]] == ["hotline"]
    assert "13800005678" not in answer.text
    assert await listed(dispatcher, source="hotline") == [case["case_id"]]
    assert case["state"] == "ROUTED"
    assert case["due_at"] is not None


async def test_a_second_report_is_added_to_the_case_with_one_request(dispatcher, filed) -> None:
    case = (await filed(dispatcher)).json()
    again = await filed(dispatcher)
    assert (again.status_code, again.json()["case_id"]) == (409, case["case_id"])
    near = await dispatcher.get(
        "/api/cases/nearby", params={"lon": LON + 0.0002, "lat": LAT, "item": "manhole_cover"}
    )
    (found,) = near.json()["items"]
    assert (found["case_id"], found["same_item"]) == (case["case_id"], True)
    assert 15 < found["distance_m"] < 25
    added = await dispatcher.post(
        f"/api/cases/{case['case_id']}/reports", json=filing(source="hotline", text="又有人反映")
    )
    assert added.status_code == 201, added.text
    assert added.json()["signal_count"] == 2
    far = await dispatcher.get("/api/cases/nearby", params={"lon": LON + 0.01, "lat": LAT})
    assert far.json()["items"] == []


async def test_what_is_filed_where_it_was_closed_within_a_week_reopens_the_case_unless_told(
    dispatcher, filed, pool: Pool, clock
) -> None:
    first = (await filed(dispatcher)).json()
    around = {"lon": LON, "lat": LAT, "item": "manhole_cover"}
    assert (await dispatcher.get("/api/cases/nearby", params=around)).json()["reopens"] is None
    async with pool.connection() as db:
        await db.execute(
            "UPDATE cases SET state = 'CLOSED', closed_at = %s WHERE case_id = %s",
            (clock() - timedelta(days=2), first["case_id"]),
        )

    offered = (await dispatcher.get("/api/cases/nearby", params=around)).json()["reopens"]
    elsewhere = await dispatcher.get("/api/cases/nearby", params=around | {"lat": LAT + 0.01})
    other = await dispatcher.get("/api/cases/nearby", params=around | {"item": "exposed_garbage"})
    new = (await filed(dispatcher, reopen=False)).json()

    assert (offered["case_id"], offered["case_no"]) == (first["case_id"], first["case_no"])
    assert [each.json()["reopens"] for each in (elsewhere, other)] == [None, None]
    assert (new["case_id"] != first["case_id"], new["recurrence_of"]) == (True, first["case_id"])
    assert (await dispatcher.get("/api/cases/nearby", params=around)).json()["reopens"] is None
    async with pool.connection() as db:
        await db.execute("UPDATE cases SET state = 'VOID' WHERE case_id = %s", (new["case_id"],))
    again = (await filed(dispatcher, text="又坏了")).json()
    assert (again["case_id"], again["reopened"]) == (first["case_id"], 1)
    assert "recur" in [each["event"] for each in again["timeline"]]
    assert "又坏了" in [each["text"] for each in again["signals"]]


async def test_what_was_closed_longer_ago_is_linked_and_not_reopened(
    dispatcher, filed, pool: Pool, clock
) -> None:
    first = (await filed(dispatcher)).json()
    async with pool.connection() as db:
        await db.execute(
            "UPDATE cases SET state = 'CLOSED', closed_at = %s WHERE case_id = %s",
            (clock() - timedelta(days=8), first["case_id"]),
        )

    new = (await filed(dispatcher)).json()

    assert (new["case_id"] != first["case_id"], new["recurrence_of"]) == (True, first["case_id"])


async def test_reopening_needs_the_photo_that_filing_needs(
    dispatcher, filed, pool: Pool, clock
) -> None:
    first = (await filed(dispatcher)).json()
    async with pool.connection() as db:
        await db.execute(
            "UPDATE cases SET state = 'CLOSED', closed_at = %s WHERE case_id = %s",
            (clock(), first["case_id"]),
        )

    refused = await dispatcher.post("/api/cases", json=filing())

    assert (refused.status_code, refused.json()["guard"]) == (422, "evidence_given")


async def test_a_report_is_not_added_to_a_case_that_has_ended(dispatcher, bare_case, clock) -> None:
    ended = await bare_case("sanitation", "C-1", state="CLOSED", closed_at=clock())
    answer = await dispatcher.post(f"/api/cases/{ended}/reports", json=filing())
    assert (answer.status_code, answer.json()["type"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"asset_id": "no such asset"}, "asset_id"),
        ({"place": {"lon": 0, "lat": 0}}, "place"),
    ],
)
async def test_a_filing_at_what_is_not_there_is_refused(dispatcher, filed, fields, field) -> None:
    answer = await filed(dispatcher, **fields)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_places_are_found_by_asset_and_by_who_holds_a_terminal(
    dispatcher, pool: Pool, clock
) -> None:
    async with pool.connection() as db:
        await add_device(db, "T-0042", holder_registered="李四")
        await add_position(db, "T-0042", clock(), LON, LAT)

    async def found(q: str) -> list[tuple[str, str]]:
        answer = await dispatcher.get("/api/places", params={"q": q})
        return [(each["kind"], each["key"]) for each in answer.json()["items"]]

    assert ("asset", "A-0172") in await found("a-0172")
    assert await found("李四") == [("terminal", "T-0042")]
    assert await found("%") == []
    assert (await dispatcher.get("/api/places", params={"q": ""})).status_code == 422


async def test_a_handler_neither_files_nor_looks_for_places(handler) -> None:
    assert (await handler.get("/api/places", params={"q": "a"})).status_code == 403
    near = await handler.get("/api/cases/nearby", params={"lon": LON, "lat": LAT})
    assert near.status_code == 403


async def test_the_catalogue_says_how_its_titles_are_typed(dispatcher) -> None:
    sounds = (await dispatcher.get("/api/catalogue")).json()["sounds"]
    assert sounds["manhole_cover"] == {"full": "jinggai", "initials": "jg"}
    assert any(key.startswith("manhole_cover/") for key in sounds)


async def test_many_cases_are_claimed_noted_and_asked_to_be_void(dispatcher, bare_case) -> None:
    grave = await bare_case("housing_bureau", "C-1")
    light = await bare_case("sanitation", "C-2", severity="low")

    async def act(action: str, **said) -> list[dict]:
        detail = [(await dispatcher.get(f"/api/cases/{each}")).json() for each in (grave, light)]
        seen = [{"case_id": each["case_id"], "version": each["version"]} for each in detail]
        answer = await dispatcher.post(
            "/api/cases/batch", json={"cases": seen, "action": action, **said}
        )
        return answer.json()["items"]

    assert [each["done"] for each in await act("claim")] == [True, True]
    assert await listed(dispatcher, owner="dispatcher-housing-bureau") == [grave, light]
    assert [each["done"] for each in await act("note", text="已电话核实")] == [True, True]
    assert [each["problem"] for each in await act("note", text=" ")] == ["invalid-input"] * 2
    voided = await act("void", reason="重复测试")
    assert [(each["asked"], each["state"]) for each in voided] == [
        (True, "ROUTED"),
        (False, "VOID"),
    ]
