"""The page of indicators: from a rate to its trend, from a number to its cases, and to a publication."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from hub.accounts import create_account
from hub.accounts.account import Role
from hub.db import Connection
from hub.indicators.keeping import keep_up_fully
from hub.journal import append_all
from tests.e2e.test_pages import (
    PASSWORD,
    Desk,
    desk,  # noqa: F401 - a fixture
)
from tests.journal_lives import CaseLife
from tests.use_cases import carry_out

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


async def counted(db: Connection) -> None:
    """Two cases of this month, one of them overdue, and a supervisor."""
    now = datetime.now(UTC)
    late = CaseLife(1, now - timedelta(hours=2)).file().route(days=0.04)
    good = CaseLife(2, now - timedelta(hours=2)).file().route(days=0.05).sign().feed_back().close()
    for life in (late, good):
        await append_all(db, life.entries)
    await carry_out(db, now, keep_up_fully)
    await carry_out(
        db,
        now,
        create_account,
        username="supervisor",
        name="Supervisor",
        role=Role.SUPERVISOR,
        unit_key=None,
        password=PASSWORD,
    )


def test_a_number_opens_its_cases_and_a_period_is_published(
    desk: Desk,  # noqa: F811
    open_page: Callable[[], Page],
) -> None:
    desk.run(counted)
    page = open_page()
    page.goto(f"{desk.url}/supervision/indicators?period=all")
    page.get_by_test_id("login-username").fill("supervisor")
    page.get_by_test_id("login-password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("rate-closing_in_time")).to_contain_text("50.00%")
    page.get_by_test_id("count-overdue_unhandled").click()
    cases = page.get_by_test_id("counted-cases")
    expect(cases).to_contain_text("530303-0001")
    expect(cases).not_to_contain_text("530303-0002")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("indicators-ranking")).to_contain_text("住房和城乡建设局")
    expect(page.locator("canvas")).to_have_count(2)
    with page.expect_download() as downloaded:
        page.get_by_test_id("export-xlsx").click()
    assert downloaded.value.suggested_filename.endswith(".xlsx")
    page.get_by_test_id("indicators-item").click()
    page.keyboard.type("jg")
    page.get_by_role("option", name="井盖", exact=True).click()
    expect(page.get_by_test_id("publish")).to_have_count(0)
    page.get_by_test_id("indicators-clear").click()
    page.get_by_test_id("publish").click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_test_id("publications")).to_contain_text("v1")
    page.get_by_test_id("locale-switch").click()
    expect(page.get_by_test_id("rate-closing_in_time")).to_contain_text("Closed in time")
