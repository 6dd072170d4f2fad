"""What supervisors keep as data: score sheets, the ladder, policies of AI quality, grid workers."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_indicators_page import counted
from tests.e2e.test_pages import Desk, desk
from tests.e2e.test_supervision import late_case, log_in

__all__ = ["desk"]
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


@pytest.fixture
def boss(open_page: Callable[[], Page], desk: Desk) -> Page:
    """A supervisor before the indicators, with a case that is long overdue."""
    desk.run(late_case)
    return log_in(open_page(), desk, "supervisor", "/supervision/indicators")


def write_anew(page: Page, before: str, after: str, reason: str) -> None:
    """Change the text that is imported, compare it, and import it with a reason."""
    body = page.get_by_test_id("text-body")
    body.fill(body.input_value().replace(before, after))
    expect(page.get_by_test_id("text-send")).to_be_disabled()
    page.get_by_test_id("text-try").click()
    expect(page.get_by_test_id("text-report")).to_be_visible()
    page.get_by_test_id("text-reason").fill(reason)
    page.get_by_test_id("text-send").click()


def test_units_are_scored_and_a_sheet_gets_another_version(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    desk.run(counted)
    boss = log_in(open_page(), desk, "supervisor", "/supervision/scores")
    boss.get_by_test_id("period-all").click()
    row = boss.get_by_test_id("scored-unit").locator("[data-key=housing_bureau]")
    expect(row.get_by_test_id("grade")).to_be_visible()
    with boss.expect_download() as download:
        boss.get_by_test_id("scores-xlsx").click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    assert any(str(cell.value).startswith("=") for cell in [*book.worksheets[0].rows][-1])
    row.get_by_role("button").click()
    expect(boss.get_by_test_id("counted-cases")).to_contain_text("530303-0001")
    boss.keyboard.press("Escape")

    boss.get_by_test_id("scores-terms").click()
    expect(boss.get_by_test_id("score-terms")).to_contain_text("20 × (1 − 返工率)")
    boss.get_by_test_id("sheet-import").click()
    boss.get_by_test_id("text-body").fill("sheet_key: handling\nparts: none")
    boss.get_by_test_id("text-try").click()
    expect(boss.get_by_test_id("text-trouble")).to_contain_text("parts")
    boss.get_by_role("button", name="恢复现行文本").click()
    write_anew(boss, "weight: 30.0", "weight: 40.0", "区委要求")
    expect(boss.get_by_test_id("score-terms")).to_contain_text("40 × 处置率")
    boss.get_by_test_id("scores-versions").click()
    expect(boss.get_by_test_id("sheet-versions")).to_contain_text("区委要求")


def test_the_ladder_is_changed_and_its_announcements_are_read(boss: Page) -> None:
    boss.get_by_test_id("nav-ladder").click()
    boss.get_by_test_id("ladder-notices").click()
    boss.get_by_test_id("notice-kind").click()
    boss.get_by_role("option", name="通报", exact=True).click()
    table = boss.locator("table[data-testid=ladder-notices]")
    expect(table.locator("tbody tr")).to_have_count(1)
    expect(table).to_contain_text("督办员")

    boss.get_by_test_id("ladder-data").click()
    expect(boss.get_by_test_id("ladder-table")).to_contain_text("时限用到 80%")
    boss.get_by_test_id("ladder-import").click()
    write_anew(boss, "share_of_limit: 0.8", "share_of_limit: 0.7", "提前提醒")
    expect(boss.get_by_test_id("ladder-table")).to_contain_text("时限用到 70%")
    expect(boss.get_by_test_id("ladder-versions")).to_contain_text("提前提醒")


def test_a_policy_is_changed_with_a_reason(boss: Page) -> None:
    boss.get_by_test_id("nav-quality").click()
    boss.get_by_test_id("policies-open").click()
    boss.get_by_test_id("policy-edit-high").click()
    boss.get_by_test_id("policy-precision").locator("input").fill("91.5")
    boss.get_by_test_id("policy-save").click()
    expect(boss.get_by_test_id("policy-trouble")).to_contain_text("请写明修改理由")
    boss.get_by_test_id("policy-reason").fill("误报过多")
    boss.get_by_test_id("policy-save").click()
    expect(boss.locator("[data-severity=high]")).to_contain_text("91.5%")
    expect(boss.get_by_test_id("policy-history")).to_contain_text("误报过多")


def test_grid_workers_are_added_imported_and_hold_terminals(boss: Page) -> None:
    boss.get_by_test_id("nav-admin").click()
    boss.get_by_test_id("nav-people").click()
    boss.get_by_test_id("people-add").click()
    boss.get_by_test_id("worker-id").fill("W-001")
    boss.get_by_test_id("worker-save").click()
    expect(boss.get_by_test_id("worker-trouble")).to_contain_text("请填写姓名")
    boss.get_by_test_id("worker-name").fill("网格员 001")
    boss.get_by_test_id("worker-phone").fill("13800000001")
    boss.get_by_test_id("worker-save").click()
    table = boss.get_by_test_id("people-table")
    expect(table).to_contain_text("138****0001")
    boss.get_by_test_id("worker-reveal").click()
    expect(boss.get_by_test_id("worker-phone")).to_have_value("13800000001")
    boss.get_by_test_id("worker-terminal-choice").click()
    boss.get_by_role("option", name="T-0001").click()
    boss.get_by_test_id("worker-assign").click()
    expect(boss.get_by_test_id("worker-terminal")).to_contain_text("T-0001")

    boss.get_by_test_id("people-import").click()
    bad = "编号,姓名,村\nW-002,网格员 002,无此村\n".encode("gbk")
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": bad}
    boss.get_by_test_id("worker-file").set_input_files(file)
    expect(boss.get_by_test_id("worker-import-bad")).to_contain_text("C2")
    file["buffer"] = "编号,姓名,村\nW-002,网格员 002,玉林社区\n".encode("gbk")
    boss.get_by_test_id("worker-file").set_input_files(file)
    boss.get_by_test_id("worker-import-send").click()
    expect(table).to_contain_text("网格员 002")
    boss.get_by_test_id("people-search").fill("002")
    expect(table).not_to_contain_text("网格员 001")
