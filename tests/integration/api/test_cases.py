"""Cases over HTTP, from filing to closing, and who sees which."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from hub.accounts import Role
from hub.cases.repair_check import PhotoVerdict
from hub.db import Pool
from hub.worker.feedback import FeedbackChecks
from models import RepairJudgement

LON, LAT = 103.82, 25.60
AT_THE_COVER = {"lon": LON, "lat": LAT, "error_m": 4}


class Satisfied:
    """A judge to whom every cover looks repaired."""

    def judge(self, jpeg: bytes) -> PhotoVerdict:
        return PhotoVerdict(
            RepairJudgement.FIXED, "manhole_good", 0.9, (0.1, 0.1, 0.5, 0.5), "test 1"
        )


@pytest.fixture(autouse=True)
async def _street(street: None) -> None:
    """Every test is in the street."""


@pytest.fixture
async def handler(sign_in) -> httpx.AsyncClient:
    return await sign_in(Role.UNIT_HANDLER)


@pytest.fixture
async def stranger(sign_in) -> httpx.AsyncClient:
    return await sign_in(Role.UNIT_HANDLER, "sanitation")


async def send(client: httpx.AsyncClient, photo: bytes, **facts: str | float) -> str:
    answer = await client.post("/api/evidence", files={"file": photo}, data=facts)
    assert answer.status_code == 201, answer.text
    return answer.json()["sha256"]


@pytest.fixture
def file_broken_cover(picture: Callable[..., bytes]):
    async def filed(client: httpx.AsyncClient, **fields) -> httpx.Response:
        body = {
            "item_key": "manhole_cover",
            "cond_key": "broken",
            "place": AT_THE_COVER,
            "text": "井盖破损",
            "evidence": [await send(client, picture(1))],
        }
        return await client.post("/api/cases", json=body | fields)

    return filed


async def step(client: httpx.AsyncClient, case: dict, event: str, **said) -> httpx.Response:
    body = {"event": event, "version": case["version"], **said}
    return await client.post(f"/api/cases/{case['case_id']}/transitions", json=body)


@pytest.fixture
def fed_back(app: FastAPI, pool: Pool, clock, picture, file_broken_cover, handler):
    """Take a new case to VERIFYING."""

    async def case(dispatcher: httpx.AsyncClient) -> dict:
        filed = (await file_broken_cover(dispatcher)).json()
        signed = (await step(handler, filed, "sign", person="王工", plan="更换")).json()
        clock.forward(hours=2)
        place = {"lon": LON, "lat": LAT, "taken_at": clock().isoformat()}
        photo = await send(handler, picture(2), **place)
        answer = await step(handler, signed, "feedback", text="已更换", evidence=[photo])
        assert answer.status_code == 200, answer.text
        await FeedbackChecks(pool, app.state.photos.store, Satisfied(), clock).check_waiting()
        return (await dispatcher.get(f"/api/cases/{filed['case_id']}")).json()

    return case


async def test_a_case_filed_by_hand_is_routed_with_its_reasons(
    dispatcher: httpx.AsyncClient, file_broken_cover
) -> None:
    answer = await file_broken_cover(dispatcher)
    assert answer.status_code == 201
    case = answer.json()
    assert (case["state"], case["lead_unit"], case["asset_id"]) == (
        "ROUTED",
        "housing_bureau",
        "A-0172",
    )
    assert case["asset_name_zh"]
    assert (case["title_en"], case["severity"]) == ("Manhole cover", "high")
    assert case["due_at"] == "2025-08-11T07:19:00Z"
    assert case["territory_unit"] == "village_001"
    assert case["why"][0]["code"] == "asset_within_reach"
    assert [photo["kind"] for photo in case["evidence"]] == ["filing"]
    assert case["cover_evidence"] == case["evidence"][0]["sha256"]
    assert [(e["event"], e["actor_name"]) for e in case["timeline"]][:2] == [
        ("file", "dispatcher-housing-bureau"),
        ("route", "dispatcher-housing-bureau"),
    ]


async def test_a_case_walks_to_closed_with_a_chain_that_holds(
    dispatcher: httpx.AsyncClient, handler: httpx.AsyncClient, fed_back
) -> None:
    case = await fed_back(dispatcher)
    assert case["state"] == "VERIFYING"
    repair = next(photo for photo in case["evidence"] if photo["kind"] == "repair")
    assert repair["verdict"] == "fixed"
    closed = (await step(dispatcher, case, "pass")).json()
    assert (closed["state"], closed["allowed"]) == ("CLOSED", ["recur"])
    journal = (await handler.get(f"/api/cases/{case['case_id']}/journal")).json()
    assert journal["chain_ok"]
    assert (journal["replayed_state"], journal["replay_matches"]) == ("CLOSED", True)
    events = [entry["event"] for entry in journal["items"] if entry["event"]]
    assert events == ["file", "route", "sign", "feedback", "check", "pass"]


async def test_a_forged_journal_shows(
    dispatcher: httpx.AsyncClient, file_broken_cover, pool: Pool
) -> None:
    case = (await file_broken_cover(dispatcher)).json()
    async with pool.connection() as db:
        await db.execute("ALTER TABLE journal DISABLE TRIGGER journal_is_append_only")
        await db.execute("UPDATE journal SET actor = 'user:other' WHERE event = 'route'")
        await db.execute("UPDATE cases SET state = 'HANDLING'")
    journal = (await dispatcher.get(f"/api/cases/{case['case_id']}/journal")).json()
    assert (journal["chain_ok"], journal["replay_matches"]) == (False, False)


async def test_of_two_dispatchers_who_close_a_case_at_once_one_wins(
    dispatcher: httpx.AsyncClient, sign_in, fed_back
) -> None:
    second = await sign_in(Role.DISPATCHER, username="second")
    case = await fed_back(dispatcher)
    answers = await asyncio.gather(step(dispatcher, case, "pass"), step(second, case, "pass"))
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert (won.status_code, won.json()["state"]) == (200, "CLOSED")
    problem = lost.json()
    assert (lost.status_code, problem["type"]) == (409, "conflict")
    assert (problem["state"], problem["version"]) == ("CLOSED", case["version"] + 1)
    journal = (await dispatcher.get(f"/api/cases/{case['case_id']}/journal")).json()
    assert [e["event"] for e in journal["items"]].count("pass") == 1


async def test_steps_that_are_not_open_say_why(
    dispatcher: httpx.AsyncClient, handler: httpx.AsyncClient, file_broken_cover
) -> None:
    case = (await file_broken_cover(dispatcher)).json()
    illegal = await step(dispatcher, case, "pass")
    assert (illegal.status_code, illegal.json()["type"]) == (409, "illegal-transition")
    forbidden = await step(dispatcher, case, "sign", person="王工", plan="更换")
    assert (forbidden.status_code, forbidden.json()["type"]) == (403, "forbidden")
    refused = await step(handler, case, "sign")
    assert (refused.status_code, refused.json()["guard"]) == (422, "person_and_plan")
    assert (await dispatcher.get(f"/api/cases/{case['case_id']}")).json() == case


async def test_the_steps_offered_depend_on_who_asks(
    dispatcher: httpx.AsyncClient, handler: httpx.AsyncClient, file_broken_cover
) -> None:
    case = (await file_broken_cover(dispatcher)).json()
    assert "void" in case["allowed"]
    assert "sign" not in case["allowed"]
    theirs = (await handler.get(f"/api/cases/{case['case_id']}")).json()["allowed"]
    assert {"sign", "return"} <= set(theirs)
    assert "void" not in theirs


async def test_a_second_person_finds_and_decides_a_request_to_void_a_case(
    dispatcher: httpx.AsyncClient, sign_in, file_broken_cover
) -> None:
    case = (await file_broken_cover(dispatcher, cond_key="missing_or_hazard")).json()
    assert case["severity"] == "high"
    asked = (await step(dispatcher, case, "void", reason="登记错误")).json()
    assert (asked["state"], asked["void_asked_by"]) == (case["state"], f"user:{asker_of(asked)}")
    assert (await step(dispatcher, asked, "void", reason="登记错误")).status_code == 422
    second = await sign_in(Role.SEAT_OPERATOR)
    waiting = {"void_asked": "true"}
    listed = (await second.get("/api/cases", params=waiting)).json()["items"]
    assert [(each["case_id"], each["void_asked_by_name"]) for each in listed] == [
        (case["case_id"], asked["void_asked_by_name"])
    ]
    kept = (await step(second, asked, "keep", reason="情况属实")).json()
    assert (kept["state"], kept["void_asked_by"]) == (case["state"], None)
    assert (await second.get("/api/cases", params=waiting)).json()["items"] == []
    again = (await step(dispatcher, kept, "void", reason="确系误报")).json()
    voided = (await step(second, again, "void", reason="同意")).json()
    assert (voided["state"], voided["void_asked_by"]) == ("VOID", None)


def asker_of(case: dict) -> str:
    assert case["void_asked_by_name"]
    return case["timeline"][-1]["actor"].removeprefix("user:")


async def test_a_unit_handler_sees_the_own_cases_only(
    handler: httpx.AsyncClient, stranger: httpx.AsyncClient, bare_case, dispatcher
) -> None:
    ours = await bare_case("housing_bureau")
    assisted = await bare_case("sanitation", "C-2", assist_units=["housing_bureau"])
    await bare_case("sanitation", "C-3", territory_unit="village_001")
    seen = {c["case_id"] for c in (await handler.get("/api/cases")).json()["items"]}
    assert seen == {ours, assisted}
    assert len((await dispatcher.get("/api/cases")).json()["items"]) == 3
    for path in (f"/api/cases/{ours}", f"/api/cases/{ours}/journal"):
        assert (await handler.get(path)).status_code == 200
        assert (await stranger.get(path)).status_code == 404
    sign = await step(stranger, {"case_id": ours, "version": 1}, "sign", person="x", plan="x")
    assert sign.status_code == 404


async def test_a_unit_handler_may_send_a_case_back(
    dispatcher: httpx.AsyncClient, handler: httpx.AsyncClient, file_broken_cover
) -> None:
    case = (await file_broken_cover(dispatcher)).json()
    answer = await step(handler, case, "return", reason="不属我局")
    assert (answer.status_code, answer.json()["state"]) == (200, "FILED")
    assert (await handler.get(f"/api/cases/{case['case_id']}")).status_code == 404


async def test_the_same_issue_twice_is_a_conflict_that_names_the_open_case(
    dispatcher: httpx.AsyncClient, file_broken_cover
) -> None:
    first = (await file_broken_cover(dispatcher)).json()
    second = await file_broken_cover(dispatcher)
    assert (second.status_code, second.json()["case_id"]) == (409, first["case_id"])


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"item_key": "no_such_item"}, "item_key"),
        ({"cond_key": "no_such_condition"}, "cond_key"),
        ({"evidence": ["0" * 64]}, "evidence"),
    ],
)
async def test_a_filing_that_names_what_is_not_there_is_refused(
    dispatcher: httpx.AsyncClient, file_broken_cover, fields: dict, field: str
) -> None:
    answer = await file_broken_cover(dispatcher, **fields)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_the_list_shows_the_most_urgent_first_and_goes_on_where_it_stopped(
    dispatcher: httpx.AsyncClient, bare_case, clock
) -> None:
    later, sooner, ended = (
        await bare_case("sanitation", "C-1", due_at=clock() + timedelta(days=3)),
        await bare_case("sanitation", "C-2", due_at=clock() + timedelta(days=1)),
        await bare_case("sanitation", "C-3", state="CLOSED", closed_at=clock()),
    )
    first = (await dispatcher.get("/api/cases", params={"limit": 2})).json()
    assert [case["case_id"] for case in first["items"]] == [sooner, later]
    rest = await dispatcher.get("/api/cases", params={"before": first["next_before"]})
    assert [case["case_id"] for case in rest.json()["items"]] == [ended]
    assert rest.json()["next_before"] is None


async def test_the_list_is_narrowed_by_state_unit_and_text(
    dispatcher: httpx.AsyncClient, bare_case, clock
) -> None:
    routed = await bare_case("sanitation", "C-1")
    closed = await bare_case("housing_bureau", "C-2", state="CLOSED", closed_at=clock())

    async def ids(**params) -> list[int]:
        answer = await dispatcher.get("/api/cases", params=params)
        return [case["case_id"] for case in answer.json()["items"]]

    assert await ids(open="true") == [routed]
    assert await ids(open="false") == [closed]
    assert await ids(state=["CLOSED", "VOID"]) == [closed]
    assert await ids(unit="sanitation") == [routed]
    assert await ids(q="C-2") == [closed]
    assert await ids(q="%") == []


@pytest.mark.parametrize("before", ["x", "1:2", "0:nan:1", "9999999999999999999999:1:1"])
async def test_a_cursor_that_no_list_gave_is_refused(
    dispatcher: httpx.AsyncClient, before: str
) -> None:
    answer = await dispatcher.get("/api/cases", params={"before": before})
    assert (answer.status_code, answer.json()["type"]) == (422, "invalid-input")
