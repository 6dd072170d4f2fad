"""Administration in the console: the catalogue, the import of a district's list, and the calendar."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from hub.accounts import create_account
from hub.accounts.account import Role
from hub.clock import local_date
from hub.db import Connection
from tests.e2e import test_pages
from tests.e2e.test_pages import PASSWORD, Desk
from tests.use_cases import carry_out

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

desk = test_pages.desk

ROWS = [
    ["沾益区确权清单（2025 版）"],
    ["代码", "事项名称", "情形", "责任单位", "处置时限"],
    [1, "井盖", "市政井盖破损", "住房和城乡建设局", "4工作时"],
    ["03", "流动摊贩", "占道", "属地", "1紧急工作时制止"],
    [4, "路灯", "不亮", "住房和城乡建设局", "尽快"],
]


def district_list(path: Path, *, limit: str) -> Path:
    """A list as a district has it, the last row with the limit given."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, openpyxl.worksheet.worksheet.Worksheet)
    sheet.title = "部件"
    for row in [*ROWS[:-1], [*ROWS[-1][:-1], limit]]:
        sheet.append(row)
    sheet.merge_cells("A1:E1")
    book.save(path)
    return path


@pytest.fixture
def admin(open_page: Callable[[], Page], desk: Desk) -> Page:
    async def made(db: Connection) -> None:
        await carry_out(
            db,
            datetime.now(UTC),
            create_account,
            username="keeper",
            name="Keeper",
            role=Role.ADMIN,
            unit_key=None,
            password=PASSWORD,
        )

    desk.run(made)
    page = open_page()
    page.goto(f"{desk.url}/login?to=/admin")
    page.get_by_test_id("login-username").fill("keeper")
    page.get_by_test_id("login-password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()
    return page


def test_the_catalogue_is_searched_and_an_item_shown(admin: Page) -> None:
    table = admin.get_by_test_id("catalogue-table")
    expect(table).to_contain_text("井盖")
    admin.get_by_test_id("catalogue-search").fill("爆管")

    table.get_by_text("供水管道").click()

    item = admin.get_by_test_id("catalogue-item")
    expect(item).to_contain_text("围挡警示")
    expect(item).to_contain_text("3 紧急工作时")
    expect(item).to_contain_text("恢复路面")
    with admin.expect_download() as download:
        admin.get_by_test_id("catalogue-export").click()
        admin.get_by_text("导出为 XLSX").click()
    assert download.value.suggested_filename.endswith(".xlsx")


def test_a_list_is_tried_its_names_confirmed_and_imported(admin: Page, tmp_path: Path) -> None:
    admin.get_by_test_id("nav-catalogue-import").click()
    bad = district_list(tmp_path / "bad.xlsx", limit="尽快")
    admin.get_by_test_id("import-file").set_input_files(bad)

    expect(admin.get_by_test_id("import-bad")).to_contain_text("部件!E5")
    expect(admin.get_by_test_id("import-bad")).to_contain_text("尽快")
    expect(admin.get_by_test_id("import-names")).to_contain_text("属地")
    expect(admin.get_by_test_id("import-confirm")).to_be_disabled()

    good = district_list(tmp_path / "good.xlsx", limit="2天")
    admin.get_by_test_id("import-file").set_input_files(good)
    names = admin.get_by_test_id("import-names")
    expect(admin.get_by_test_id("import-bad")).to_contain_text("部件!D4")
    names.locator(".el-select").click()
    admin.locator(".el-select-dropdown:visible li").filter(has_text="属地").first.click()
    admin.get_by_test_id("import-again").click()
    changes = admin.get_by_test_id("catalogue-changes")
    expect(changes.locator("[data-changed=manhole_cover]")).to_contain_text("时限")
    expect(changes.locator("[data-added]")).to_have_count(1)
    admin.get_by_test_id("import-confirm").click()
    admin.locator(".el-message-box").get_by_role("button", name="导入为新版本").click()

    expect(admin.get_by_test_id("import-summary")).to_contain_text("第 2 版")
    admin.get_by_test_id("nav-catalogue").click()
    admin.get_by_test_id("catalogue-versions-open").click()
    expect(admin.get_by_test_id("catalogue-versions")).to_contain_text("good.xlsx")
    expect(admin.get_by_role("dialog")).to_contain_text("流动摊贩")


def test_a_day_is_edited_after_it_is_shown_what_would_move(admin: Page) -> None:
    today = local_date(datetime.now(UTC))
    day = today.replace(day=1) + timedelta(days=14)
    admin.get_by_test_id("nav-calendar").click()
    cell = admin.locator(f"[data-day='{day}']")
    worked = cell.get_attribute("data-workday")

    cell.click()
    expect(admin.get_by_test_id("moved-deadlines")).to_contain_text("没有期限变动")
    admin.get_by_test_id("day-note").fill("防汛")
    admin.get_by_test_id("day-save").click()

    expect(cell).to_have_attribute("data-workday", "false" if worked == "true" else "true")
    expect(cell).to_have_attribute(
        "title", f"{day} · {'休息日' if worked == 'true' else '工作日'} · 防汛 · keeper 修改"
    )
    admin.get_by_test_id("year-after").click()
    expect(admin.get_by_test_id("calendar-year")).to_have_text(str(today.year + 1))


def test_a_list_of_days_is_tried_and_imported(admin: Page, tmp_path: Path) -> None:
    year = local_date(datetime.now(UTC)).year
    days = tmp_path / "days.csv"
    days.write_bytes(f"日期,是否工作日,备注\n{year}-03-14,否,检修\n".encode("gbk"))
    admin.get_by_test_id("nav-calendar").click()
    admin.get_by_test_id("calendar-file").set_input_files(days)

    expect(admin.get_by_test_id("calendar-tried")).to_contain_text("共 1 天")
    admin.get_by_test_id("calendar-import").click()
    admin.locator(".el-message-box").get_by_role("button", name="导入").click()

    cell = admin.locator(f"[data-day='{year}-03-14']")
    expect(cell).to_have_attribute("data-workday", "false")


def test_who_keeps_no_catalogue_reads_it_only(open_page: Callable[[], Page], desk: Desk) -> None:
    page = open_page()
    test_pages.log_in(page, desk, "/admin")
    expect(page.get_by_test_id("catalogue-table")).to_contain_text("井盖")
    expect(page.get_by_test_id("nav-catalogue-import")).to_have_count(0)
    page.get_by_test_id("nav-calendar").click()
    expect(page.get_by_text("日历由系统管理员维护")).to_be_visible()
    expect(page.get_by_test_id("calendar-file")).to_have_count(0)
