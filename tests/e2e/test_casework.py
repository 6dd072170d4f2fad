"""Work on cases in the console: approvals and their inbox, owners, notes, steps and call-backs."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from hub.accounts import create_account
from hub.accounts.account import Role
from hub.cases.actor import Actor
from hub.cases.case import Case, Event
from hub.cases.commands import NewCase, file_case, transition
from hub.cases.evidence import EvidenceKind, EvidenceLink
from hub.db import Connection
from hub.evidence import PhotoSource, record_photo
from hub.geo.place import Spot
from tests.e2e.test_pages import PASSWORD, Desk, desk
from tests.integration.hub.cases.catalogues import add_burst_pipe
from tests.use_cases import carry_out

__all__ = ["desk"]
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

UNIT = "housing_bureau"
LON, LAT = 103.82, 25.60
CLERK = Actor("user:dispatcher", Role.DISPATCHER)
HANDLER = Actor("user:handler", Role.UNIT_HANDLER, UNIT)
PEOPLE = {
    "handler": Role.UNIT_HANDLER,
    "supervisor": Role.SUPERVISOR,
    "seat": Role.SEAT_OPERATOR,
}


async def add_people(db: Connection) -> None:
    for username, role in PEOPLE.items():
        await carry_out(
            db,
            datetime.now(UTC),
            create_account,
            username=username,
            name=username.title(),
            role=role,
            unit_key=UNIT if role is Role.UNIT_HANDLER else None,
            password=PASSWORD,
        )


async def handled(db: Connection, item_key: str, cond_key: str, east: float = 0) -> Case:
    """A case that the Housing Bureau has signed a while ago."""
    at = datetime.now(UTC) - timedelta(minutes=20)
    link = EvidenceLink(
        sha256=hashlib.sha256(item_key.encode()).hexdigest(), kind=EvidenceKind.FILING
    )
    new = NewCase(
        item_key=item_key,
        cond_key=cond_key,
        spot=Spot(LON + east, LAT, 5.0),
        text="车辆经过有异响",
        evidence=(link,),
    )
    case = await carry_out(db, at, file_case, new, CLERK)
    case = await moved(db, at, case, Event.ROUTE, CLERK, unit_key=UNIT)
    return await moved(db, at, case, Event.SIGN, HANDLER, person="王工", plan="更换")


async def moved(
    db: Connection, at: datetime, case: Case, event: Event, actor: Actor, **said: object
) -> Case:
    return await carry_out(db, at, transition, case.case_id, event, actor=actor, **said)


async def with_photo(db: Connection, case: Case, event: Event, name: str) -> Case:
    """Report a step or the repair as done, with a photo of the spot."""
    at = datetime.now(UTC)
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    source = PhotoSource(None, "handler", at, at, LON, LAT)
    await record_photo(db, sha256, 7, 320, 240, source)
    return await moved(db, at, case, event, HANDLER, text=name, evidence=(sha256,))


def log_in(page: Page, desk: Desk, username: str, to: str) -> Page:
    page.goto(f"{desk.url}/login?to={to}")
    page.get_by_test_id("login-username").fill(username)
    page.get_by_test_id("login-password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()
    return page


def test_a_unit_asks_for_an_extension_and_the_supervisor_grants_it_from_the_inbox(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    desk.run(add_people)
    case = desk.run(lambda db: handled(db, "manhole_cover", "broken"))
    unit = log_in(open_page(), desk, "handler", f"/cases/{case.case_id}")
    unit.get_by_test_id("ask-extension").click()
    unit.get_by_test_id("ask-submit").click()
    expect(unit.get_by_test_id("ask-dialog")).to_contain_text("请填写理由。")
    unit.get_by_test_id("ask-reason").fill("井盖规格特殊，需定制")
    unit.get_by_test_id("ask-submit").click()
    expect(unit.locator(".el-message")).to_contain_text("延期申请已提交，等待督办员审批")
    expect(unit.get_by_test_id("request")).to_contain_text("井盖规格特殊")
    expect(unit.get_by_test_id("request-withdraw")).to_be_visible()
    expect(unit.get_by_test_id("ask-extension")).to_have_count(0)

    boss = log_in(open_page(), desk, "supervisor", "/supervision/approvals")
    row = boss.get_by_test_id("approval")
    expect(row).to_contain_text(case.case_no)
    expect(row.get_by_test_id("approval-effect")).to_contain_text("新截止时间")
    row.get_by_test_id("approval-grant").click()
    boss.get_by_test_id("decide-submit").click()
    expect(boss.get_by_test_id("approvals-empty")).to_be_visible()

    expect(unit.get_by_test_id("request")).to_have_count(0)
    expect(unit.get_by_test_id("timeline")).to_contain_text("准予延期")


def test_the_second_operator_finds_a_case_to_be_voided_in_the_inbox_and_refuses(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    desk.run(add_people)
    case = desk.run(lambda db: handled(db, "manhole_cover", "missing_or_hazard"))
    first = log_in(open_page(), desk, "dispatcher", f"/cases/{case.case_id}")
    first.get_by_test_id("transition-void").click()
    first.get_by_test_id("field-reason").fill("重复立案")
    first.get_by_test_id("transition-submit").click()
    expect(first.get_by_test_id("void-asked")).to_be_visible()

    second = log_in(open_page(), desk, "seat", "/supervision/approvals")
    row = second.get_by_test_id("approval")
    expect(row).to_contain_text("作废")
    expect(row).to_contain_text("重复立案")
    row.get_by_test_id("approval-refuse").click()
    second.get_by_test_id("decide-reason").fill("现场确有缺失")
    second.get_by_test_id("decide-submit").click()
    expect(second.get_by_test_id("approvals-empty")).to_be_visible()
    expect(first.get_by_test_id("void-asked")).to_have_count(0)
    expect(first.get_by_test_id("timeline")).to_contain_text("现场确有缺失")


def test_an_operator_takes_a_case_and_another_one_takes_it_over(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    desk.run(add_people)
    case = desk.run(lambda db: handled(db, "manhole_cover", "broken"))
    first = log_in(open_page(), desk, "dispatcher", f"/cases/{case.case_id}")
    first.get_by_test_id("case-claim").click()
    expect(first.get_by_test_id("case-owner")).to_have_attribute("data-owner", "user:dispatcher")
    first.get_by_test_id("note-text").fill("已电话通知住建局")
    first.get_by_test_id("note-add").click()
    expect(first.get_by_test_id("timeline")).to_contain_text("已电话通知住建局")

    second = log_in(open_page(), desk, "seat", f"/cases/{case.case_id}")
    expect(second.get_by_test_id("case-owner")).to_contain_text("Dispatcher")
    second.get_by_test_id("case-claim").click()
    expect(first.get_by_test_id("case-owner")).to_contain_text("Seat")
    second.get_by_test_id("case-release").click()
    expect(first.get_by_test_id("case-owner")).to_contain_text("无人认领")


def test_the_steps_of_a_case_are_shown_with_the_one_that_runs(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    desk.run(add_people)
    now = datetime.now(UTC)
    desk.run(lambda db: add_burst_pipe(db, now))
    case = desk.run(lambda db: handled(db, "water_pipe", "burst"))
    page = log_in(open_page(), desk, "handler", f"/cases/{case.case_id}")
    steps = page.get_by_test_id("steps").locator("li")
    expect(steps).to_have_count(3)
    expect(steps.nth(0)).to_have_attribute("data-state", "running")
    expect(page.get_by_test_id("transition-step_done")).to_be_visible()
    expect(page.get_by_test_id("transition-feedback")).to_have_count(0)

    page.get_by_test_id("transition-step_done").click()
    met = page.locator(".el-dialog:visible").get_by_text("已达到结案条件：行人车辆无法进入")
    expect(met).to_be_visible()
    page.get_by_test_id("field-text").fill("围挡好了")
    page.get_by_test_id("transition-submit").click()
    expect(page.locator(".el-dialog:visible")).to_contain_text("请确认已达到结案条件")
    page.keyboard.press("Escape")

    desk.run(lambda db: with_photo(db, case, Event.STEP_DONE, "围挡已设置"))
    expect(steps.nth(0)).to_contain_text("围挡已设置")
    expect(steps.nth(1)).to_have_attribute("data-state", "running")
    desk.run(lambda db: with_photo(db, case, Event.STEP_DONE, "管道已修复"))
    expect(page.get_by_test_id("transition-feedback")).to_be_visible()


async def begun_later(db: Connection, case: Case) -> Case:
    """An operator begins the repair, since a photo shows that the place is fenced off already."""
    at = datetime.now(UTC)
    sha256 = hashlib.sha256(b"fenced off").hexdigest()
    await record_photo(db, sha256, 7, 320, 240, PhotoSource(None, "handler", at, at, LON, LAT))
    said = {"step_key": "repair", "reason": "居民已自行围挡", "evidence": (sha256,)}
    return await moved(db, at, case, Event.BEGIN_STEP, CLERK, **said)


def test_a_step_that_the_site_shows_begins_and_the_skipped_one_says_why(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    desk.run(add_people)
    now = datetime.now(UTC)
    desk.run(lambda db: add_burst_pipe(db, now))
    case = desk.run(lambda db: handled(db, "water_pipe", "burst"))
    page = log_in(open_page(), desk, "dispatcher", f"/cases/{case.case_id}")
    page.get_by_test_id("transition-begin_step").click()
    page.get_by_test_id("field-step").click()
    expect(page.get_by_role("option")).to_have_text(["抢修", "恢复路面"])
    page.keyboard.press("Escape")

    desk.run(lambda db: begun_later(db, case))
    page.goto(f"{desk.url}/cases/{case.case_id}")
    steps = page.get_by_test_id("steps").locator("li")
    expect(steps.nth(0)).to_have_attribute("data-state", "skipped")
    expect(steps.nth(0)).to_contain_text("居民已自行围挡")
    expect(steps.nth(1)).to_have_attribute("data-state", "running")


def test_a_call_back_keeps_what_was_said_and_how_satisfied_the_person_is(
    open_page: Callable[[], Page], desk: Desk
) -> None:
    desk.run(add_people)

    async def in_callback(db: Connection) -> Case:
        case = await handled(db, "manhole_cover", "broken")
        await db.execute("UPDATE cases SET callback_required = true")
        await db.execute(
            "INSERT INTO signal (source, identity, type, observed_at, received_at, state, case_id)"
            " VALUES ('hotline', 'h-1', 'report', now(), now(), 'accepted', %s)",
            (case.case_id,),
        )
        await db.execute(
            "INSERT INTO reporter (signal_id, name, contact, wants_callback)"
            " SELECT signal_id, '张三', '138 0000 5678', true FROM signal"
        )
        case = await with_photo(db, case, Event.FEEDBACK, "已更换")
        case = await moved(db, datetime.now(UTC), case, Event.CHECK, Actor.system("test"))
        return await moved(db, datetime.now(UTC), case, Event.PASS, CLERK)

    case = desk.run(in_callback)
    page = log_in(open_page(), desk, "dispatcher", f"/cases/{case.case_id}")
    page.get_by_test_id("transition-unreachable").click()
    contacts = page.get_by_test_id("callback-contacts")
    expect(contacts).to_contain_text("138****5678")
    expect(contacts).to_contain_text("尚未回访")
    page.get_by_test_id("transition-submit").click()
    page.get_by_test_id("transition-satisfied").click()
    expect(contacts).to_contain_text("已回访 1 次")
    contacts.get_by_test_id("reporter-show").click()
    expect(contacts.get_by_test_id("reporter-call")).to_have_attribute("href", "tel:13800005678")
    page.get_by_test_id("field-satisfaction").get_by_text("基本满意").click()
    page.get_by_test_id("field-text").fill("说路面还有些不平")
    page.get_by_test_id("transition-submit").click()
    expect(page.get_by_test_id("case-state")).to_have_attribute("data-state", "CLOSED")
    expect(page.get_by_test_id("timeline")).to_contain_text("基本满意")
    expect(page.get_by_test_id("timeline")).to_contain_text("说路面还有些不平")
