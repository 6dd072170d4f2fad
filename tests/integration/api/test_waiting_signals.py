"""Signals that wait for a person, over HTTP: the list, and what people decide."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from uuid import uuid4

import httpx
import pytest

from hub.accounts.account import Role
from hub.devices import device_by_id
from hub.evidence import PhotoSource, record_photo
from hub.signals.commands import SignalOutcome, take_detection, take_event
from hub.signals.pending_checks import record_photo_check, take_pending_check
from hub.signals.photo_check import PhotoCheck, ReportVerdict, SeenObject
from tests.integration.api.conftest import AT, LAT, LON
from tests.use_cases import carry_out
from wire.messages import Box, Detection, DetectionType, Ground, LoadedModel, Place, TerminalEvent

MODEL = LoadedModel(name="street", version="2.0.0", sha256="ab" * 32)
PHOTO = hashlib.sha256(b"a photo").hexdigest()
FRAME = hashlib.sha256(b"a frame").hexdigest()
BROKEN = {"item_key": "manhole_cover", "cond_key": "broken"}

Report = Callable[..., Awaitable[SignalOutcome]]


@pytest.fixture(autouse=True)
async def _street(street: None) -> None:
    """Every test is in the street."""


@pytest.fixture
def report(pool) -> Report:
    """A terminal's report; as it is, it becomes a case at once."""

    async def sent(**fields: object) -> SignalOutcome:
        message = {
            "event_id": str(uuid4()),
            "type": "report",
            "observed_at": AT,
            "category": "manhole_cover",
            "condition": "broken",
            "text": "井盖破损",
            "place": Place(lon=LON, lat=LAT, accuracy_m=8),
            "evidence": (PHOTO,),
        }
        event = TerminalEvent.model_validate(message | fields)
        async with pool.connection() as db:
            terminal = await device_by_id(db, "T-0001")
            assert terminal is not None
            for sha256 in event.evidence:
                await record_photo(db, sha256, 7, 320, 240, PhotoSource("T-0001", None, AT))
            return await carry_out(db, AT, take_event, terminal, event, AT)

    return sent


@pytest.fixture
def unclear(report: Report) -> Report:
    """A report of something that the catalogue does not know."""

    async def sent(**fields: object) -> SignalOutcome:
        return await report(**({"category": "loose_lid"} | fields))

    return sent


@pytest.fixture
async def distrusted(pool) -> SignalOutcome:
    """A detection of a camera that was wrong too often."""
    async with pool.connection() as db:
        await db.execute(
            "INSERT INTO signal (source, identity, camera_id, type, label, observed_at,"
            " received_at, state, reason) SELECT 'camera', n::text, 'C-001', 'new',"
            " 'manhole_broken', %(at)s, %(at)s, 'rejected', 'false_positive'"
            " FROM generate_series(1, 10) n",
            {"at": AT},
        )
        camera = await device_by_id(db, "C-001")
        assert camera is not None
        detection = Detection(
            type=DetectionType.NEW,
            detection_id=str(uuid4()),
            seq=1,
            label="manhole_broken",
            score=0.9,
            hits=5,
            box=Box(x=0.1, y=0.2, w=0.3, h=0.4),
            ground=Ground(lon=LON, lat=LAT, error_m=3),
            model=MODEL,
            frame_at=AT,
            evidence=FRAME,
        )
        return await carry_out(db, AT, take_detection, camera, "E-01", detection, AT)


async def waiting(client: httpx.AsyncClient, **wanted: object) -> dict:
    answer = await client.get("/api/signals/waiting", params=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def ids(client: httpx.AsyncClient, **wanted: object) -> list[int]:
    return [each["signal_id"] for each in (await waiting(client, **wanted))["items"]]


async def decide(client: httpx.AsyncClient, signal_id: int, how: str, **said) -> httpx.Response:
    return await client.post(f"/api/signals/{signal_id}/{how}", json=said)


async def test_what_waits_is_listed_with_its_photos_and_why_it_waits(
    dispatcher, unclear, distrusted
) -> None:
    told = await unclear(place=None)

    detected, reported = (await waiting(dispatcher))["items"]

    assert (detected["signal_id"], detected["why"]) == (distrusted.signal_id, ["monitored"])
    assert (detected["title_zh"], detected["condition_text_en"]) == (
        "井盖",
        "Municipal cover broken",
    )
    assert (detected["device_id"], detected["device_name_en"]) == ("C-001", "Yulin North Road")
    (photo,) = detected["photos"]
    assert (photo["sha256"], photo["kind"], photo["received_at"]) == (FRAME, "detection", None)
    assert photo["boxes"][0]["label"] == "manhole_broken"
    assert (reported["signal_id"], reported["why"]) == (told.signal_id, ["unknown_category"])
    assert (reported["text"], reported["label"], reported["title_zh"]) == (
        "井盖破损",
        "loose_lid",
        None,
    )
    assert (reported["holder"], reported["place"], reported["state"]) == (
        "网格员 0001",
        None,
        "new",
    )
    assert reported["photos"][0]["received_at"] is not None


async def test_a_report_whose_photo_shows_something_else_waits_beside_its_open_case(
    dispatcher, report, pool
) -> None:
    filed = await report()
    good = SeenObject("manhole_good", 0.91, True, (0.1, 0.2, 0.3, 0.4))
    async with pool.connection() as db:
        wanted = await take_pending_check(db, AT)
        assert wanted is not None
        await carry_out(
            db, AT, record_photo_check, wanted, PhotoCheck(ReportVerdict.DISAGREES, (good,))
        )

    (doubted,) = (await waiting(dispatcher))["items"]

    assert (doubted["why"], doubted["case_id"]) == (["photo_disagrees"], filed.case_id)
    assert doubted["case_no"] == "530303-20250807-0001"
    assert doubted["photos"][0]["photo_check"]["verdict"] == "disagrees"
    assert (await dispatcher.post(f"/api/cases/{filed.case_id}/photo-check")).status_code == 200
    assert (await waiting(dispatcher))["items"] == []


async def test_the_list_is_read_in_pages_that_neither_skip_nor_repeat(dispatcher, unclear) -> None:
    known = [(await unclear()).signal_id for _ in range(5)]

    first = await waiting(dispatcher, limit=2)
    await decide(dispatcher, known[1], "reject", reason="test")
    rest = await waiting(dispatcher, limit=5, after=first["next_after"])

    assert [each["signal_id"] for each in first["items"]] == known[:2]
    assert [each["signal_id"] for each in rest["items"]] == known[2:]
    assert rest["next_after"] is None


async def test_the_list_is_filtered_by_reason_source_and_words(
    dispatcher, unclear, report, distrusted
) -> None:
    lid = await unclear(text="盖子在响 100%")
    nowhere = await report(place=None)

    assert await ids(dispatcher, why="no_place") == [nowhere.signal_id]
    assert await ids(dispatcher, why=["no_place", "monitored"]) == [
        distrusted.signal_id,
        nowhere.signal_id,
    ]
    assert await ids(dispatcher, source="camera") == [distrusted.signal_id]
    assert await ids(dispatcher, q="在响 100%") == [lid.signal_id]
    assert await ids(dispatcher, q="c-001") == [distrusted.signal_id]
    assert await ids(dispatcher, q="网格员") == [lid.signal_id, nowhere.signal_id]
    assert await ids(dispatcher, q="manhole cover") == [distrusted.signal_id, nowhere.signal_id]
    assert await ids(dispatcher, q="nothing like it") == []


async def test_an_accepted_signal_is_a_case_with_its_guard_and_waits_no_more(
    dispatcher, unclear
) -> None:
    told = await unclear(place=None)
    lacking = await decide(dispatcher, told.signal_id, "accept", **BROKEN)
    assert (lacking.status_code, lacking.json()["guard"]) == (422, "place_known")

    answer = await decide(
        dispatcher, told.signal_id, "accept", **BROKEN, place={"lon": LON, "lat": LAT}
    )

    assert answer.status_code == 200, answer.text
    decided = answer.json()
    assert (decided["state"], decided["why"]) == ("accepted", [])
    assert decided["decision"]["actor_name"] == "dispatcher-housing-bureau"
    case = (await dispatcher.get(f"/api/cases/{decided['case_id']}")).json()
    assert (case["state"], case["asset_id"]) == ("ROUTED", "A-0172")
    assert [each["signal_id"] for each in case["signals"]] == [told.signal_id]
    assert case["timeline"][0]["actor"] == "user:dispatcher-housing-bureau"
    assert await ids(dispatcher) == []
    assert (await dispatcher.get("/api/dashboard")).json()["signals_waiting"] == 0


async def test_accepting_what_means_an_open_case_joins_it(dispatcher, report, unclear) -> None:
    filed, told = await report(), await unclear()

    decided = (await decide(dispatcher, told.signal_id, "accept", **BROKEN)).json()

    assert (decided["state"], decided["case_id"]) == ("merged", filed.case_id)


async def test_photos_that_an_operator_adds_must_have_been_sent(dispatcher, unclear, picture):
    told = await unclear(evidence=())
    wrong = await decide(dispatcher, told.signal_id, "accept", **BROKEN, evidence=["0" * 64])
    assert (wrong.status_code, wrong.json()["field"]) == (422, "evidence")

    sent = await dispatcher.post("/api/evidence", files={"file": picture(1)})
    sha256 = sent.json()["sha256"]
    right = await decide(dispatcher, told.signal_id, "accept", **BROKEN, evidence=[sha256])

    assert right.status_code == 200, right.text
    case = (await dispatcher.get(f"/api/cases/{right.json()['case_id']}")).json()
    assert [photo["sha256"] for photo in case["evidence"]] == [sha256]


async def test_a_signal_is_joined_to_the_case_that_an_operator_names(
    dispatcher, report, unclear
) -> None:
    filed = await report()
    told = await unclear()
    near = (await dispatcher.get(f"/api/signals/{told.signal_id}")).json()["nearby"]
    assert [(each["case_id"], each["distance_m"]) for each in near] == [(filed.case_id, 0)]

    answer = await decide(dispatcher, told.signal_id, "join", case_id=filed.case_id)

    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["case_id"]) == ("merged", filed.case_id)
    case = (await dispatcher.get(f"/api/cases/{filed.case_id}")).json()
    assert case["signal_count"] == 2
    joined = case["timeline"][-1]
    assert (joined["kind"], joined["actor"]) == (
        "signal_joined",
        "user:dispatcher-housing-bureau",
    )


async def test_joining_raises_a_case_to_the_graver_condition_of_the_signal(
    dispatcher, report, distrusted
) -> None:
    place = Place(lon=LON + 0.01, lat=LAT, accuracy_m=8)
    rattling = await report(condition="rattling", place=place)

    await decide(dispatcher, distrusted.signal_id, "join", case_id=rattling.case_id)

    case = (await dispatcher.get(f"/api/cases/{rattling.case_id}")).json()
    assert (case["cond_key"], case["severity"]) == ("broken", "high")


async def test_an_ended_or_unknown_case_takes_no_signal(dispatcher, unclear, bare_case) -> None:
    told = await unclear()
    ended = await bare_case("sanitation", state="VOID")

    refused = await decide(dispatcher, told.signal_id, "join", case_id=ended)
    unknown = await decide(dispatcher, told.signal_id, "join", case_id=4711)

    assert (refused.status_code, refused.json()["type"]) == (409, "conflict")
    assert refused.json()["detail"] == "case C-sanitation has ended; choose an open one"
    assert unknown.status_code == 404
    assert await ids(dispatcher) == [told.signal_id]


async def test_a_rejection_keeps_its_reason_and_what_was_said(dispatcher, distrusted, pool) -> None:
    bare = await decide(dispatcher, distrusted.signal_id, "reject")
    by_machine = await decide(dispatcher, distrusted.signal_id, "reject", reason="below_threshold")
    assert {bare.status_code, by_machine.status_code} == {422}

    answer = await decide(
        dispatcher, distrusted.signal_id, "reject", reason="false_positive", note="是阴影"
    )

    decided = answer.json()
    assert (decided["state"], decided["reason"], decided["case_id"]) == (
        "rejected",
        "false_positive",
        None,
    )
    assert (decided["decision"]["reason"], decided["decision"]["note"]) == (
        "false_positive",
        "是阴影",
    )
    async with pool.connection() as db:
        cursor = await db.execute(
            "SELECT actor, kind FROM journal WHERE subject = 'signal' AND subject_id = %s"
            " ORDER BY journal_id DESC LIMIT 1",
            (str(distrusted.signal_id),),
        )
        assert await cursor.fetchone() == ("user:dispatcher-housing-bureau", "signal_rejected")


async def test_of_two_who_decide_at_once_one_is_told_what_the_other_did(
    dispatcher, sign_in, report, unclear
) -> None:
    told, filed = await unclear(), await report()
    second = await sign_in(Role.SEAT_OPERATOR)

    answers = await asyncio.gather(
        decide(dispatcher, told.signal_id, "reject", reason="duplicate"),
        decide(second, told.signal_id, "join", case_id=filed.case_id),
        decide(second, told.signal_id, "accept", **BROKEN),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    (made,) = [answer.json() for answer in answers if answer.status_code == 200]
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["type"] == "conflict"
            assert answer.json()["state"] == made["state"]
    known = (await second.get(f"/api/signals/{told.signal_id}")).json()
    assert known["decision"]["actor_name"] == made["decision"]["actor_name"]


async def test_nobody_but_operators_sees_or_decides(sign_in, unclear) -> None:
    told = await unclear()
    handler = await sign_in(Role.UNIT_HANDLER)

    answers = [
        await handler.get("/api/signals/waiting"),
        await handler.get(f"/api/signals/{told.signal_id}"),
        await decide(handler, told.signal_id, "accept", **BROKEN),
        await decide(handler, told.signal_id, "join", case_id=1),
        await decide(handler, told.signal_id, "reject", reason="test"),
    ]

    assert {answer.status_code for answer in answers} == {403}


async def test_a_signal_that_does_not_exist_is_not_found(dispatcher) -> None:
    answers = [
        await dispatcher.get("/api/signals/4711"),
        await decide(dispatcher, 4711, "accept", **BROKEN),
        await decide(dispatcher, 4711, "reject", reason="test"),
    ]

    assert {answer.status_code for answer in answers} == {404}


async def test_the_dashboard_counts_what_waits(dispatcher, unclear) -> None:
    await unclear()
    await unclear()

    assert (await dispatcher.get("/api/dashboard")).json()["signals_waiting"] == 2
