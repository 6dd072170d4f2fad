"""The registry of grid workers and their points over HTTP."""

import csv
import io
from collections.abc import Sequence

import httpx
import openpyxl
import pytest

from hub.accounts import Role
from hub.db import Pool

WORKERS = """worker_id,name,village,phone,active
W-1,网格员 0001,village_001,0874-3000001,yes
W-2,网格员 0002,,,yes
"""


@pytest.fixture
async def supervisor(sign_in, street: None) -> httpx.AsyncClient:
    return await sign_in(Role.SUPERVISOR)


async def imported(client: httpx.AsyncClient, text: str = WORKERS, **said: str) -> dict:
    answer = await client.post("/api/people/import", files={"file": text.encode()}, data=said)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
async def earned(supervisor: httpx.AsyncClient, pool: Pool, clock) -> None:
    """W-1 has three entries in August, one of them taken back."""
    await imported(supervisor)
    insert = (
        "INSERT INTO points_entry (entry_no, journal_id, worker_id, kind, points, full_points,"
        " balance_before, balance_after, at, day, period, rules_version, reverses)"
        " VALUES (%s, 1, 'W-1', %s, %s, %s, %s, %s, %s, '2025-08-07', '2025-08', 0, %s)"
    )
    rows = [
        (1, "report", 3, 3, 0, 3, clock(), None),
        (2, "first_reporter", 1, 1, 3, 4, clock(), None),
        (3, "reversal", -1, -1, 4, 3, clock(), 2),
    ]
    async with pool.connection() as db:
        for row in rows:
            await db.execute(insert, row)


async def test_workers_are_imported_listed_changed_and_hold_terminals(supervisor, sign_in):
    trial = await imported(supervisor, dry_run="true")
    assert (trial["written"], trial["added"]) == (False, ["W-1", "W-2"])
    await imported(supervisor)
    again = await imported(supervisor)
    assert (again["unchanged"], again["kept"]) == (2, 1)  # the holder that the street registered

    held = await supervisor.put("/api/people/terminals/T-0001", json={"worker_id": "W-1"})
    assert held.status_code == 200, held.text
    (worker,) = (await supervisor.get("/api/people", params={"q": "T-0001"})).json()["items"]
    assert (worker["worker_id"], worker["terminals"]) == ("W-1", ["T-0001"])
    change = {"name": "网格员 1", "village": "village_001", "active": True}
    assert (await supervisor.put("/api/people/W-1", json=change)).json()["name"] == "网格员 1"
    devices = await (await sign_in(Role.DISPATCHER)).get("/api/devices/T-0001")
    assert devices.json()["holder"] == "网格员 1"
    nobody = await supervisor.put("/api/people/terminals/T-0001", json={"worker_id": None})
    assert nobody.status_code == 200
    unknown = await supervisor.put("/api/people/terminals/T-0001", json={"worker_id": "W-9"})
    assert unknown.status_code == 404
    camera = await supervisor.put("/api/people/terminals/C-001", json={"worker_id": "W-1"})
    assert camera.status_code == 422


def workbook(*rows: Sequence[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def test_a_districts_own_workbook_is_imported_and_its_bad_cells_are_named(supervisor):
    head: list[Sequence[object]] = [["网格员名册"], ["工号", "姓名", "所属村", "手机号", "在岗"]]
    bad = workbook(
        *head, ["W-7", None, "无此村", "电话不详", "也许"], ["W-7", "网格员 7"], ["W-7", "重号"]
    )
    found = await supervisor.post("/api/people/import", files={"file": ("people.xlsx", bad)})
    cells = {each["cell"]: each["reason"] for each in found.json()["bad"]}
    assert cells.keys() == {"B3", "C3", "D3", "E3", "A5"}
    assert "there is no unit 无此村" in cells["C3"]
    assert "occurs twice" in cells["A5"]
    assert not found.json()["written"]
    good = workbook(*head, ["W-7", "网格员 7", "village_001", 13800000007, "是"])
    found = await supervisor.post("/api/people/import", files={"file": ("people.xlsx", good)})
    assert found.json()["added"] == ["W-7"]
    headless = await supervisor.post("/api/people/import", files={"file": ("a.csv", b"a,b\n1,2\n")})
    assert headless.status_code == 422
    assert "编号, 姓名" in headless.json()["detail"]


async def test_a_telephone_is_masked_until_it_is_asked_for_and_that_is_recorded(
    supervisor, sign_in, pool
):
    await imported(supervisor)
    (worker,) = (await supervisor.get("/api/people", params={"q": "W-1"})).json()["items"]
    assert worker["phone_masked"] == "087****0001"
    assert "phone" not in worker
    change = {"name": "网格员 1", "village": "village_001"}
    await supervisor.put("/api/people/W-1", json=change)
    told = await supervisor.get("/api/people/W-1/phone")
    assert told.json() == {"phone": "0874-3000001"}
    reads = (await (await sign_in(Role.AUDITOR)).get("/api/audit/reads")).json()["items"]
    assert [each["subject"] for each in reads if each["kind"] == "contact"] == ["worker:W-1"]
    gone = await supervisor.put("/api/people/W-1", json=change | {"phone": None})
    assert gone.json()["phone_masked"] is None


async def test_the_points_of_a_month_and_the_ledger_of_a_worker_are_shown(supervisor, earned):
    page = (await supervisor.get("/api/points", params={"period": "2025-08"})).json()
    assert next((each["worker_id"], each["earned"]) for each in page["items"]) == ("W-1", 3)
    ledger = (await supervisor.get("/api/points/workers/W-1")).json()["items"]
    assert [(each["points"], each["balance_after"]) for each in ledger] == [(-1, 3), (1, 4), (3, 3)]
    assert (await supervisor.get("/api/points/workers/W-9")).status_code == 404
    assert (await supervisor.get("/api/points", params={"period": "2025-13"})).status_code == 422


async def test_points_leave_as_tables_with_a_total(supervisor, earned):
    said = {"period": "2025-08", "format": "csv", "language": "en"}
    answer = await supervisor.get("/api/points/export", params=said)
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][:2] == ["Id", "Name"]
    assert (rows[1][0], rows[-1][0]) == ("W-1", "Total")
    one = await supervisor.get("/api/points/workers/W-1/export", params={"format": "xlsx"})
    assert one.content[:2] == b"PK"


async def test_a_month_is_closed_and_paid_by_a_supervisor_alone(supervisor, earned, sign_in, clock):
    note = {"note": "voucher 17"}
    early = await supervisor.post("/api/points/periods/2025-08/close", json=note)
    assert early.status_code == 422
    clock.forward(days=25)
    later = await sign_in(Role.SUPERVISOR, username="supervisor-in-september")
    admin = await sign_in(Role.ADMIN)
    assert (await admin.post("/api/points/periods/2025-08/close", json=note)).status_code == 403
    closed = await later.post("/api/points/periods/2025-08/close", json=note)
    assert closed.status_code == 200, closed.text
    assert (closed.json()["payable"], closed.json()["may_pay"]) == (3, True)
    paid = await later.post("/api/points/periods/2025-08/pay", json=note)
    assert paid.json()["paid_at"] is not None
    (newest, *_) = (await later.get("/api/points/workers/W-1")).json()["items"]
    assert (newest["kind"], newest["points"], newest["balance_after"]) == ("payment", -3, 0)
    assert (await later.post("/api/points/periods/2025-08/pay", json=note)).status_code == 409


async def test_rules_are_versions_that_hold_from_a_day_to_come(supervisor):
    (first,) = (await supervisor.get("/api/points/rules")).json()["items"]
    assert (first["version"], first["in_force"]) == (0, True)
    new = {"rules": first["rules"] | {"day_cap": 30}, "reason": "more patrols"}
    today = await supervisor.post("/api/points/rules", json=new | {"effective_from": "2025-08-07"})
    assert today.status_code == 422
    made = await supervisor.post("/api/points/rules", json=new | {"effective_from": "2025-08-08"})
    assert made.status_code == 201
    assert [each["version"] for each in made.json()["items"]] == [1, 0]


async def test_a_supervisor_of_a_territory_sees_its_workers_only(supervisor, earned, sign_in, pool):
    async with pool.connection() as db:
        await db.execute(
            "UPDATE account SET scope_kind = 'territory', scope_unit = 'town_01'"
            " WHERE role = 'supervisor'"
        )
    listed = (await supervisor.get("/api/people")).json()["items"]
    assert "W-2" not in [each["worker_id"] for each in listed]
    page = (await supervisor.get("/api/points", params={"period": "2025-08"})).json()
    assert "W-2" not in [each["worker_id"] for each in page["items"]]
    assert (await supervisor.get("/api/points/workers/W-2")).status_code == 404
    assert (await supervisor.get("/api/points/workers/W-1")).status_code == 200
    assert (await supervisor.get("/api/people/W-2/phone")).status_code == 404
    assert (await supervisor.get("/api/people/W-1/phone")).status_code == 200
    mine = {"name": "网格员 2", "village": "village_001"}
    assert (await supervisor.put("/api/people/W-2", json=mine)).status_code == 404
    assert (await supervisor.put("/api/people/W-3", json=mine)).status_code == 200
    assert (await supervisor.put("/api/people/W-4", json={"name": "网格员 4"})).status_code == 422
    hold = {"worker_id": "W-2"}
    assert (await supervisor.put("/api/people/terminals/T-0001", json=hold)).status_code == 404
