"""Each role logs in, sees its own console, and is told plainly that another page isn't for it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from hub.accounts import Role, create_account
from hub.accounts.scope import Scope
from hub.db import Connection
from tests.e2e.test_pages import PASSWORD, Desk, desk
from tests.use_cases import carry_out

__all__ = ["desk"]
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

PAGES = ["dispatch", "waiting", "cases", "devices", "supervision", "admin", "audit"]
CONSOLES = {
    Role.VIEWER: PAGES[:6],
    Role.SEAT_OPERATOR: PAGES[:6],
    Role.DISPATCHER: PAGES[:6],
    Role.SUPERVISOR: PAGES[:6],
    Role.ADMIN: PAGES[:6],
    Role.UNIT_HANDLER: ["dispatch", "cases"],
    Role.AUDITOR: ["audit"],
}


def add_people(desk: Desk) -> None:
    async def added(db: Connection) -> None:
        for role in Role:
            unit = "housing_bureau" if role is Role.UNIT_HANDLER else None
            scope = Scope.parse("territory:village_001") if role is Role.VIEWER else None
            name, now = f"the-{role}".replace("_", "-"), datetime.now(UTC)
            await carry_out(db, now, create_account, name, role, role, unit, PASSWORD, scope=scope)

    desk.run(added)


def log_in(page: Page, desk: Desk, role: Role, to: str = "") -> None:
    page.goto(f"{desk.url}/login" + (f"?to={to}" if to else ""))
    page.get_by_test_id("login-username").fill(f"the-{role}".replace("_", "-"))
    page.get_by_test_id("login-password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()


def test_every_role_sees_its_own_console(open_page: Callable[[], Page], desk: Desk) -> None:
    add_people(desk)
    for role, pages in CONSOLES.items():
        page = open_page()
        log_in(page, desk, role)
        expect(page.get_by_test_id("account-name")).to_have_text(role)
        for name in PAGES:
            tab = page.get_by_test_id(f"nav-{name}")
            expect(tab).to_have_count(1 if name in pages else 0)
        page.goto(f"{desk.url}/admin/accounts")
        if role is Role.ADMIN:
            expect(page.get_by_test_id("accounts-table")).to_be_visible()
        else:
            expect(page.get_by_test_id("not-for-you")).to_contain_text("您的角色不使用本页面")
        page.goto(f"{desk.url}/supervision/points")
        if role in (Role.SUPERVISOR, Role.ADMIN):
            expect(page.get_by_test_id("nav-points")).to_be_visible()
        else:
            expect(page.get_by_test_id("not-for-you")).to_contain_text("您的角色不使用本页面")
        page.close()


def test_an_administrator_makes_an_account_changes_it_and_disables_it(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    add_people(desk)
    page = open_page()
    log_in(page, desk, Role.ADMIN)
    page.get_by_test_id("account-create").click()
    page.get_by_test_id("account-submit").click()
    expect(page.get_by_test_id("account-trouble")).to_contain_text("请填写用户名、姓名和密码")
    page.get_by_test_id("account-username").fill("seat-09")
    page.get_by_test_id("account-name-field").fill("座席员 09")
    page.get_by_test_id("account-generate").click()
    page.get_by_test_id("account-submit").click()
    panel = page.get_by_test_id("account-panel")
    expect(panel).to_contain_text("座席员 09")

    panel.get_by_test_id("account-scope").click()
    page.locator(".el-select-dropdown:visible li").filter(has_text="属地及下级").click()
    panel.get_by_test_id("account-unit").click()
    page.locator(".el-select-dropdown:visible li").filter(has_text="玉林社区").click()
    panel.get_by_test_id("account-save").click()
    expect(page.get_by_test_id("accounts-table")).to_contain_text("玉林社区（属地及下级）")

    panel.get_by_test_id("account-disable").click()
    page.locator(".el-message-box__btns .el-button--primary").click()
    expect(page.get_by_test_id("accounts-table")).to_contain_text("已停用")
    panel.get_by_test_id("account-enable").click()
    expect(panel.get_by_test_id("account-disable")).to_be_visible()


def test_the_auditor_sees_who_looked_at_what(open_page: Callable[[], Page], desk: Desk) -> None:
    add_people(desk)
    supervisor = open_page()
    log_in(supervisor, desk, Role.SUPERVISOR, "/devices")
    expect(supervisor.get_by_test_id("account-name")).to_be_visible()
    supervisor.evaluate("fetch('/api/telemetry/tracks/T-0001?day=2025-08-07')")
    auditor = open_page()
    log_in(auditor, desk, Role.AUDITOR)
    table = auditor.get_by_test_id("audit-table")
    expect(table).to_contain_text("设备 T-0001")
    expect(table).to_contain_text("/devices")
    auditor.get_by_test_id("audit-subject").fill("T-9999")
    expect(table).not_to_contain_text("T-0001")
