"""Pages of the console over an api of their own, without devices: what waits, and who is out of step."""

import asyncio
import hashlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from hub.accounts import create_account
from hub.accounts.account import Role
from hub.cases.actor import Actor
from hub.catalogue.commands import import_starter
from hub.db import Connection, open_pool
from hub.deadlines import seed_calendar
from hub.devices import device_by_id
from hub.devices.remote import NewReport, desire_config, take_reports
from hub.evidence import PhotoSource, record_photo
from hub.geofences.commands import import_fences
from hub.geofences.geojson import parse_features
from hub.geofences.watching import follow_terminals
from hub.settings import Settings
from hub.signals.commands import reject_signal, take_event
from hub.signals.signal import RejectReason
from hub.web.app import create_app
from hub.web.server import ApiServer
from tests.districts import add_cover, add_device, add_district, add_territory, add_units
from tests.use_cases import carry_out
from tests.waiting import until
from wire.messages import Crs, DeviceConfig, Place, TerminalEvent

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

Result = TypeVar("Result")
PASSWORD = "of-this-test-only"
LON, LAT = 103.82, 25.60
PHOTO = hashlib.sha256(b"a photo").hexdigest()


@dataclass
class Desk:
    """An api with its database; `run` does something in a transaction of its own."""

    database_url: str
    url: str = ""

    def run(self, work: Callable[[Connection], Coroutine[None, None, Result]]) -> Result:
        async def within() -> Result:
            async with open_pool(self.database_url, name="desk") as pool, pool.connection() as db:
                return await work(db)

        # The browser's own loop runs in the test's thread.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, within()).result()


async def found(db: Connection) -> None:
    """A district of one village with a camera's node and a terminal, and a dispatcher."""
    now = datetime.now(UTC)
    await add_district(db)
    await add_units(db, "housing_bureau", "village_001")
    await add_territory(db, "village_001")
    await add_cover(db, "A-0172", LON, LAT)
    await add_device(db, "T-0001", name_zh="终端", name_en="Terminal", registered_at=now)
    await add_device(
        db, "E-01", "edges", name_zh="边缘节点", name_en="Edge node", registered_at=now
    )
    await carry_out(db, now, import_starter)
    await seed_calendar(db, range(now.year, now.year + 1), now)
    await carry_out(
        db,
        now,
        create_account,
        username="dispatcher",
        name="Dispatcher",
        role=Role.DISPATCHER,
        unit_key=None,
        password=PASSWORD,
    )


@pytest.fixture
def desk(database_url: str, tmp_path: Path, built_console: Path) -> Iterator[Desk]:
    made = Desk(database_url)
    made.run(found)
    settings = Settings(
        database_url=database_url,
        district="530303",
        evidence_url=f"file://{tmp_path}",
        console_dir=built_console.parent,
    )
    started = threading.Event()
    servers: list[ApiServer] = []

    async def serve() -> None:
        async with open_pool(database_url, name="api") as pool:
            server = ApiServer(create_app(settings, pool), "127.0.0.1", 0)
            servers.append(server)
            serving = asyncio.create_task(server.serve())
            await until(lambda: server.started or serving.done(), 60)
            started.set()
            await serving

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert started.wait(60)
    made.url = f"http://127.0.0.1:{servers[0].port}"
    yield made
    servers[0].should_exit = True
    thread.join(60)


def report(desk: Desk, text: str) -> int:
    """A terminal's report of something that the catalogue does not know; returns the signal's id."""

    async def sent(db: Connection) -> int:
        now = datetime.now(UTC)
        terminal = await device_by_id(db, "T-0001")
        assert terminal is not None
        await record_photo(db, PHOTO, 7, 320, 240, PhotoSource("T-0001", None, now))
        event = TerminalEvent.model_validate(
            {
                "event_id": str(uuid4()),
                "type": "report",
                "observed_at": now,
                "category": "loose_lid",
                "text": text,
                "place": Place(lon=LON, lat=LAT, accuracy_m=8),
                "evidence": (PHOTO,),
            }
        )
        return (await carry_out(db, now, take_event, terminal, event, now)).signal_id

    return desk.run(sent)


def log_in(page: Page, desk: Desk, to: str) -> None:
    page.goto(f"{desk.url}/login?to={to}")
    page.get_by_test_id("login-username").fill("dispatcher")
    page.get_by_test_id("login-password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()


def choose(page: Page, field: str, option: str) -> None:
    """Choose what begins with `option` in a select of the dialog."""
    page.get_by_test_id(field).click()
    page.locator(".el-select-dropdown:visible li").filter(has_text=option).first.click()


def test_what_comes_in_is_listed_by_itself_and_becomes_a_case(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    page = open_page()
    log_in(page, desk, "/waiting")
    expect(page.get_by_test_id("waiting-empty")).to_be_visible()

    signal_id = report(desk, "井盖松动")

    page.get_by_test_id(f"waiting-row-{signal_id}").click()
    expect(page.get_by_test_id("waiting-count")).to_have_text("1")
    expect(page.get_by_test_id("signal-panel")).to_contain_text("上报的事项不在确权清单里")
    page.get_by_test_id("signal-accept").click()
    page.get_by_test_id("signal-submit").click()
    expect(page.get_by_test_id("signal-trouble")).to_have_text("请选择事项。")
    choose(page, "accept-item", "井盖")
    choose(page, "accept-condition", "市政井盖破损")
    page.get_by_test_id("signal-submit").click()

    expect(page.locator(".el-message")).to_contain_text("已立案 530303-")
    expect(page.get_by_test_id("waiting-empty")).to_be_visible()
    expect(page.get_by_test_id("waiting-count")).to_have_count(0)
    page.get_by_test_id("nav-dispatch").click()
    expect(page.get_by_test_id("case-row-1")).to_contain_text("井盖")


def test_who_is_second_is_told_what_the_first_has_decided(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    signal_id = report(desk, "井盖松动")
    page = open_page()
    log_in(page, desk, f"/waiting/{signal_id}")
    page.get_by_test_id("signal-reject").click()
    page.get_by_test_id("reject-duplicate").click()
    seat = Actor("user:dispatcher", Role.SEAT_OPERATOR)
    desk.run(
        lambda db: carry_out(
            db, datetime.now(UTC), reject_signal, signal_id, RejectReason.TEST, seat
        )
    )
    expect(page.get_by_test_id("waiting-empty")).to_be_attached()

    expect(page.get_by_test_id("signal-conflict")).to_be_visible()
    expect(page.get_by_test_id("signal-submit")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("signal-outcome")).to_contain_text("未采纳 · Dispatcher")
    expect(page.get_by_test_id("signal-outcome")).to_contain_text("测试")


def test_a_node_that_refuses_its_configuration_says_so_on_its_panel(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    page = open_page()
    log_in(page, desk, "/devices/E-01")
    panel = page.get_by_test_id("device-panel")
    expect(panel).to_contain_text("没有下达过配置")
    expect(panel).to_contain_text("节点还没有发来运行数据")

    desk.run(
        lambda db: carry_out(db, datetime.now(UTC), desire_config, "E-01", {}, by="user:admin")
    )
    expect(panel.locator("[data-sync=behind]")).to_be_visible()
    refusal = DeviceConfig(version=0, error="version 1: no such camera")
    desk.run(
        lambda db: carry_out(
            db, datetime.now(UTC), take_reports, [NewReport("E-01", refusal, datetime.now(UTC))]
        )
    )

    expect(panel.locator("[data-sync=refused]")).to_be_visible()
    expect(panel).to_contain_text("version 1: no such camera")
    listed = page.get_by_test_id("devices-table").locator("[data-sync=refused]")
    expect(listed).to_be_visible()
    panel.get_by_text("历史").click()
    history = panel.get_by_test_id("revision-history").locator("[data-version='1']")
    expect(history).to_contain_text("未采用")
    expect(history).to_contain_text("admin")


def test_a_wrong_clock_and_another_holder_are_seen_on_a_terminal_s_panel(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    async def registered(db: Connection) -> None:
        await db.execute(
            "UPDATE device SET holder_registered = '网格员 0001', holder_reported = '网格员 0002',"
            " clock = 'ahead', clock_skew_s = 4000, gb28181_id = '53030300001380000001'"
            " WHERE device_id = 'T-0001'"
        )

    desk.run(registered)
    page = open_page()
    log_in(page, desk, "/devices/T-0001")
    panel = page.get_by_test_id("device-panel")
    expect(panel.locator("[data-clock=ahead]")).to_contain_text("时钟快")
    expect(panel).to_contain_text("网格员 0001")
    expect(panel).to_contain_text("终端自报：网格员 0002")
    expect(panel).to_contain_text("53030300001380000001")


def test_tools_and_numbers_are_whole_on_a_small_screen_in_the_longer_language(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    page = open_page()
    page.set_viewport_size({"width": 1280, "height": 720})
    page.add_init_script("localStorage.setItem('patrolhub.locale', 'en')")
    log_in(page, desk, "/dispatch")

    # Playwright clicks nothing that lies under something else.
    page.get_by_label("Zoom in").click()
    page.get_by_label("Whole district").click()
    page.get_by_test_id("fences-open").click()
    numbers = page.locator("header .numbers")
    expect(numbers).to_contain_text("Terminals online")
    expect(page.get_by_test_id("account-name")).to_be_visible()
    assert numbers.evaluate("it => it.scrollWidth <= it.clientWidth")
    cut = page.get_by_test_id("account-name").evaluate("it => it.scrollWidth > it.clientWidth")
    assert not cut


def test_who_enters_a_fence_is_seen_on_the_map_by_itself(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    page = open_page()
    log_in(page, desk, "/")
    page.get_by_test_id("fences-open").click()
    fences = page.get_by_test_id("fences")
    expect(fences).to_contain_text("还没有围栏")

    now = datetime.now(UTC)
    corners = [[LON - 0.01, LAT - 0.01], [LON + 0.01, LAT - 0.01], [LON + 0.01, LAT + 0.01]]
    yard = {
        "type": "Feature",
        "properties": {"geofence_id": "reservoir", "name_zh": "水库", "settle_s": 0},
        "geometry": {"type": "Polygon", "coordinates": [[*corners, corners[0]]]},
    }
    drawing = parse_features({"type": "FeatureCollection", "features": [yard]}, Crs.WGS84)
    before = now - timedelta(minutes=5)
    desk.run(lambda db: carry_out(db, before, import_fences, drawing, by="user:admin"))
    fences.get_by_text("水库").click()
    expect(page.get_by_test_id("fence-detail")).to_contain_text("围栏内没有终端")

    desk.run(lambda db: walk_in(db, now))
    expect(page.get_by_test_id("fence-detail").locator("[data-type=enter]")).to_contain_text(
        "T-0001"
    )
    expect(fences.locator("[data-fence=reservoir]")).to_contain_text("内有 1")


async def walk_in(db: Connection, now: datetime) -> None:
    """T-0001 comes from outside of the reservoir into it."""
    for lon, ago_s in ((LON + 0.05, 60), (LON + 0.005, 30), (LON + 0.005, 1)):
        at = now - timedelta(seconds=ago_s)
        await db.execute(
            "SELECT touch_hours(%s)", ([at.replace(minute=0, second=0, microsecond=0)],)
        )
        await db.execute(
            "INSERT INTO telemetry (device_id, boot_id, seq, observed_at, received_at, lon, lat,"
            " accuracy_m, crs, backlog) VALUES ('T-0001', 'b', %s, %s, %s, %s, %s, 5, 'wgs84', false)",
            (60 - ago_s, at, at, lon, LAT - 0.005),
        )
        await db.execute(
            "INSERT INTO terminal_live (device_id, order_at, observed_at, received_at, lon, lat,"
            " accuracy_m) VALUES ('T-0001', %(at)s, %(at)s, %(at)s, %(lon)s, %(lat)s, 5)"
            " ON CONFLICT (device_id) DO UPDATE SET order_at = %(at)s, observed_at = %(at)s,"
            " received_at = %(at)s, lon = %(lon)s",
            {"at": at, "lon": lon, "lat": LAT - 0.005},
        )
        await carry_out(db, at, follow_terminals)
