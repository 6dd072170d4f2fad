"""A case is filed by hand in under twenty seconds, and found again in the list."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from hub.db import Connection
from tests.e2e.test_pages import LAT, LON, Desk, choose, desk, log_in, pytestmark
from tests.integration.api.conftest import jpeg

__all__ = ["desk", "pytestmark"]

FILED_WITHIN_S = 20
KEY_S, POINT_S, THINK_S = 0.2, 1.2, 1.35
"""The keystroke-level model: what a person used to typing needs for a key, a click, a decision."""


def say_what_and_where(page: Page) -> None:
    """By the keyboard alone: the item by the first letters of its pinyin, the place by its asset."""
    options = page.locator(".el-select-dropdown:visible li")
    expect(page.get_by_test_id("filing")).to_have_count(0)
    page.keyboard.press("f")
    expect(page.locator("[data-testid=filing-matter] input")).to_be_focused()
    page.keyboard.type("jg sdyx")
    expect(options.filter(has_text="井盖").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("[data-testid=filing-place] input")).to_be_focused()
    page.keyboard.type("A-0172")
    expect(options.first).to_contain_text("A-0172")
    page.keyboard.press("Enter")


def test_a_case_is_filed_by_hand_in_under_twenty_seconds_and_a_second_one_joins_it(
    open_page: Callable[[], Page],
    desk: Desk,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    photo = tmp_path / "cover.jpg"
    photo.write_bytes(jpeg(1))
    page = open_page()
    log_in(page, desk, "/cases")
    expect(page.get_by_test_id("cases-table")).to_be_visible()

    began = time.monotonic()
    keys = len("f") + len("jg sdyx") + 1 + len("A-0172") + 1 + len("zhangsan") + len("13800005678")
    clicks, decisions = (
        3,
        5,
    )  # the source, the photo, the button; what, where, who, the photo, sending
    say_what_and_where(page)
    expect(page.get_by_test_id("filing-nearby")).to_contain_text("附近没有未结案件")
    choose(page, "filing-source", "热线")
    page.get_by_test_id("filing-name").fill("张三")
    page.get_by_test_id("filing-contact").fill("13800005678")
    page.get_by_test_id("filing-text").fill("车过有响声")
    page.locator("[data-testid=filing] input[type=file]").set_input_files(photo)
    expect(page.locator("[data-testid=filing] .picker img").first).to_be_visible()
    page.get_by_test_id("filing-submit").click()
    expect(page).to_have_url(re.compile(r"/cases/1$"))
    by_hand_s = keys * KEY_S + clicks * POINT_S + decisions * THINK_S
    record_property("by_hand_s", round(by_hand_s, 1))
    record_property("driven_s", round(time.monotonic() - began, 1))
    assert by_hand_s < FILED_WITHIN_S

    case = page.get_by_test_id("case-page")
    expect(case).to_contain_text("住房和城乡建设局")
    expect(page.get_by_test_id("case-state")).to_have_attribute("data-state", "ROUTED")

    say_what_and_where(page)
    expect(page.get_by_test_id("nearby-1")).to_contain_text("同一事项")
    page.get_by_test_id("join-1").click()
    expect(page.locator(".el-message").last).to_contain_text("已并入")


def test_what_was_closed_here_lately_is_reopened_unless_a_new_case_is_wanted(
    open_page: Callable[[], Page], desk: Desk, tmp_path: Path
) -> None:
    photo = tmp_path / "cover.jpg"
    photo.write_bytes(jpeg(1))
    page = open_page()
    log_in(page, desk, "/cases")
    expect(page.get_by_test_id("cases-table")).to_be_visible()

    def file() -> None:
        say_what_and_where(page)
        page.locator("[data-testid=filing] input[type=file]").set_input_files(photo)
        expect(page.locator("[data-testid=filing] .picker img").first).to_be_visible()

    file()
    page.get_by_test_id("filing-submit").click()
    expect(page).to_have_url(re.compile(r"/cases/1$"))
    desk.run(close_all)
    file()
    offer = page.get_by_test_id("filing-reopens")
    expect(offer).to_contain_text("重新立案")
    expect(page.get_by_test_id("filing-reopen")).to_be_checked()
    if shots := os.environ.get("SIG_SHOTS"):
        page.screenshot(path=f"{shots}/reopen.png")
    page.get_by_test_id("filing-submit").click()
    expect(page.locator(".el-message").last).to_contain_text("已重新立案")
    expect(page).to_have_url(re.compile(r"/cases/1$"))

    desk.run(close_all)
    file()
    page.get_by_test_id("filing-anew").check()
    page.get_by_test_id("filing-submit").click()
    expect(page).to_have_url(re.compile(r"/cases/2$"))


async def close_all(db: Connection) -> None:
    await db.execute("UPDATE cases SET state = 'CLOSED', closed_at = now() - interval '1 second'")


def test_the_list_is_narrowed_kept_and_worked_on_in_batches(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    page = open_page()
    log_in(page, desk, "/cases")
    expect(page.get_by_test_id("cases-table")).to_be_visible()
    for number in range(2):
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
    expect(page.get_by_test_id("cases-total")).to_contain_text("共 2 件")

    page.get_by_test_id("cases-search").fill("第1处 物业")
    expect(page.get_by_test_id("cases-total")).to_contain_text("共 1 件")
    page.get_by_test_id("cases-search").fill("")
    page.get_by_test_id("more-filters").click()
    choose(page, "filter-severity", "高")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("cases-total")).to_contain_text("共 0 件")
    expect(page).to_have_url(re.compile("severity=high"))

    page.get_by_test_id("saved-filters").click()
    page.get_by_test_id("filter-name").fill("高风险")
    page.get_by_test_id("filter-save").click()
    expect(page.locator(".el-message").last).to_contain_text("已保存“高风险”")
    page.get_by_test_id("filter-reset").click()
    expect(page.get_by_test_id("cases-total")).to_contain_text("共 2 件")
    page.get_by_test_id("saved-filters").click()
    page.get_by_test_id("filter-高风险").click()
    expect(page.get_by_test_id("cases-total")).to_contain_text("共 0 件")
    page.get_by_test_id("filter-reset").click()
    expect(page.get_by_test_id("cases-total")).to_contain_text("共 2 件")
    with page.expect_download() as download:
        page.get_by_test_id("export-csv").click()
    assert download.value.suggested_filename.endswith(".csv")
    assert Path(download.value.path()).read_text("utf-8-sig").count("\n") == 4

    page.locator("thead .el-checkbox").click()
    page.get_by_test_id("batch-claim").click()
    expect(page.get_by_test_id("batch-result")).to_contain_text("2 件已办，0 件未办")
    page.keyboard.press("Escape")
    choose(page, "filter-owner", "我跟进的")
    expect(page.get_by_test_id("cases-total")).to_contain_text("共 2 件")
