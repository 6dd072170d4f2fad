"""What the model saw on a report's photo, as the console reads it."""

import hashlib
from uuid import uuid4

import pytest

from hub.accounts.account import Role
from hub.devices import device_by_id
from hub.evidence import PhotoSource, record_photo
from hub.signals.commands import take_event
from hub.signals.pending_checks import record_photo_check, take_pending_check
from hub.signals.photo_check import PhotoCheck, ReportVerdict, SeenObject
from tests.integration.api.conftest import AT, LAT, LON
from tests.use_cases import carry_out
from wire.messages import Place, TerminalEvent

MODEL = {"name": "street", "version": "1.2.0", "sha256": "ab" * 32}
GOOD_COVER = SeenObject("manhole_good", 0.91, True, (0.1, 0.2, 0.3, 0.4))
PHOTO = hashlib.sha256(b"a photo").hexdigest()


@pytest.fixture
async def reported(street, pool) -> int:
    """The case of a report whose photo has not been checked."""
    event = TerminalEvent.model_validate(
        {
            "event_id": str(uuid4()),
            "type": "report",
            "observed_at": AT,
            "category": "manhole_cover",
            "condition": "broken",
            "text": "井盖破损",
            "place": Place(lon=LON, lat=LAT, accuracy_m=8),
            "evidence": (PHOTO,),
        }
    )
    async with pool.connection() as db:
        terminal = await device_by_id(db, "T-0001")
        assert terminal is not None
        await record_photo(db, PHOTO, 7, 320, 240, PhotoSource("T-0001", None, AT))
        outcome = await carry_out(db, AT, take_event, terminal, event, AT)
    assert outcome.case_id is not None
    return outcome.case_id


async def check(pool, verdict: ReportVerdict, *seen: SeenObject) -> None:
    async with pool.connection() as db:
        wanted = await take_pending_check(db, AT)
        assert wanted is not None
        await carry_out(db, AT, record_photo_check, wanted, PhotoCheck(verdict, seen, {**MODEL}))


async def test_until_the_model_has_checked_it_the_file_says_so(reported, dispatcher):
    case = (await dispatcher.get(f"/api/cases/{reported}")).json()

    (photo,), (signal,) = case["evidence"], case["signals"]
    assert photo["photo_check"] == signal["photo_checks"][0]
    assert (
        photo["photo_check"]["verdict"],
        photo["photo_check"]["checked_at"],
        photo["boxes"],
    ) == (
        None,
        None,
        [],
    )
    assert not case["doubted"]


async def test_a_verdict_is_shown_with_its_boxes_and_model_beside_the_photo(
    reported, dispatcher, pool
):
    await check(pool, ReportVerdict.DISAGREES, GOOD_COVER)

    case = (await dispatcher.get(f"/api/cases/{reported}")).json()

    (photo,), (signal,) = case["evidence"], case["signals"]
    box = {"label": "manhole_good", "score": 0.91, "x": 0.1, "y": 0.2, "w": 0.3, "h": 0.4}
    assert photo["boxes"] == [box]
    assert photo["photo_check"] == {
        "sha256": PHOTO,
        "verdict": "disagrees",
        "label": "manhole_good",
        "score": 0.91,
        "boxes": [box],
        "model": MODEL,
        "checked_at": "2025-08-07T07:19:00Z",
        "note": None,
    }
    assert signal["photo_checks"] == [photo["photo_check"]]
    assert signal["doubted_at"] is not None
    assert case["timeline"][-1]["kind"] == "report_photo_disagrees"
    assert case["timeline"][-1]["data"]["model"] == MODEL


async def test_where_nothing_was_seen_there_is_a_verdict_without_a_box(reported, dispatcher, pool):
    await check(pool, ReportVerdict.UNSURE)

    (photo,) = (await dispatcher.get(f"/api/cases/{reported}")).json()["evidence"]

    assert (photo["photo_check"]["verdict"], photo["photo_check"]["label"], photo["boxes"]) == (
        "unsure",
        None,
        [],
    )


async def test_the_list_marks_a_doubted_case_until_an_operator_has_compared_them(
    reported, dispatcher, sign_in, pool
):
    await check(pool, ReportVerdict.DISAGREES, GOOD_COVER)
    handler = await sign_in(Role.UNIT_HANDLER)
    (listed,) = (await dispatcher.get("/api/cases")).json()["items"]
    assert listed["doubted"]
    assert (await handler.post(f"/api/cases/{reported}/photo-check")).status_code == 403

    checked = await dispatcher.post(f"/api/cases/{reported}/photo-check")

    assert checked.status_code == 200
    assert not checked.json()["doubted"]
    assert checked.json()["timeline"][-1]["kind"] == "report_photos_checked"
    assert (await dispatcher.post("/api/cases/4711/photo-check")).status_code == 404
