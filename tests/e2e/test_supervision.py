"""Supervision in the console: the ladder, letters and their answers, the lists and the digest."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from hub.accounts import create_account
from hub.accounts.account import Role
from hub.cases.commands import flag_overdue
from hub.db import Connection
from hub.supervision.ladder.commands import climb_ladder
from tests.e2e.test_pages import PASSWORD, Desk, desk
from tests.use_cases import carry_out

__all__ = ["desk"]
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


async def late_case(db: Connection) -> str:
    """A case that is long overdue, with all that the ladder has done; returns its number."""
    now = datetime.now(UTC)
    for name, role, unit in (
        ("supervisor", Role.SUPERVISOR, None),
        ("handler", Role.UNIT_HANDLER, "housing_bureau"),
    ):
        account = {"username": name, "name": name.title(), "role": role, "unit_key": unit}
        await carry_out(db, now, create_account, password=PASSWORD, **account)
    await db.execute(
        "INSERT INTO cases (case_no, state, item_key, cond_key, catalogue_version, severity, lon,"
        " lat, error_m, dedup_key, occurred_at, last_seen_at, filed_at, filed_by, text, lead_unit,"
        " territory_unit, routed_at, limit_type, limit_value, policy, due_at)"
        " VALUES ('530303-20250807-0001', 'HANDLING', 'manhole_cover', 'broken', 1, 'high', 103.82,"
        " 25.6, 5, 'k', %(at)s, %(at)s, %(at)s, 'system:test', '玉林北路井盖破损', 'housing_bureau',"
        " 'village_001', %(at)s, 'work_day', 2, 'accumulate', %(due)s)",
        {"at": now - timedelta(days=30), "due": now - timedelta(days=20)},
    )
    for sweep in (flag_overdue, climb_ladder):
        await carry_out(db, now, sweep)
    return "530303-20250807-0001"


def log_in(page: Page, desk: Desk, username: str, to: str) -> Page:
    page.goto(f"{desk.url}/login?to={to}")
    page.get_by_test_id("login-username").fill(username)
    page.get_by_test_id("login-password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()
    return page


def say(page: Page, text: str) -> None:
    """Answer the question of a message box."""
    page.locator(".el-message-box textarea").fill(text)
    page.locator(".el-message-box .el-button--primary").click()


def test_letters_go_from_the_ladder_to_the_unit_and_back(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    case_no = desk.run(late_case)
    supervisor = log_in(open_page(), desk, "supervisor", "/supervision/ladder")
    expect(supervisor.get_by_test_id("ladder-steps").locator("li")).to_have_count(5)
    expect(supervisor.get_by_test_id("ladder-cases")).to_contain_text(case_no)
    supervisor.get_by_test_id("nav-letters").click()
    expect(supervisor.get_by_test_id("letters")).to_contain_text("督办函")
    supervisor.get_by_test_id("new-letter").click()
    supervisor.get_by_test_id("letter-case").fill(case_no)
    supervisor.get_by_test_id("letter-order-text").fill("今天完成更换")
    supervisor.get_by_test_id("letter-issue").click()
    expect(supervisor.get_by_test_id("letter-no")).to_contain_text("督办单")
    paper = supervisor.frame_locator("[data-testid=letter-paper]")
    expect(paper.locator("body")).to_contain_text("今天完成更换")

    unit = log_in(open_page(), desk, "handler", "/letters")
    unit.get_by_test_id("letter-receive").click()
    expect(unit.get_by_test_id("letter-state")).to_have_text("已签收")
    unit.get_by_test_id("letter-text").fill("已更换井盖")
    unit.get_by_test_id("letter-send").click()
    expect(unit.get_by_test_id("letter-answer")).to_contain_text("已更换井盖")

    supervisor.get_by_test_id("letters").get_by_text("督办函").first.click()
    supervisor.get_by_test_id("letter-recall").click()
    say(supervisor, "误发")
    expect(supervisor.get_by_test_id("letter-state")).to_have_text("已撤回")
    expect(paper.locator(".recalled")).to_contain_text("误发")


def plan_a_matter(page: Page) -> None:
    """Set the plan of the matter that is shown, and give it another tier, leader and rhythm."""
    page.get_by_test_id("plan-edit").click()
    page.get_by_test_id("plan-member").fill("工会主席")
    page.get_by_test_id("plan-duty").fill("调解")
    page.get_by_test_id("plan-save").click()
    expect(page.get_by_test_id("plan-trouble")).to_contain_text("请填写要达到的目标")
    page.get_by_test_id("plan-goal").fill("两期付清")
    page.get_by_test_id("plan-save").click()
    expect(page.get_by_test_id("plan-shown")).to_have_text("两期付清")
    expect(page.get_by_test_id("plan-members")).to_have_text("工会主席（调解）")
    page.get_by_test_id("matter-change").click()
    page.get_by_test_id("tier-choice").click()
    page.get_by_role("option", name="高", exact=True).click()
    page.get_by_test_id("tier-leader").fill("区领导")
    page.get_by_test_id("tier-days").locator("input").fill("3")
    page.get_by_test_id("tier-reason").fill("当事人多次上访")
    page.get_by_test_id("tier-save").click()
    expect(page.get_by_test_id("matter")).to_contain_text("责任领导：区领导")
    expect(page.get_by_test_id("matter")).to_contain_text("每 3 天")


def test_matters_are_followed_and_weeks_and_days_are_read(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    case_no = desk.run(late_case)
    page = log_in(open_page(), desk, "supervisor", "/supervision/lists")
    page.get_by_test_id("add-matter").click()
    page.get_by_test_id("matter-case").fill(case_no)
    page.get_by_test_id("matter-leader").fill("分管领导")
    page.get_by_test_id("matter-save").click()
    expect(page.get_by_test_id("matter")).to_contain_text("责任领导：分管领导")
    page.get_by_test_id("step-text").fill("付第一期")
    page.get_by_test_id("step-day").fill("2030-01-31")
    page.get_by_test_id("step-add").click()
    expect(page.get_by_test_id("matters")).to_contain_text("0/1")
    page.get_by_test_id("matter-review").click()
    say(page, "双方已见面")
    expect(page.get_by_test_id("matter")).to_contain_text("双方已见面")
    plan_a_matter(page)

    page.get_by_test_id("list-weekly").click()
    page.get_by_test_id("weekly-generate").click()
    expect(page.get_by_test_id("weekly")).to_contain_text("超期")
    page.get_by_test_id("weekly-rule").click()
    say(page, "由住建局牵头")
    expect(page.get_by_test_id("weekly")).to_contain_text("由住建局牵头")

    page.get_by_test_id("nav-digest").click()
    expect(page.get_by_test_id("digest")).to_contain_text("当天没有导入警情数据")
    csv = (
        f"day,source,unit,count\n{page.get_by_test_id('digest-day').input_value()},信访,town_01,3\n"
    )
    page.get_by_test_id("counts-file").set_input_files(
        {"name": "counts.csv", "mimeType": "text/csv", "buffer": csv.encode()}
    )
    expect(page.get_by_test_id("digest")).not_to_contain_text("没有导入信访数据")
