"""The system passes a repair where the catalogue lets it, and leaves everything else to a person."""

from pathlib import Path

import pytest

from hub import catalogue
from hub.cases.case import Case, Event, State
from hub.cases.store import case_by_id
from hub.cases.verification import check_cases
from hub.catalogue import Severity
from hub.db import Connection
from hub.evidence import EvidenceStore
from hub.journal import Subject, entries_of
from models import RepairJudgement
from tests.integration.hub.cases.conftest import (
    DISPATCHER,
    HANDLER,
    FixedJudge,
    Street,
    check_feedback,
    named_photos,
    picture,
)
from tests.use_cases import carry_out
from wire.messages import DetectionType

DETECTION = "11111111-2222-4333-8444-555555555555"
BY_MODEL, BY_CAMERA = {"pass_score": 0.9}, {"pass_cleared": True}


@pytest.fixture
def photos(tmp_path: Path) -> EvidenceStore:
    return named_photos(tmp_path)


async def policy(
    db: Connection, street: Street, severity: Severity = Severity.MID, **fields: object
) -> None:
    """From now on all conditions of the cover have this severity and policy."""
    version = await catalogue.current_version(db)
    item = await catalogue.item(db, version, "manhole_cover")
    changed = {"severity": severity} | fields
    conditions = tuple(each.model_copy(update=changed) for each in item.conditions)
    cover = item.model_copy(update={"conditions": conditions})
    await carry_out(db, street.now, catalogue.new_version, [cover], source="test", reason="")


async def repaired(
    db: Connection,
    street: Street,
    photos: EvidenceStore,
    case: Case,
    judge: FixedJudge | None = None,
    name: str = "repair",
) -> Case:
    """The unit feeds back, and the model looks at its photo."""
    street.forward(minutes=30)
    sha256 = await street.photo(db, name)
    photos.put(sha256, picture(len(name)))
    await street.move(db, case, Event.FEEDBACK, HANDLER, text="done", evidence=(sha256,))
    return await check_feedback(db, case.case_id, photos, judge or FixedJudge(), street.now)


async def seen_by_camera(db: Connection, street: Street) -> Case:
    """A case that a camera has filed, and its unit has signed."""
    await street.detect(db, detection_id=DETECTION)
    row = await (await db.execute("SELECT case_id FROM cases")).fetchone()
    case = await case_by_id(db, row[0])
    return await street.move(db, case, Event.SIGN, HANDLER, person="Li", plan="new cover")


async def test_without_a_policy_a_person_passes_what_the_model_sees_repaired(db, street, photos):
    await policy(db, street)
    case = await repaired(db, street, photos, await street.handling(db))
    assert case.state is State.VERIFYING


async def test_the_model_s_verdict_passes_a_repair_and_the_entry_says_so(db, street, photos):
    await policy(db, street, **BY_MODEL)
    case = await repaired(db, street, photos, await street.handling(db))

    assert (case.state, case.closed_at) == (State.CLOSED, street.now)
    entry = (await entries_of(db, Subject.CASE, str(case.case_id)))[-1]
    assert (entry.event, entry.actor) == ("pass", "system:repair_check")
    assert entry.data["grounds"] == ["model_fixed"]
    assert [each async for each in check_cases(db)] == []


@pytest.mark.parametrize("judgement", [RepairJudgement.UNSURE, RepairJudgement.STILL_BROKEN])
async def test_nothing_passes_of_which_the_model_is_not_sure(db, street, photos, judgement):
    await policy(db, street, **BY_MODEL, **BY_CAMERA)
    case = await seen_by_camera(db, street)
    street.forward(minutes=5)
    await street.detect(db, detection_id=DETECTION, seq=2, kind=DetectionType.CLEARED)
    case = await repaired(db, street, photos, case, FixedJudge(judgement))
    assert case.state is State.VERIFYING


async def test_a_score_below_the_policy_is_left_to_a_person(db, street, photos):
    await policy(db, street, pass_score=0.95)
    case = await repaired(db, street, photos, await street.handling(db))
    assert case.state is State.VERIFYING


async def test_a_case_of_high_severity_is_left_to_a_person_also_if_it_became_so(db, street, photos):
    await policy(db, street, **BY_MODEL)
    case = await street.handling(db)
    await db.execute("UPDATE cases SET severity = 'high' WHERE case_id = %s", (case.case_id,))
    case = await repaired(db, street, photos, case)
    assert case.state is State.VERIFYING


async def test_the_camera_passes_a_repair_when_it_sees_it_cleared(db, street, photos):
    await policy(db, street, **BY_CAMERA)
    case = await repaired(db, street, photos, await seen_by_camera(db, street))
    assert case.state is State.VERIFYING

    street.forward(minutes=5)
    await street.detect(db, detection_id=DETECTION, seq=2, kind=DetectionType.CLEARED)
    case = await case_by_id(db, case.case_id)
    assert case.state is State.CLOSED
    entry = (await entries_of(db, Subject.CASE, str(case.case_id)))[-1]
    assert (entry.actor, entry.data["grounds"]) == ("system:repair_check", ["camera_cleared"])


async def test_what_the_camera_cleared_before_the_check_failed_does_not_count(db, street, photos):
    await policy(db, street, **BY_CAMERA)
    case = await seen_by_camera(db, street)
    street.forward(minutes=5)
    await street.detect(db, detection_id=DETECTION, seq=2, kind=DetectionType.CLEARED)
    case = await repaired(db, street, photos, case, FixedJudge(RepairJudgement.UNSURE))
    await street.move(db, case, Event.FAIL, DISPATCHER, reason="it rattles")
    case = await repaired(db, street, photos, case, name="second repair")
    assert case.state is State.VERIFYING


async def test_a_fault_that_the_camera_reports_again_is_left_to_a_person(db, street, photos):
    await policy(db, street, **BY_MODEL)
    case = await seen_by_camera(db, street)
    street.forward(minutes=30)
    sha256 = await street.photo(db)
    photos.put(sha256, picture(1))
    await street.move(db, case, Event.FEEDBACK, HANDLER, text="done", evidence=(sha256,))
    street.forward(minutes=1)
    await street.detect(db, camera="C-002")
    case = await check_feedback(db, case.case_id, photos, FixedJudge(), street.now)
    assert case.state is State.VERIFYING


async def test_somebody_is_called_back_before_a_case_closes_that_the_system_passed(
    db, street, photos
):
    await policy(db, street, **BY_MODEL)
    case = await repaired(db, street, photos, await street.handling(db, callback_required=True))
    assert case.state is State.CALLBACK
    case = await street.move(
        db, case, Event.NOT_SATISFIED, DISPATCHER, reason="it rattles", satisfaction="not"
    )
    case = await repaired(db, street, photos, case, name="second repair")
    assert (case.state, case.supervised) == (State.VERIFYING, True)


def test_a_list_cannot_let_the_system_pass_what_is_grave():
    condition = {
        "cond_key": "gone",
        "text_zh": "缺失",
        "text_en": "Gone",
        "limit_type": "urgent_hour",
        "limit_value": 2,
    }
    catalogue.Condition.model_validate(condition | BY_MODEL)
    for fields in (BY_MODEL, BY_CAMERA):
        with pytest.raises(ValueError, match="high severity"):
            catalogue.Condition.model_validate(condition | {"severity": "high"} | fields)
