"""Three matters from the report to the end, by a simulated clock, seen through the API."""

import httpx
import pytest

from hub.accounts.account import Role
from hub.indicators.definitions import RateKey
from tests.districts import add_units
from tests.integration.api.conftest import LAT, LON
from tests.integration.api.working_day import WorkingDay, local


@pytest.fixture
async def day(street: None, app, pool, clock, sign_in, picture) -> WorkingDay:
    clock.at = local("2025-08-07 15:19")
    async with pool.connection() as db:
        await add_units(db, "labour", "justice")
    return WorkingDay(app, pool, clock, sign_in, picture)


HOLDER = "网格员 0001"
FIRST_REPORT = [("report", 1, 0, 1), ("first_reporter", 1, 1, 2)]
"""What a valid report of a cover earns that opens the case."""


def _counted(figures: dict) -> set[str]:
    """The counts that are 1; no other is more than 0."""
    counts = figures["counts"]
    assert set(counts.values()) <= {0, 1}
    return {name for name, count in counts.items() if count}


def _rates(figures: dict) -> dict[str, str]:
    """All rates in per cent, without those that are 0."""
    texts = {name: rate["text"] for name, rate in figures["rates"].items()}
    assert len(texts) == len(RateKey)
    return {name: text for name, text in texts.items() if text != "0.00%"}


ALL = "100.00%"
IN_TIME = {
    "filing": ALL,
    "dispatch": ALL,
    "handling": ALL,
    "handling_in_time": ALL,
    "closing": ALL,
    "closing_in_time": ALL,
    "first_time_right": ALL,
    "satisfaction": "—",
}
"""The rates of a unit whose one case was closed in time, and about which nobody was called back."""


async def test_a_broken_cover_is_replaced_the_next_day_and_closed(day: WorkingDay):
    seat = await day.person(Role.SEAT_OPERATOR)
    housing = await day.person(Role.UNIT_HANDLER)

    await day.report("T-0001", LON, LAT, "manhole_cover", "broken", "井盖破损严重")
    (summary,) = (await seat.get("/api/cases", params={"open": True})).json()["items"]
    case = await day.case(seat, summary["case_id"])
    assert (case["state"], case["lead_unit"], case["asset_id"]) == (
        "ROUTED",
        "housing_bureau",
        "A-0172",
    )
    assert case["due_at"] == "2025-08-11T07:19:00Z"

    await day.until("2025-08-07 16:02")
    signed = await day.step(housing, case["case_id"], "sign", person="养护班", plan="次日更换")
    assert signed["state"] == "HANDLING"

    await day.until("2025-08-08 10:30")
    photo = await day.photo(housing, LON, LAT)
    await day.step(housing, case["case_id"], "feedback", text="已更换新井盖", evidence=[photo])
    await day.until("2025-08-08 10:40")
    checked = await day.case(seat, case["case_id"])
    assert checked["state"] == "VERIFYING"

    passed = await day.step(seat, case["case_id"], "pass")
    assert passed["state"] == "CLOSED"
    assert not passed["overdue"]
    figures = await day.indicators(seat, period="2025-08", unit="housing_bureau")
    assert _counted(figures) == {
        *("received", "filed", "dispatched", "due", "first_time_right"),
        *("handled", "handled_in_time", "closed", "closed_in_time"),
    }
    assert _rates(figures) == IN_TIME
    assert (await day.indicators(seat, period="2025-08")) == figures
    assert (await housing.get("/api/letters")).json()["items"] == []
    supervisor = await day.person(Role.SUPERVISOR)
    assert await day.ledger(supervisor, HOLDER, "2025-08") == FIRST_REPORT


async def test_a_cover_that_nobody_looks_after_is_pressed_for_until_it_is_closed_late(
    day: WorkingDay,
):
    seat = await day.person(Role.SEAT_OPERATOR)
    housing = await day.person(Role.UNIT_HANDLER)

    await day.report("T-0001", LON, LAT, "manhole_cover", "broken", "井盖破损严重")
    (summary,) = (await seat.get("/api/cases", params={"open": True})).json()["items"]
    case_id = summary["case_id"]
    await day.until("2025-08-11 15:30")
    case = await day.case(seat, case_id)
    assert (case["state"], case["overdue"]) == ("HANDLING", True)
    reason = "抢险任务占用人手"
    await day.step(housing, case_id, "explain", reason=reason)
    await day.until("2025-08-12 16:30")
    letters = (await housing.get("/api/letters")).json()["items"]
    assert [each["kind"] for each in letters] == ["reminder"]
    await day.until("2025-08-14 16:30")
    letters = (await housing.get("/api/letters")).json()["items"]
    assert [each["kind"] for each in letters] == ["supervision", "reminder"], letters
    await day.until("2025-08-15 10:00")
    photo = await day.photo(housing, LON, LAT)
    await day.step(housing, case_id, "feedback", text="已更换", evidence=[photo])
    await day.until("2025-08-15 10:10")
    failed = await day.step(seat, case_id, "fail", reason="井盖仍然松动")
    assert (failed["state"], failed["rework"]) == ("HANDLING", 1)
    await day.until("2025-08-18 10:00")
    photo = await day.photo(housing, LON, LAT)
    await day.step(housing, case_id, "feedback", text="已重新安装", evidence=[photo])
    await day.until("2025-08-18 10:10")
    closed = await day.step(seat, case_id, "pass")
    assert closed["state"] == "CLOSED"

    for letter in letters:
        answered = await housing.post(
            f"/api/letters/{letter['letter_id']}/answer", json={"text": "已更换并重新安装"}
        )
        assert answered.status_code == 200, answered.text
    appeal = {"kind": "appeal", "reason": "抢险任务占用人手", "version": closed["version"]}
    asked = await housing.post(f"/api/cases/{case_id}/approvals", json=appeal)
    assert asked.status_code == 201, asked.text
    supervisor = await day.person(Role.SUPERVISOR)
    (waiting,) = (await supervisor.get("/api/approvals")).json()["items"]
    refused = await supervisor.post(
        f"/api/cases/{case_id}/approvals/{waiting['approval_id']}/refuse",
        json={"reason": "人手调配是本单位的责任"},
    )
    assert refused.status_code == 200, refused.text
    assert (await supervisor.get("/api/approvals")).json()["items"] == []
    figures = await day.indicators(seat, period="2025-08", unit="housing_bureau")
    assert _counted(figures) == {
        *("received", "filed", "dispatched", "due", "first_time_right"),
        *("handled", "closed", "reworked", "appealed", "appeal_refused"),
    }
    late = {name: text for name, text in IN_TIME.items() if not name.endswith("_in_time")}
    assert _rates(figures) == late | {"rework": ALL}
    letters = (await housing.get("/api/letters")).json()["items"]
    assert [(each["letter_no"], each["state"]) for each in letters] == [
        ("督办函〔2025〕1号", "answered"),
        ("提醒函〔2025〕1号", "answered"),
    ]
    assert await day.ledger(supervisor, HOLDER, "2025-08") == FIRST_REPORT


async def test_owed_wages_are_mediated_in_two_instalments_by_a_plan_of_their_own(
    day: WorkingDay,
):
    seat, supervisor = await day.person(Role.SEAT_OPERATOR), await day.person(Role.SUPERVISOR)
    labour = await day.person(Role.UNIT_HANDLER, "labour")
    taken = await seat.post(
        "/api/signals",
        json={
            "source": "hotline",
            "number": "12345-0001",
            "text": "工地拖欠工资 3.3 万元",
            "item_key": "wage_arrears",
            "cond_key": "arrears",
            "place": {"lon": LON, "lat": LAT, "error_m": 20},
            "reporter": {"name": "来电人", "contact": "00000000000", "wants_callback": True},
        },
    )
    assert taken.status_code == 201, taken.text
    case_id = taken.json()["case_id"]
    case = await day.case(seat, case_id)
    assert (case["state"], case["lead_unit"]) == ("ROUTED", "labour")
    assert set(case["assist_units"]) == {"justice", "village_001"}
    assert case["due_at"] == "2025-08-14T07:19:00Z"

    matter = await _posted(
        supervisor, "/api/matters", case_id=case_id, tier="mid", leader="分管领导"
    )
    url = f"/api/matters/{matter['matter_id']}"
    members = [{"name": "劳动监察", "duty": "核实"}, {"name": "司法所", "duty": "调解"}]
    planned = await supervisor.put(f"{url}/plan", json={"goal": "分两期结清", "members": members})
    assert planned.status_code == 200, planned.text
    for text, due_on in (("首付 1.8 万元", "2025-08-11"), ("付清 1.5 万元", "2025-08-13")):
        matter = await _posted(supervisor, f"{url}/steps", text=text, due_on=due_on)
    reason = "涉及人数增加"
    changed = await supervisor.post(f"{url}/tier", json={"tier": "high", "reason": reason})
    assert (changed.status_code, changed.json()["tier"]) == (200, "high")

    await day.until("2025-08-08 09:00")
    await day.step(labour, case_id, "sign", person="监察员", plan="约谈双方，调解分期")
    for number, paid_at in enumerate(("2025-08-11 16:00", "2025-08-13 15:00")):
        await day.until(paid_at)
        step = matter["plan"][number]
        done = await supervisor.post(
            f"{url}/steps/{step['step_id']}/done", json={"result": "已转账，有凭证"}
        )
        assert done.status_code == 200, done.text
    await day.until("2025-08-13 16:00")
    photo = await day.photo(labour, LON, LAT)
    await day.step(labour, case_id, "feedback", text="两期均已付清", evidence=[photo])
    await day.until("2025-08-13 16:30")
    passed = await day.step(seat, case_id, "pass")
    assert passed["state"] == "CALLBACK"
    missed = await day.step(seat, case_id, "unreachable", text="无人接听")
    assert (missed["state"], missed["callback_attempts"]) == ("CALLBACK", 1)
    await day.until("2025-08-14 09:00")
    closed = await day.step(seat, case_id, "satisfied", satisfaction="satisfied")
    assert closed["state"] == "CLOSED"

    figures = await day.indicators(seat, period="2025-08", unit="labour")
    assert _counted(figures) == {
        *("received", "filed", "dispatched", "due", "first_time_right"),
        *("handled", "handled_in_time", "closed", "closed_in_time"),
        *("called_back", "answered", "satisfied"),
    }
    assert _rates(figures) == IN_TIME | {"satisfaction": ALL}
    assert (await labour.get("/api/letters")).json()["items"] == []
    assert await day.ledger(supervisor, HOLDER, "2025-08") == []  # a hotline earns no points


async def test_a_report_whose_case_is_void_gives_its_points_back(day: WorkingDay):
    seat, supervisor = await day.person(Role.SEAT_OPERATOR), await day.person(Role.SUPERVISOR)
    await day.report("T-0001", LON, LAT, "manhole_cover", "broken", "井盖破损严重")
    (summary,) = (await seat.get("/api/cases", params={"open": True})).json()["items"]
    assert await day.ledger(supervisor, HOLDER, "2025-08") == FIRST_REPORT

    asked = await day.step(seat, summary["case_id"], "void", reason="现场完好")
    assert asked["state"] == "ROUTED"
    assert await day.ledger(supervisor, HOLDER, "2025-08") == FIRST_REPORT
    voided = await day.step(supervisor, summary["case_id"], "void", reason="复核属实")
    assert voided["state"] == "VOID"

    assert await day.ledger(supervisor, HOLDER, "2025-08") == [
        *FIRST_REPORT,
        ("reversal", -1, 2, 1),
        ("reversal", -1, 1, 0),
    ]
    figures = await day.indicators(seat, period="2025-08", unit="housing_bureau")
    assert _counted(figures) == {"received", "filed", "dispatched", "left_out_void"}


async def _posted(client: httpx.AsyncClient, url: str, **body: object) -> dict:
    answer = await client.post(url, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()
