"""The queue of the dispatch page is searched, narrowed, sorted, kept, and worked on in batches."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.test_pages import LAT, LON, Desk, choose, desk, log_in, pytestmark

__all__ = ["desk", "pytestmark"]


def file_dispute(page: Page, desk: Desk, number: int) -> None:
    answer = page.request.post(
        f"{desk.url}/api/cases",
        headers={"X-Requested-With": "patrolhub"},
        data={
            "item_key": "property_dispute",
            "cond_key": "dispute",
            "place": {"lon": LON + number * 0.01, "lat": LAT, "error_m": 3},
            "text": f"第{number}处",
        },
    )
    assert answer.status == 201, answer.text()


def test_the_queue_is_narrowed_by_the_hub_and_keeps_its_filter_when_cases_come(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    page = open_page()
    log_in(page, desk, "/")
    queue = page.get_by_test_id("case-queue")
    rows = queue.locator("[data-testid^=case-row-]")
    expect(page.get_by_test_id("queue-empty")).to_contain_text("没有在办案件")
    for number in range(2):
        file_dispute(page, desk, number)
    expect(rows).to_have_count(2)

    page.keyboard.press("/")
    page.keyboard.type("第1处")
    expect(page.get_by_test_id("queue-total")).to_contain_text("共 1 件")
    page.keyboard.press("Enter")
    expect(rows.first).to_have_attribute("aria-current", "true")
    page.get_by_test_id("queue-clear").click()
    expect(rows).to_have_count(2)

    page.get_by_test_id("queue-filters").click()
    choose(page, "filter-severity", "高")
    page.keyboard.press("Escape")
    page.get_by_test_id("queue-filters").click()
    expect(page.get_by_test_id("queue-empty")).to_contain_text("2 件在办案件被筛选条件隐藏")
    page.get_by_test_id("saved-filters").click()
    page.get_by_test_id("filter-name").fill("高风险")
    page.get_by_test_id("filter-save").click()
    expect(page.locator(".el-message").last).to_contain_text("已保存“高风险”")
    file_dispute(page, desk, 2)
    expect(page.get_by_test_id("queue-empty")).to_contain_text("3 件在办案件被筛选条件隐藏")
    page.get_by_test_id("queue-clear").click()
    expect(rows).to_have_count(3)
    page.get_by_test_id("saved-filters").click()
    page.get_by_test_id("filter-高风险").click()
    expect(rows).to_have_count(0)
    page.get_by_test_id("queue-clear").click()

    choose(page, "queue-sort", "立案时间")
    newest = rows.first.get_attribute("data-testid")
    page.get_by_test_id("queue-way").click()
    expect(rows.last).to_have_attribute("data-testid", str(newest))

    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_test_id("queue-choose-all").click()
    page.get_by_test_id("batch-claim").click()
    expect(page.get_by_test_id("batch-result")).to_contain_text("3 件已办，0 件未办")
