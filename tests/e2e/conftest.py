"""The system of a test, and people who look at its console in a real browser."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

expect.set_options(timeout=60_000)

BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; Playwright's own download is not needed.

    Closed after a module's tests: while it is open, its event loop is in the way of others.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "chromium is missing; script/bootstrap dev installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=BROWSER_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[[], Page]]:
    """New pages, each with cookies of its own; any error in a page fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def opened() -> Page:
        context = chromium.new_context(
            viewport={"width": 1366, "height": 768}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def built_console() -> Path:
    index = Path(__file__).parents[2] / "console" / "dist" / "index.html"
    assert index.exists(), "the console is not built; script/bootstrap builds it"
    return index
