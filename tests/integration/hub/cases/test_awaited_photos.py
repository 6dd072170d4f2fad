"""A report whose condition needs a photo waits for the one that it names, and then goes on without."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from hub.db import Connection
from hub.errors import GuardRefused
from hub.evidence import PhotoSource, record_photo
from hub.refusals.dead_letter import DeadLetter
from hub.refusals.keeping import RefusedKeeping
from hub.refusals.store import refuse
from hub.signals.awaited_photos import PHOTO_WAIT, settle_awaited
from hub.signals.commands import accept_signal
from hub.signals.reading import evidence_of, signal_detail
from hub.signals.signal import SignalOutcome, SignalState, WaitingReason
from hub.signals.store import signal_by_id
from tests.integration.hub.cases.catalogues import verify_before_filing
from tests.integration.hub.cases.conftest import DISPATCHER, NOW, Street, photo_hash
from tests.use_cases import carry_out
from wire.messages import RefusalOutcome

CASES = Path(__file__).parent / "photos"
PHOTO = photo_hash("report")


async def late_report(street: Street, db: Connection, **fields: object) -> SignalOutcome:
    return await street.report(db, photos_come=False, **fields)


async def photo_comes(street: Street, db: Connection, sha256: str = PHOTO) -> None:
    await record_photo(db, sha256, 1, 1, 1, PhotoSource("T-0002", None, street.now))


async def sweep(street: Street, db: Connection, wait: timedelta = PHOTO_WAIT) -> int:
    return await carry_out(db, street.now, settle_awaited, wait)


async def test_a_report_waits_for_its_photo_and_is_filed_when_it_comes(db, street):
    told = await late_report(street, db)
    assert (told.state, told.reason) == (SignalState.NEW, WaitingReason.PHOTO_AWAITED)
    assert await sweep(street, db) == 0
    street.forward(minutes=1)
    await photo_comes(street, db)
    assert await sweep(street, db) == 1
    signal = await signal_by_id(db, told.signal_id)
    assert signal.state is SignalState.ACCEPTED
    assert [photo.sha256 for photo in await evidence_of(db, signal.case_id)] == [PHOTO]
    assert await sweep(street, db) == 0


async def test_a_report_whose_photo_never_comes_goes_on_as_one_without(db, street):
    told = await late_report(street, db)
    street.forward(minutes=3)
    assert await sweep(street, db) == 1
    signal = await signal_by_id(db, told.signal_id)
    assert (signal.state, signal.reason) == (SignalState.NEW, WaitingReason.NO_EVIDENCE)
    assert await sweep(street, db) == 0


async def test_a_photo_that_comes_after_that_still_makes_the_case(db, street):
    told = await late_report(street, db)
    street.forward(minutes=3)
    await sweep(street, db)
    street.forward(minutes=30)
    await photo_comes(street, db)
    await sweep(street, db)
    assert (await signal_by_id(db, told.signal_id)).state is SignalState.ACCEPTED


async def test_one_of_several_photos_is_enough(db, street):
    photos = (photo_hash("a"), photo_hash("b"))
    told = await late_report(street, db, evidence=photos)
    await photo_comes(street, db, photos[1])
    await sweep(street, db)
    assert (await signal_by_id(db, told.signal_id)).state is SignalState.ACCEPTED


async def test_a_report_that_is_handled_late_has_waited_already(db, street):
    await late_report(street, db)
    wait = timedelta(seconds=0)
    assert await sweep(street, db, wait) == 1


async def test_a_report_of_an_issue_that_has_a_case_joins_it_without_waiting(db, street):
    first = await street.report(db)
    again = await late_report(street, db, evidence=(photo_hash("another"),))
    assert (again.state, again.case_id) == (SignalState.MERGED, first.case_id)


async def test_what_needs_no_photo_does_not_wait_for_one(db, street):
    await db.execute(
        "UPDATE catalogue_item SET body = jsonb_set(body, '{conditions}', (SELECT jsonb_agg("
        "each || '{\"evidence_required\": []}') FROM jsonb_array_elements(body -> 'conditions') each))"
        " WHERE item_key = 'manhole_cover'"
    )
    assert (await late_report(street, db)).state is SignalState.ACCEPTED


async def test_an_issue_that_must_be_verified_is_verified_after_its_photo_has_come(db, street):
    await verify_before_filing(db)
    told = await late_report(street, db)
    assert told.reason == WaitingReason.PHOTO_AWAITED
    await photo_comes(street, db)
    await sweep(street, db)
    signal = await signal_by_id(db, told.signal_id)
    assert (signal.state, signal.reason) == (
        SignalState.VERIFYING,
        WaitingReason.TO_BE_VERIFIED,
    )


async def test_a_photo_that_agreed_before_the_report_went_on_counts_as_verification(db, street):
    await verify_before_filing(db)
    told = await late_report(street, db)
    await photo_comes(street, db)
    await db.execute(
        "UPDATE photo_check SET verdict = 'agrees', checked_at = %s WHERE signal_id = %s",
        (NOW, told.signal_id),
    )
    await sweep(street, db)
    assert (await signal_by_id(db, told.signal_id)).state is SignalState.ACCEPTED


async def test_a_person_cannot_file_it_with_a_photo_that_is_not_there(db, street):
    told = await late_report(street, db)
    with pytest.raises(GuardRefused, match="have not come"):
        await carry_out(
            db,
            street.now,
            accept_signal,
            told.signal_id,
            "manhole_cover",
            "broken",
            DISPATCHER,
        )


async def test_the_refusal_of_a_photo_is_shown_at_the_report_that_names_it(db, street):
    told = await late_report(street, db)
    topic = f"patrol/v1/530303/terminals/T-0002/evidence/{PHOTO}"
    source = topic.removesuffix(f"/{PHOTO}")
    reason = "payload: it ends in the middle of the picture"
    malformed = RefusalOutcome.MALFORMED
    for device_id in ("T-0002", "T-0003"):
        letter = DeadLetter(
            malformed, source, f"{reason} of {device_id}", topic, b"x", NOW, device_id, False
        )
        await refuse(db, [letter], RefusedKeeping())
    (photo,) = (await signal_detail(db, told.signal_id)).photos
    assert photo.received_at is None
    assert photo.refusal is not None
    assert (photo.refusal.reason, photo.refusal.at) == (f"{reason} of T-0002", NOW)
    await photo_comes(street, db)
    (photo,) = (await signal_detail(db, told.signal_id)).photos
    assert photo.refusal is None


async def test_the_report_that_named_a_refused_photo_in_the_field_waits(db, street):
    event = json.loads((CASES / "report_refused_photo.json").read_text("utf-8"))
    fields = {"evidence": tuple(event["evidence"]), "text": event.get("text")}
    told = await late_report(street, db, **fields)
    assert told.reason == WaitingReason.PHOTO_AWAITED
