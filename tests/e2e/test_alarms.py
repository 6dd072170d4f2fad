"""A person in danger, from the bytes that a terminal sends to the dispatchers' screen and ear."""

import asyncio
import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hub.accounts import create_account
from hub.accounts.account import Role
from hub.db import Connection, open_pool
from hub.evidence import open_evidence
from hub.ingest.admission import Admission
from hub.ingest.pipeline import Pipeline
from hub.ingest.queue import BatchLimits, MessageQueue, ReceivedMessage
from hub.ingest.store import BatchStore
from hub.worker.handlers import handling
from hub.worker.inbox import handle_next
from tests.districts import add_device, add_position, add_units
from tests.e2e import test_pages
from tests.e2e.test_pages import LAT, LON, PASSWORD, Desk, log_in
from tests.use_cases import carry_out
from tests.waiting import WITHIN_S, until_sync

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
desk = test_pages.desk
CASES = Path(__file__).parents[1] / "integration" / "hub" / "cases" / "alarms"
METRE_EAST = 1 / 100_420


async def people(db: Connection) -> None:
    """The caller's terminal and three others, all of them online, and a supervisor."""
    now = datetime.now(UTC)
    await add_units(db, "public_security")
    for device_id, metres in {"T-0001": 0, "T-0002": 400, "T-0003": 200, "T-0004": 900}.items():
        await add_device(db, device_id, name_zh="终端", name_en="Terminal", registered_at=now)
        await db.execute(
            "UPDATE device SET holder_registered = %s, unit_key = 'village_001',"
            " last_uplink_at = %s WHERE device_id = %s",
            (f"网格员 {device_id[-4:]}", now, device_id),
        )
        await add_position(db, device_id, now, LON + metres * METRE_EAST, LAT)
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


def send(desk: Desk, payload: bytes, tmp_path: Path, device_id: str = "T-0001") -> None:
    """What ingest and worker make of an event that a terminal has published."""
    topic = f"patrol/v1/530303/terminals/{device_id}/events"
    evidence = open_evidence(f"file://{tmp_path}")
    queue, acknowledged, stop = MessageQueue(10), [], threading.Event()
    queue.put([ReceivedMessage(topic, payload, 1, datetime.now(UTC))])
    pipeline = Pipeline(
        Admission(desk.database_url, "530303"),
        BatchStore(desk.database_url, evidence),
        BatchLimits(messages=1, linger_s=0.0),
    )
    thread = threading.Thread(target=pipeline.run, args=(queue, acknowledged.extend, stop))
    thread.start()
    until_sync(lambda: bool(acknowledged), WITHIN_S)
    stop.set()
    thread.join(WITHIN_S)

    async def work() -> None:
        async with open_pool(desk.database_url, name="worker") as pool:
            while await handle_next(pool, handling(), lambda: datetime.now(UTC)):
                pass

    worker = threading.Thread(target=lambda: asyncio.run(work()))
    worker.start()
    worker.join(WITHIN_S)


def orders(desk: Desk) -> list[tuple[str, str, str]]:
    """Type, device and text of all orders."""

    async def read(db: Connection) -> list[tuple[str, str, str]]:
        cursor = await db.execute(
            "SELECT type, device_id, body ->> 'text' FROM command ORDER BY type, device_id"
        )
        return [(row[0], row[1], row[2]) for row in await cursor.fetchall()]

    return desk.run(read)


def log_in_as(page: Page, desk: Desk, username: str, to: str) -> None:
    page.goto(f"{desk.url}/login?to={to}")
    page.get_by_test_id("login-username").fill(username)
    page.get_by_test_id("login-password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()


@pytest.mark.parametrize("name", ["sos_near_itself", "sos_null_place", "sos_without_any_place"])
def test_a_call_for_help_rings_on_every_page_until_somebody_acknowledges_it(
    open_page: Callable[[], Page], desk: Desk, tmp_path: Path, name: str
) -> None:
    desk.run(people)
    page, other = open_page(), open_page()
    log_in(page, desk, "/devices")
    log_in_as(other, desk, "supervisor", "/cases")
    expect(page.get_by_test_id("alarm-sound")).to_be_visible()
    expect(other.get_by_test_id("alarm-sound")).to_be_visible()
    expect(page.get_by_test_id("alarm-bar")).to_have_count(0)
    said = json.loads((CASES / f"{name}.json").read_bytes())
    if said.get("place", {}).get("lon"):
        said["place"] |= {"lon": LON, "lat": LAT}

    send(desk, json.dumps(said).encode(), tmp_path)

    for screen in (page, other):
        bar = screen.get_by_test_id("alarm-bar")
        expect(bar).to_contain_text("网格员 0001（T-0001）")
        expect(bar).to_have_attribute("data-sound", "sounding")
        expect(screen).to_have_title(re.compile("求助警报"))
        assert screen.locator('link[rel="icon"]').get_attribute("href") == "/favicon-alarm.svg"
    sent = orders(desk)
    assert [(type_, device_id) for type_, device_id, _ in sent] == [
        ("guard", "T-0002"),
        ("guard", "T-0003"),
        ("message", "T-0001"),
    ]
    assert "网格员 0002（T-0002）" in sent[-1][2]
    assert "网格员 0003（T-0003）" in sent[-1][2]

    page.reload()
    expect(page.get_by_test_id("alarm-bar")).to_have_attribute("data-ringing", "1")
    page.get_by_role("button", name="地图定位").click()
    expect(page).to_have_url(re.compile(r"/dispatch/\d+$"))
    expect(page.get_by_test_id("alarm-note")).to_contain_text("尚无人确认")
    expect(page.get_by_test_id("queue-part-mine")).to_contain_text("1")
    page.get_by_test_id("alarm-bar").get_by_role("button", name="确认收到").click()

    for screen in (page, other):
        bar = screen.get_by_test_id("alarm-bar")
        expect(bar).to_contain_text("Dispatcher 已于")
        expect(bar).to_have_attribute("data-sound", "silent")
        expect(screen).not_to_have_title(re.compile("求助警报"))
        assert screen.locator('link[rel="icon"]').get_attribute("href") == "/favicon.svg"
    expect(page.get_by_test_id("queue-part-mine")).to_contain_text("0")
    page.reload()
    expect(page.get_by_test_id("alarm-note")).to_contain_text("Dispatcher 已于")


def test_the_sound_of_alarms_is_chosen_and_tested_on_every_page(
    open_page: Callable[[], Page], desk: Desk, tmp_path: Path
) -> None:
    desk.run(people)
    page = open_page()
    log_in(page, desk, "/cases")
    page.get_by_test_id("alarm-sound").click()
    page.get_by_test_id("alarm-sound-test").click()
    slider = page.get_by_role("slider", name="警报音量")
    slider.focus()
    slider.press("Home")
    expect(page.get_by_test_id("alarm-sound-test")).to_be_disabled()
    page.reload()

    send(desk, b'{"type":"SOS"}', tmp_path)

    bar = page.get_by_test_id("alarm-bar")
    expect(bar).to_have_attribute("data-sound", "off")
    page.get_by_test_id("alarm-sound-on").click()
    expect(bar).to_have_attribute("data-sound", "sounding")
    page.get_by_test_id("alarm-sound").click()
    page.get_by_test_id("alarm-sound-test").click()
