"""Three matters from the report to the end, by a simulated clock, seen through the API."""

import pytest

from hub.accounts.account import Role
from tests.integration.api.conftest import LAT, LON
from tests.integration.api.working_day import WorkingDay, local


@pytest.fixture
async def day(street: None, app, pool, clock, sign_in, picture) -> WorkingDay:
    clock.at = local("2025-08-07 15:19")
    return WorkingDay(app, pool, clock, sign_in, picture)


def _counted(figures: dict) -> set[str]:
    """The counts that are 1; no other is more than 0."""
    counts = figures["counts"]
    assert set(counts.values()) <= {0, 1}
    return {name for name, count in counts.items() if count}


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
    figures = await day.indicators(seat, period="2025-08")
    assert _counted(figures) == {
        *("received", "filed", "dispatched", "due", "first_time_right"),
        *("handled", "handled_in_time", "closed", "closed_in_time"),
    }
    assert figures["rates"]["closing_in_time"]["text"] == "100.00%"


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
    figures = await day.indicators(seat, period="2025-08")
    assert _counted(figures) == {
        *("received", "filed", "dispatched", "due", "first_time_right"),
        *("handled", "closed", "reworked"),
    }
    assert figures["rates"]["closing_in_time"]["text"] == "0.00%"
