"""While a model checks repair photos nothing is locked, and its verdict counts only if it still can."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hub.cases.case import Case, Event, State
from hub.cases.repair_check import PhotoVerdict, check_photos, photos_to_judge, record_check
from hub.cases.store import case_by_id
from hub.errors import Conflict, IllegalTransition
from hub.evidence import EvidenceStore
from hub.signals.reading import evidence_of
from hub.worker.feedback import FeedbackChecks
from models import RepairJudgement
from tests.integration.hub.cases.conftest import (
    DISPATCHER,
    HANDLER,
    SYSTEM,
    FixedJudge,
    Street,
    named_photos,
    photo_hash,
    picture,
)
from tests.use_cases import carry_out

SOON_S = 30.0


@dataclass
class SlowJudge(FixedJudge):
    """Goes on judging until it is let go."""

    judging: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)

    def judge(self, jpeg: bytes) -> PhotoVerdict:
        self.judging.set()
        assert self.let_go.wait(SOON_S)
        return super().judge(jpeg)


class BrokenJudge:
    """Fails on every photo."""

    def judge(self, jpeg: bytes) -> PhotoVerdict:
        raise RuntimeError(f"no room for {len(jpeg)} bytes")


@pytest.fixture
def photos(tmp_path: Path) -> EvidenceStore:
    return named_photos(tmp_path)


async def feed_back(
    street: Street, photos: EvidenceStore, case: Case, name: str = "repair"
) -> Case:
    street.forward(minutes=30)
    async with street.pool.connection() as db:
        sha256 = await street.photo(db, name)
        photos.put(sha256, picture(len(name)))
        return await street.move(
            db, case, Event.FEEDBACK, HANDLER, text="replaced", evidence=(sha256,)
        )


async def fed_back(street: Street, photos: EvidenceStore) -> Case:
    async with street.pool.connection() as db:
        case = await street.handling(db)
    return await feed_back(street, photos, case)


@asynccontextmanager
async def judging(street: Street, photos: EvidenceStore, judge: SlowJudge) -> AsyncIterator[None]:
    """The judge is busy while the block runs; at its end the verdict has been written."""
    checks = FeedbackChecks(street.pool, photos, judge, lambda: street.now)
    checking = asyncio.create_task(checks.check_waiting())
    try:
        assert await asyncio.to_thread(judge.judging.wait, SOON_S)
        yield
    finally:
        judge.let_go.set()
        await checking


async def test_others_may_use_the_case_while_its_photo_is_checked(street, photos):
    case = await fed_back(street, photos)

    async with (
        judging(street, photos, SlowJudge()),
        street.pool.connection() as db,
    ):
        await db.execute("SELECT FROM cases WHERE case_id = %s FOR UPDATE NOWAIT", (case.case_id,))
        working = await db.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state = 'idle in transaction' AND pid <> pg_backend_pid()"
        )
        assert await working.fetchone() == (0,)

    async with street.pool.connection() as db:
        assert (await case_by_id(db, case.case_id)).state is State.VERIFYING


async def test_what_is_seen_changes_nothing_when_the_case_has_moved_on_meanwhile(street, photos):
    case = await fed_back(street, photos)
    judge = SlowJudge(RepairJudgement.STILL_BROKEN)

    async with judging(street, photos, judge), street.pool.connection() as db:
        await street.move(db, case, Event.CHECK, SYSTEM)
        await street.move(db, case, Event.PASS, DISPATCHER)

    async with street.pool.connection() as db:
        assert (await case_by_id(db, case.case_id)).state is State.CLOSED
        verdicts = [each.verdict_facts for each in await evidence_of(db, case.case_id)]
    assert verdicts == [None, None]
    assert len(judge.judged) == 1


async def test_a_case_that_came_back_with_other_photos_is_checked_again(street, photos):
    case = await fed_back(street, photos)
    async with street.pool.connection() as db:
        seen = await check_photos(await photos_to_judge(db, case.case_id), photos, FixedJudge())
        await street.move(db, case, Event.CHECK, SYSTEM)
        await street.move(db, case, Event.FAIL, DISPATCHER, reason="still broken")
    await feed_back(street, photos, case, "second repair")

    async with street.pool.connection() as db:
        with pytest.raises(Conflict, match="other photos"):
            await carry_out(db, street.now, record_check, seen)
    checks = FeedbackChecks(street.pool, photos, FixedJudge(), lambda: street.now)
    await checks.check_waiting()

    async with street.pool.connection() as db:
        assert (await case_by_id(db, case.case_id)).state is State.VERIFYING
        judged = {each.sha256 for each in await evidence_of(db, case.case_id) if each.verdict}
    assert photo_hash("second repair") in judged


async def test_of_two_who_checked_at_once_the_first_to_write_counts(street, photos):
    case = await fed_back(street, photos)
    async with street.pool.connection() as db:
        wanted = await photos_to_judge(db, case.case_id)
        first = await check_photos(wanted, photos, FixedJudge(RepairJudgement.FIXED))
        second = await check_photos(wanted, photos, FixedJudge(RepairJudgement.STILL_BROKEN))
        await carry_out(db, street.now, record_check, first)

        with pytest.raises(IllegalTransition):
            await carry_out(db, street.now, record_check, second)

        (repair,) = [each for each in await evidence_of(db, case.case_id) if each.kind == "repair"]
    assert repair.verdict_facts["judgement"] == "fixed"


async def test_a_photo_on_which_the_model_fails_goes_to_a_person(street, photos):
    case = await fed_back(street, photos)

    await FeedbackChecks(street.pool, photos, BrokenJudge(), lambda: street.now).check_waiting()

    async with street.pool.connection() as db:
        assert (await case_by_id(db, case.case_id)).state is State.VERIFYING
        (repair,) = [each for each in await evidence_of(db, case.case_id) if each.kind == "repair"]
    assert (repair.verdict_facts["judgement"], repair.verdict_facts["note"]) == (
        "unsure",
        "the model failed: RuntimeError",
    )
