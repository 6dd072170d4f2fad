"""Joint studies and the points of grid workers in the console."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from hub.accounts import create_account
from hub.accounts.account import Role
from hub.cases.actor import Actor
from hub.cases.case import Case, Event
from hub.cases.commands import NewCase, file_case, transition
from hub.cases.evidence import EvidenceKind, EvidenceLink
from hub.db import Connection
from hub.geo.place import Spot
from hub.people.commands import import_workers
from tests.districts import add_units
from tests.e2e.test_casework import log_in
from tests.e2e.test_pages import PASSWORD, Desk, desk
from tests.use_cases import carry_out

__all__ = ["desk"]
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

NOBODYS_COVER = Spot(103.823, 25.60, 4.0)
CLERK = Actor("user:dispatcher", Role.DISPATCHER)
WORKERS = "worker_id,name,village,phone,active\nW-001,网格员 0001,,,yes\nW-002,网格员 0002,,,yes\n"


async def add_person(db: Connection, username: str, role: Role, unit_key: str | None) -> None:
    at = datetime.now(UTC)
    await carry_out(db, at, create_account, username, username.title(), role, unit_key, PASSWORD)


async def studied(db: Connection) -> Case:
    """A cover that belongs to nobody, with two units invited, and the people who take part."""
    await add_units(db, "housing_bureau", "power_supply")
    await add_person(db, "power", Role.UNIT_HANDLER, "power_supply")
    await add_person(db, "supervisor", Role.SUPERVISOR, None)
    sha256 = hashlib.sha256(b"a cover").hexdigest()
    new = NewCase(
        item_key="manhole_cover",
        cond_key="broken",
        spot=NOBODYS_COVER,
        text="井盖破损",
        evidence=(EvidenceLink(sha256=sha256, kind=EvidenceKind.FILING),),
    )
    at = datetime.now(UTC)
    case = await carry_out(db, at, file_case, new, CLERK)
    units = ("housing_bureau", "power_supply")
    return await carry_out(
        db, at, transition, case.case_id, Event.REFER_STUDY, actor=CLERK, units=units
    )


def test_an_invited_unit_answers_and_the_ruling_reaches_the_catalogue(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    case = desk.run(studied)
    unit = log_in(open_page(), desk, "power", f"/cases/{case.case_id}")
    unit.get_by_test_id("study-answer-position").click()
    unit.get_by_role("option", name="归我单位", exact=True).click()
    unit.get_by_test_id("study-answer-text").fill("竣工图上有")
    unit.get_by_test_id("study-answer").click()
    expect(unit.get_by_test_id("study-unit-power_supply")).to_contain_text("竣工图上有")

    boss = log_in(open_page(), desk, "supervisor", "/supervision/studies")
    row = boss.get_by_test_id("study-row")
    expect(row).to_contain_text("已答复")
    expect(row).to_contain_text("待答复")
    row.get_by_role("link", name=case.case_no).click()
    boss.get_by_test_id("study-rule").click()
    boss.get_by_test_id("ruling-lead").click()
    boss.get_by_role("option", name="供电局").first.click()
    boss.get_by_test_id("ruling-minutes").fill("两家到场，查阅竣工图")
    boss.get_by_test_id("ruling-basis").fill("2012 年由供电局敷设")
    boss.get_by_test_id("ruling-submit").click()
    expect(boss.get_by_test_id("study-ruling")).to_contain_text("裁定由供电局主办")
    boss.get_by_test_id("proposal-accept").click()
    expect(boss.locator("[data-testid=proposal][data-state=accepted]")).to_contain_text("已纳入")


async def with_points(db: Connection) -> None:
    """W-001 earned four points this month, and one was taken back."""
    await add_person(db, "supervisor", Role.SUPERVISOR, None)
    now = datetime.now(UTC)
    await carry_out(db, now, import_workers, WORKERS.encode())
    insert = (
        "INSERT INTO points_entry (entry_no, journal_id, worker_id, kind, points, full_points,"
        " balance_before, balance_after, at, day, period, rules_version) VALUES"
        " (%s, 1, 'W-001', %s, %s, %s, %s, %s, %s, %s, '2025-08', 0)"
    )
    for number, (kind, points, before) in enumerate(
        [("report", 3, 0), ("first_reporter", 1, 3), ("reversal", -1, 4)], start=1
    ):
        facts = (number, kind, points, points, before, before + points, now, now.date())
        await db.execute(insert, facts)


def test_a_supervisor_reads_a_ledger_and_closes_and_pays_a_month(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    desk.run(with_points)
    boss = log_in(open_page(), desk, "supervisor", "/supervision/points")
    boss.get_by_test_id("points-month").fill("2025-08")
    boss.get_by_test_id("points-month").press("Tab")
    row = boss.locator("[data-worker=W-001]")
    expect(row.locator("td").nth(2)).to_have_text("3")
    row.get_by_role("button").click()
    expect(boss.get_by_test_id("points-entry")).to_have_count(3)
    expect(boss.get_by_test_id("points-entry").first).to_contain_text("4 → 3")

    boss.get_by_test_id("points-periods").first.click()
    month = boss.locator("[data-period='2025-08']")
    month.get_by_test_id("points-close").click()
    boss.locator(".el-message-box .el-button--primary").click()
    month.get_by_test_id("points-pay").click()
    boss.locator(".el-message-box .el-button--primary").click()
    expect(boss.locator("[data-period='2025-08'][data-state=paid]")).to_be_visible()
