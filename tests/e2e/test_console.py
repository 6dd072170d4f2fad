"""The story as people see it: a dispatcher and a unit's handler at their consoles, in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from deploy.local.api_user import ApiUser, logged_in
from deploy.local.stack import DemoAccount, Options, Stack, running
from tests.waiting import until_sync

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def log_in(page: Page, stack: Stack, account: DemoAccount) -> None:
    page.goto(stack.url)
    page.get_by_test_id("login-username").fill(account.username)
    page.get_by_test_id("login-password").fill(account.password)
    page.get_by_test_id("login-submit").click()


def test_a_detection_becomes_a_closed_case_before_the_dispatchers_eyes(
    open_page: Callable[[], Page], built_console: Path
) -> None:
    with running(Options(terminals=12)) as stack:
        dispatcher, handler = open_page(), open_page()
        log_in(dispatcher, stack, stack.accounts["dispatcher"])
        loads = count_loads(dispatcher)
        stack.start_devices()
        account = stack.accounts["dispatcher"]
        with logged_in(stack.url, account.username, account.password) as person:
            case_id = appears_without_a_reload(dispatcher, loads)
            shows_evidence_and_why(dispatcher)
            a_guard_accepts(dispatcher, person, case_id)
            video_plays(dispatcher)
            log_in(handler, stack, stack.accounts["housing"])
            signs(handler, case_id)
            photo = is_repaired(dispatcher, person, case_id)
            feeds_back(handler, photo)
            is_closed(dispatcher)
            assert loads() == 0


def count_loads(page: Page) -> Callable[[], int]:
    loads: list[str] = []
    page.on("load", lambda _: loads.append(page.url))
    return lambda: len(loads)


def appears_without_a_reload(page: Page, loads: Callable[[], int]) -> int:
    row = page.locator("[data-testid^=case-row-]").first
    expect(row).to_be_visible(timeout=90_000)
    assert loads() == 0
    row.click()
    expect(page.get_by_test_id("case-panel")).to_be_visible()
    name = row.get_attribute("data-testid")
    assert name is not None
    return int(name.removeprefix("case-row-"))


def shows_evidence_and_why(page: Page) -> None:
    photo = page.get_by_test_id("evidence-photo").locator("img").first
    expect(photo).to_be_visible()
    until_sync(
        lambda: bool(photo.evaluate("image => image.complete && image.naturalWidth > 0")),
        20,
        "the evidence photo is shown",
    )
    expect(page.get_by_test_id("case-why")).not_to_be_empty()


def a_guard_accepts(page: Page, person: ApiUser, case_id: int) -> None:
    def accepted() -> bool:
        commands = person.get("/api/commands", case_id=case_id)["items"]
        return any(command["accepted_at"] for command in commands)

    until_sync(accepted, 90, "a guard is accepted")
    command = page.locator("[data-testid^=command-]").first
    expect(command).to_contain_text("接受", timeout=20_000)


def video_plays(page: Page) -> None:
    page.get_by_test_id("video-request").first.click()
    player = page.locator("[data-testid=video-player] video, video[data-testid=video-player]").first
    expect(player).to_be_visible(timeout=40_000)
    until_sync(
        lambda: bool(player.evaluate("video => video.videoWidth > 0 && video.currentTime > 0")),
        40,
        "video plays",
    )
    pictures = {picture_of(player)}

    def changes() -> bool:
        pictures.add(picture_of(player))
        return len(pictures) >= 3

    until_sync(changes, 20, "the picture changes")
    page.get_by_test_id("video-end").first.click()


def picture_of(player: object) -> str:
    return str(
        player.evaluate(  # type: ignore[attr-defined]
            """video => {
                const canvas = document.createElement('canvas');
                canvas.width = 32; canvas.height = 24;
                canvas.getContext('2d').drawImage(video, 0, 0, 32, 24);
                return canvas.toDataURL();
            }"""
        )
    )


def signs(page: Page, case_id: int) -> None:
    page.get_by_test_id(f"case-row-{case_id}").click()
    page.get_by_test_id("transition-sign").click()
    page.get_by_test_id("field-person").fill("抢修一组")
    page.get_by_test_id("field-plan").fill("更换井盖")
    page.get_by_test_id("transition-submit").click()
    expect(page.get_by_test_id("transition-feedback")).to_be_visible(timeout=20_000)


def is_repaired(page: Page, person: ApiUser, case_id: int) -> str:
    page.get_by_test_id("task-dispatch").click()
    page.locator("[data-testid^=dispatch-]").first.click()
    results: list[str] = []

    def repaired() -> bool:
        for command in person.get("/api/commands", case_id=case_id)["items"]:
            if command["type"] == "dispatch" and command["state"] == "succeeded":
                results.extend(command["result"]["evidence"])
        return bool(results)

    until_sync(repaired, 150, "the repair is done")
    return results[0]


def feeds_back(page: Page, photo: str) -> None:
    page.get_by_test_id("transition-feedback").click()
    page.get_by_test_id("field-text").fill("已更换井盖")
    page.get_by_test_id(f"choose-{photo}").click()
    page.get_by_test_id("transition-submit").click()


def is_closed(page: Page) -> None:
    page.get_by_test_id("transition-pass").click(timeout=60_000)
    page.get_by_test_id("transition-submit").click()
    expect(page.get_by_test_id("case-state").first).to_contain_text("已结案", timeout=30_000)
