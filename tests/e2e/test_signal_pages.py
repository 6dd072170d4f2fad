"""The waiting list with its map, what is put off and noted, a split case, and the board of AI quality."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from hub.accounts.account import Role
from hub.cases.actor import Actor
from hub.db import Connection
from hub.devices import device_by_id
from hub.signals.commands import join_signal, reject_signal, take_detection
from hub.signals.signal import RejectReason
from tests.districts import add_device
from tests.e2e.test_pages import LAT, LON, Desk, desk, log_in, report
from tests.use_cases import carry_out
from wire.messages import Box, Detection, DetectionType, Ground, LoadedModel

SHOTS = os.environ.get("SIG_SHOTS")
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
__all__ = ["desk"]

DISPATCHER = Actor("user:dispatcher", Role.DISPATCHER)
MODEL = LoadedModel(name="street", version="2.0.0", sha256="0" * 64)


def detect(desk: Desk, label: str = "manhole_broken", *, photo: bool = True) -> tuple[int, int]:
    """A detection of C-001; returns its signal, and its case or 0."""

    async def seen(db: Connection) -> tuple[int, int]:
        now = datetime.now(UTC)
        await add_device(db, "C-001", "cameras", name_zh="路口", name_en="Crossing")
        camera = await device_by_id(db, "C-001")
        assert camera is not None
        detection = Detection(
            type=DetectionType.NEW,
            detection_id=str(uuid4()),
            seq=1,
            label=label,
            score=0.9,
            hits=5,
            box=Box(x=0.1, y=0.2, w=0.3, h=0.4),
            ground=Ground(lon=LON, lat=LAT, error_m=3),
            model=MODEL,
            frame_at=now,
            evidence="0" * 64 if photo else None,
        )
        outcome = await carry_out(db, now, take_detection, camera, "E-01", detection, now)
        return outcome.signal_id, outcome.case_id or 0

    return desk.run(seen)


def test_the_most_severe_waits_first_and_is_snoozed_and_noted_by_keyboard(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    unknown = report(desk, "井盖松动")
    severe, _ = detect(desk, photo=False)
    page = open_page()
    log_in(page, desk, "/waiting")

    rows = page.locator("[data-testid^=waiting-row-]")
    expect(rows).to_have_count(2)
    expect(rows.first).to_have_attribute("data-testid", f"waiting-row-{severe}")
    expect(page.get_by_test_id("spot-map")).to_have_attribute("data-state", "ready")
    page.keyboard.press("j")
    expect(page.get_by_test_id("signal-panel")).to_have_attribute("data-signal", str(severe))
    page.keyboard.press("5")
    page.get_by_test_id("snooze-tomorrow").check()
    page.get_by_test_id("snooze-note").fill("施工结束后再看")
    page.get_by_test_id("signal-submit").click()
    expect(rows).to_have_count(1)
    expect(page.get_by_test_id("signal-panel")).to_have_attribute("data-signal", str(unknown))
    page.keyboard.press("4")
    page.get_by_test_id("signal-submit").click()
    expect(page.get_by_test_id("signal-trouble")).to_be_visible()
    page.get_by_test_id("note-text").fill("已告知店主自行处理")
    page.get_by_test_id("signal-submit").click()
    expect(page.get_by_test_id("waiting-empty")).to_be_visible()

    page.get_by_test_id("waiting-snoozed").click()
    page.get_by_test_id(f"waiting-row-{severe}").click()
    page.get_by_test_id("signal-wake").click()
    expect(rows).to_have_count(0)
    page.get_by_test_id("waiting-snoozed").click()
    expect(page.get_by_test_id(f"waiting-row-{severe}")).to_be_visible()


def test_a_signal_is_split_off_its_case(open_page: Callable[[], Page], desk: Desk) -> None:
    _, case_id = detect(desk)
    other = report(desk, "另一处井盖")

    async def join(db: Connection) -> None:
        await carry_out(db, datetime.now(UTC), join_signal, other, case_id, DISPATCHER)

    desk.run(join)
    page = open_page()
    log_in(page, desk, f"/waiting/{other}")

    page.get_by_test_id("signal-split").click()
    page.get_by_test_id("split-wait").check()
    page.get_by_test_id("split-reason").fill("不是同一个井盖")
    page.get_by_test_id("split-submit").click()

    expect(page.get_by_test_id(f"waiting-row-{other}")).to_be_visible()


def test_signals_are_ticked_and_split_off_on_the_page_of_their_case(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    signal_id, case_id = detect(desk)
    other = report(desk, "另一处井盖")

    async def join_and_clear(db: Connection) -> None:
        now = datetime.now(UTC)
        await carry_out(db, now, join_signal, other, case_id, DISPATCHER)
        await db.execute("UPDATE signal SET cleared_at = %s WHERE signal_id = %s", (now, signal_id))

    desk.run(join_and_clear)
    page = open_page()
    log_in(page, desk, f"/cases/{case_id}")
    expect(page.get_by_test_id("camera-sight")).to_have_attribute("data-cleared", "true")
    expect(page.get_by_test_id("case-split")).to_be_disabled()
    page.get_by_test_id(f"pick-signal-{signal_id}").check()
    page.get_by_test_id(f"pick-signal-{other}").check()
    expect(page.get_by_test_id("case-split")).to_be_disabled()
    page.get_by_test_id(f"pick-signal-{signal_id}").uncheck()
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/split.png", full_page=True)
    page.get_by_test_id("case-split").click()
    page.get_by_test_id("split-new").check()
    page.get_by_test_id("split-reason").fill("不是同一个井盖")
    page.get_by_test_id("split-submit").click()

    expect(page.locator(".el-message").last).to_contain_text("已另立案件")
    expect(page.get_by_test_id("timeline")).to_contain_text("不是同一个井盖")
    expect(page.get_by_test_id("case-split")).to_have_count(0)
    page.goto(f"{desk.url}/cases/{case_id + 1}")
    expect(page.get_by_test_id("timeline")).to_contain_text("不是同一个井盖")


def test_the_board_shows_precision_and_pictures_and_sets_a_camera_to_monitor(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    wrong, _ = detect(desk, photo=False)

    async def reject(db: Connection) -> None:
        reason = RejectReason.FALSE_POSITIVE
        await carry_out(db, datetime.now(UTC), reject_signal, wrong, reason, DISPATCHER)

    desk.run(reject)
    page = open_page()
    log_in(page, desk, "/supervision/quality")

    table = page.get_by_test_id("quality-table")
    expect(table).to_contain_text("0.00 %")
    table.locator("tbody tr").first.click()
    expect(page.get_by_test_id(f"false-alarm-{wrong}")).to_be_visible()
    page.get_by_test_id("quality-reason").fill("树影误报")
    page.get_by_test_id("quality-change").click()
    expect(page.get_by_test_id("quality-modes")).to_contain_text("树影误报")
