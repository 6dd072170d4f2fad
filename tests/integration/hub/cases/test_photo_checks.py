"""The photos of terminals' reports are checked, once each, and the verdict has its effect."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import cv2
import numpy as np
import pytest

from hub.cases.case import State
from hub.cases.store import case_by_id
from hub.cases.views import case_record
from hub.db import Connection
from hub.errors import Forbidden
from hub.evidence import EvidenceStore, PhotoSource, open_evidence, record_photo
from hub.evidence.photo_model import open_photo_model
from hub.journal import Subject, chain_breaks, entries_of
from hub.signals.awaited_photos import settle_awaited
from hub.signals.commands import accept_signal, reject_signal, settle_doubts
from hub.signals.pending_checks import take_pending_check
from hub.signals.photo_check import Claim, PhotoCheck, ReportVerdict, SeenObject
from hub.signals.reading import signals_of
from hub.signals.report_photo_model import ReportPhotoModel
from hub.signals.signal import RejectReason, SignalState, WaitingReason
from hub.signals.store import find_signal, signal_by_id
from hub.signals.views import PhotoCheckView
from hub.worker.photo_checks import MAX_ATTEMPTS, PhotoChecks
from scenes.frame import CoverState
from scenes.patrol import patrol_photo
from tests.integration.hub.cases.catalogues import verify_before_filing
from tests.integration.hub.cases.conftest import (
    DISPATCHER,
    HANDLER,
    LAT,
    LON,
    Street,
    picture,
)
from tests.use_cases import carry_out

MODEL_DIR = Path(__file__).parents[4] / "models" / "street"
BOX = (0.1, 0.2, 0.3, 0.4)


@dataclass
class FixedChecker:
    """Says what it is told to, and counts its checks; `trouble` is raised instead, if any."""

    verdict: ReportVerdict = ReportVerdict.AGREES
    trouble: Exception | None = None
    checks: list[Claim] = field(default_factory=list)

    def check(self, jpeg: bytes, claim: Claim) -> PhotoCheck:
        self.checks.append(claim)
        if self.trouble is not None:
            raise self.trouble
        seen = SeenObject("manhole_broken", 0.83, True, BOX)
        return PhotoCheck(
            self.verdict, (seen,), {"name": "test", "version": "1", "sha256": "0" * 64}
        )


@dataclass
class Reporter:
    """A terminal's holder with a camera; `checker` may be changed between the steps of a test."""

    street: Street
    photos: EvidenceStore
    checker: FixedChecker | ReportPhotoModel = field(default_factory=FixedChecker)

    def checks(self) -> PhotoChecks:
        return PhotoChecks(self.street.pool, self.photos, self.checker, lambda: self.street.now)

    async def send(self, db: Connection, jpeg: bytes) -> str:
        sha256 = hashlib.sha256(jpeg).hexdigest()
        self.photos.put(sha256, jpeg)
        source = PhotoSource("T-0002", None, self.street.now, self.street.now, LON, LAT)
        await record_photo(db, sha256, len(jpeg), 320, 240, source)
        return sha256

    async def report(self, *jpegs: bytes, **fields: object):
        """Send the photos, and report with them."""
        async with self.street.pool.connection() as db:
            evidence = tuple([await self.send(db, jpeg) for jpeg in jpegs])
            return await self.street.report(db, evidence=evidence, **fields)

    async def check(self) -> int:
        """Check all photos that wait; returns how many were taken."""
        count = 0
        while await self.checks().check_next():
            count += 1
        return count


@pytest.fixture
def reporter(street: Street, tmp_path: Path) -> Reporter:
    return Reporter(street, open_evidence(f"file://{tmp_path / 'evidence'}", create=True))


@pytest.fixture(scope="module")
def released() -> ReportPhotoModel:
    return ReportPhotoModel(open_photo_model(MODEL_DIR))


@pytest.fixture
def sees(released: ReportPhotoModel) -> Callable[[CoverState], bytes]:
    """A rendered photo of a cover in a state that the released model is sure of, as it is of most."""

    def sure_photo(state: CoverState) -> bytes:
        for seed in range(6):
            jpeg = jpeg_of(patrol_photo(seed, state).image)
            check = released.check(jpeg, Claim(frozenset({f"manhole_{state}"})))
            if check.verdict is ReportVerdict.AGREES:
                return jpeg
        raise AssertionError(f"the model is sure of no {state} cover")

    return sure_photo


def jpeg_of(image: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", image)[1].tobytes()


async def kinds_of(db: Connection, subject: Subject, subject_id: int | None) -> list[str]:
    return [entry.kind for entry in await entries_of(db, subject, str(subject_id))]


async def checks_of(db: Connection, case_id: int | None) -> list[PhotoCheckView]:
    assert case_id is not None
    return [check for each in await signals_of(db, case_id) for check in each.photo_checks]


async def the_check(db: Connection, case_id: int | None) -> PhotoCheckView:
    (check,) = await checks_of(db, case_id)
    return check


async def is_doubted(db: Connection, reporter: Reporter, case_id: int | None) -> bool:
    assert case_id is not None
    return (await case_record(db, case_id)).doubted


async def test_a_report_of_a_broken_cover_agrees_with_its_photo(db, reporter, released, sees):
    reporter.checker = released
    outcome = await reporter.report(sees(CoverState.BROKEN))
    assert outcome.new_case

    assert await reporter.check() == 1

    check = await the_check(db, outcome.case_id)
    assert check.verdict == ReportVerdict.AGREES
    assert check.boxes[0].label == "manhole_broken"
    assert check.boxes[0].score > 0.3
    assert all(0 <= getattr(check.boxes[0], side) <= 1 for side in "xywh")
    assert check.model.name == "street"
    assert len(check.model.sha256) == 64
    assert not await is_doubted(db, reporter, outcome.case_id)
    assert (await kinds_of(db, Subject.CASE, outcome.case_id))[-1] == "report_photo_agrees"
    assert (await kinds_of(db, Subject.SIGNAL, outcome.signal_id))[-1] == "report_photo_agrees"


async def test_a_photo_of_a_good_cover_disagrees_and_the_case_asks_for_a_person(
    db, reporter, released, sees
):
    reporter.checker = released
    outcome = await reporter.report(sees(CoverState.GOOD))

    await reporter.check()

    check = await the_check(db, outcome.case_id)
    assert (check.verdict, check.boxes[0].label) == (ReportVerdict.DISAGREES, "manhole_good")
    assert await is_doubted(db, reporter, outcome.case_id)
    case = await case_by_id(db, outcome.case_id)
    assert case.state is State.ROUTED
    entries = await entries_of(db, Subject.CASE, str(outcome.case_id))
    assert entries[-1].kind == "report_photo_disagrees"
    assert entries[-1].data["sha256"] == check.sha256
    assert chain_breaks(entries) == []


async def test_a_photo_without_a_cover_is_unsure_and_troubles_nobody(db, reporter, released):
    reporter.checker = released
    outcome = await reporter.report(jpeg_of(np.full((240, 320, 3), 128, np.uint8)))

    await reporter.check()

    check = await the_check(db, outcome.case_id)
    assert (check.verdict, check.boxes, check.note) == (ReportVerdict.UNSURE, [], None)
    assert not await is_doubted(db, reporter, outcome.case_id)


async def test_what_is_no_picture_is_unsure_with_the_reason_and_the_next_is_checked(
    db, reporter, released, sees
):
    reporter.checker = released
    poison = await reporter.report(b"\xff\xd8 no picture")
    good = await reporter.report(sees(CoverState.BROKEN), place={"lon": LON, "lat": LAT + 0.01})

    assert await reporter.check() == 2

    check = await the_check(db, poison.case_id)
    assert (check.verdict, check.model) == (ReportVerdict.UNSURE, None)
    assert "cannot be decoded" in check.note
    assert (await the_check(db, good.case_id)).verdict == ReportVerdict.AGREES


async def test_a_photo_that_comes_after_its_report_is_checked_once_it_is_here(db, reporter):
    jpeg = picture(1)
    evidence = (hashlib.sha256(jpeg).hexdigest(),)
    outcome = await reporter.street.report(db, evidence=evidence, photos_come=False)
    await db.commit()
    assert await reporter.check() == 0

    await reporter.send(db, jpeg)
    await carry_out(db, reporter.street.now, settle_awaited)
    case_id = (await signal_by_id(db, outcome.signal_id)).case_id
    assert (await the_check(db, case_id)).verdict is None
    await db.commit()

    assert await reporter.check() == 1
    assert (await the_check(db, case_id)).verdict == ReportVerdict.AGREES


async def test_the_same_report_and_photo_again_are_not_checked_again(db, reporter):
    event_id = str(uuid4())
    outcome = await reporter.report(picture(1), event_id=event_id)
    await reporter.check()

    await reporter.report(picture(1), event_id=event_id)

    assert await reporter.check() == 0
    assert len(reporter.checker.checks) == 1
    kinds = await kinds_of(db, Subject.CASE, outcome.case_id)
    assert kinds.count("report_photo_agrees") == 1


async def test_two_workers_at_once_check_each_photo_once(db, reporter):
    for number in range(4):
        await reporter.report(picture(number))

    await asyncio.gather(*(reporter.check() for _ in range(3)))

    assert len(reporter.checker.checks) == 4


async def test_what_a_killed_worker_had_taken_is_checked_by_another_later(db, reporter):
    outcome = await reporter.report(picture(1))
    async with reporter.street.pool.connection() as killed:
        assert await take_pending_check(killed, reporter.street.now) is not None
    assert await reporter.check() == 0

    reporter.street.forward(minutes=2)

    assert await reporter.check() == 1
    assert len(reporter.checker.checks) == 1
    kinds = await kinds_of(db, Subject.CASE, outcome.case_id)
    assert kinds.count("report_photo_agrees") == 1


async def test_a_photo_that_nobody_survives_is_given_up_and_stops_no_other(db, reporter):
    poison = await reporter.report(picture(1))
    reporter.checker = FixedChecker(trouble=RuntimeError("the network fell over"))
    for _ in range(MAX_ATTEMPTS):
        assert await reporter.check() == 1
        reporter.street.forward(hours=1)
    assert (await the_check(db, poison.case_id)).verdict is None

    await reporter.check()

    check = await the_check(db, poison.case_id)
    assert (check.verdict, check.model) == (ReportVerdict.UNSURE, None)
    assert "given up" in check.note
    assert len(reporter.checker.checks) == MAX_ATTEMPTS


async def test_nothing_is_locked_while_the_model_checks(db, reporter):
    outcome = await reporter.report(picture(1))
    async with reporter.street.pool.connection() as taker:
        await take_pending_check(taker, reporter.street.now)

    await db.execute("SET lock_timeout = '2s'")
    await db.execute("SELECT FROM signal WHERE signal_id = %s FOR UPDATE", (outcome.signal_id,))
    await db.execute("SELECT FROM cases WHERE case_id = %s FOR UPDATE", (outcome.case_id,))
    await db.execute("SELECT FROM photo_check FOR UPDATE")


async def test_one_photo_that_agrees_outweighs_another_that_does_not(db, reporter):
    outcome = await reporter.report(picture(1), picture(2))
    for verdict in (ReportVerdict.DISAGREES, ReportVerdict.AGREES):
        reporter.checker = FixedChecker(verdict)
        assert await reporter.checks().check_next()

    assert len(await checks_of(db, outcome.case_id)) == 2
    assert not await is_doubted(db, reporter, outcome.case_id)


async def test_a_person_who_has_compared_them_settles_the_doubt(db, reporter):
    outcome = await reporter.report(picture(1))
    reporter.checker = FixedChecker(ReportVerdict.DISAGREES)
    await reporter.check()
    with pytest.raises(Forbidden):
        await carry_out(db, reporter.street.now, settle_doubts, outcome.case_id, HANDLER)

    await carry_out(db, reporter.street.now, settle_doubts, outcome.case_id, DISPATCHER)
    await carry_out(db, reporter.street.now, settle_doubts, outcome.case_id, DISPATCHER)

    assert not await is_doubted(db, reporter, outcome.case_id)
    entries = await entries_of(db, Subject.CASE, str(outcome.case_id))
    checked = [entry for entry in entries if entry.kind == "report_photos_checked"]
    assert [entry.actor for entry in checked] == [DISPATCHER.name]
    (signal,) = await signals_of(db, outcome.case_id)
    assert signal.doubted_at is None


async def test_agreement_is_the_certainty_that_an_item_to_be_verified_waits_for(db, reporter):
    await verify_before_filing(db)
    waiting = await reporter.report(picture(1))
    assert (waiting.state, waiting.reason) == (SignalState.VERIFYING, WaitingReason.TO_BE_VERIFIED)

    await reporter.check()

    signal = await _signal(db, waiting.signal_id)
    assert signal.state is SignalState.ACCEPTED
    assert (await case_by_id(db, signal.case_id)).state is State.ROUTED
    assert await kinds_of(db, Subject.SIGNAL, waiting.signal_id) == [
        "signal_verifying",
        "signal_accepted",
        "report_photo_agrees",
    ]


@pytest.mark.parametrize("verdict", [ReportVerdict.DISAGREES, ReportVerdict.UNSURE])
async def test_without_agreement_it_goes_on_waiting_for_a_person(db, reporter, verdict):
    await verify_before_filing(db)
    reporter.checker = FixedChecker(verdict)
    waiting = await reporter.report(picture(1))

    await reporter.check()

    signal = await _signal(db, waiting.signal_id)
    assert (signal.state, signal.reason) == (SignalState.VERIFYING, WaitingReason.TO_BE_VERIFIED)
    assert await _doubted_at(db, waiting.signal_id) == (
        reporter.street.now if verdict is ReportVerdict.DISAGREES else None
    )


@pytest.mark.parametrize("decision", ["accept", "reject"])
async def test_who_decides_about_a_waiting_report_settles_its_doubt(db, reporter, decision):
    reporter.checker = FixedChecker(ReportVerdict.DISAGREES)
    waiting = await reporter.report(picture(1), condition=None)
    assert waiting.reason == WaitingReason.UNKNOWN_CONDITION
    await reporter.check()
    assert await _doubted_at(db, waiting.signal_id) is not None

    by, at = DISPATCHER, reporter.street.now
    if decision == "accept":
        await carry_out(db, at, accept_signal, waiting.signal_id, "manhole_cover", "broken", by)
    else:
        await carry_out(db, at, reject_signal, waiting.signal_id, RejectReason.FALSE_POSITIVE, by)

    assert await _doubted_at(db, waiting.signal_id) is None


async def test_a_verdict_that_comes_after_the_end_of_its_case_troubles_nobody(db, reporter):
    outcome = await reporter.report(picture(1))
    await db.execute("UPDATE cases SET state = 'VOID' WHERE case_id = %s", (outcome.case_id,))
    await db.commit()
    reporter.checker = FixedChecker(ReportVerdict.DISAGREES)

    await reporter.check()

    assert (await the_check(db, outcome.case_id)).verdict == ReportVerdict.DISAGREES
    assert await _doubted_at(db, outcome.signal_id) is None


async def test_a_check_in_is_not_checked(db, reporter):
    await reporter.report(picture(1), type="checkin")

    assert await reporter.check() == 0


async def _signal(db: Connection, signal_id: int):
    cursor = await db.execute(
        "SELECT device_id, identity FROM signal WHERE signal_id = %s", (signal_id,)
    )
    row = await cursor.fetchone()
    assert row is not None
    return await find_signal(db, *row)


async def _doubted_at(db: Connection, signal_id: int):
    cursor = await db.execute("SELECT doubted_at FROM signal WHERE signal_id = %s", (signal_id,))
    row = await cursor.fetchone()
    assert row is not None
    return row[0]
