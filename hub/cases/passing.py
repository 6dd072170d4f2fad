"""Why the policy of a condition lets the system pass a repair: what the model and the cameras say of it."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from hub import catalogue
from hub.cases.case import Case
from hub.cases.store import SQL
from hub.cases.views import CameraSightView, camera_sights
from hub.catalogue import Condition
from hub.db import Connection
from models import RepairJudgement

Verdict = dict[str, Any]
"""The model's verdict on a photo, as the case keeps it."""


class PassGround(StrEnum):
    MODEL_FIXED = "model_fixed"
    """The model saw the repair in every photo, as surely as the policy asks for."""
    CAMERA_CLEARED = "camera_cleared"
    """Every camera that saw the fault has seen it cleared since."""


async def pass_grounds(db: Connection, case: Case) -> tuple[str, ...]:
    """Why the system may pass the repair of the present round; empty if a person must."""
    item = await catalogue.item(db, case.catalogue_version, case.item_key)
    condition = item.condition(case.cond_key)
    if condition is None or not condition.has_pass_policy:
        return ()
    row = await (await db.execute(SQL["repair_round"], {"case_id": case.case_id})).fetchone()
    assert row is not None
    began_at, verdicts = row
    if began_at is None:
        return ()
    return grounds_of(case, condition, verdicts, await camera_sights(db, case.case_id), began_at)


def grounds_of(
    case: Case,
    condition: Condition,
    verdicts: Sequence[Verdict | None],
    cameras: Sequence[CameraSightView],
    since: datetime,
) -> tuple[str, ...]:
    """The grounds that the policy of the condition grants. `since`: the present round began.

    There are none if the model doesn't see the repair in every photo, if a photo is like one of another case,
    or if a camera has reported the fault again since the unit said that it is repaired.
    """
    if not verdicts or not all(_is_fixed(each) for each in verdicts):
        return ()
    if any(_reported_again(each, case) for each in cameras):
        return ()
    grounds: list[str] = []
    scores = [float(each["score"]) for each in verdicts if each is not None]
    if condition.pass_score is not None and min(scores) >= condition.pass_score:
        grounds.append(PassGround.MODEL_FIXED)
    cleared = [each.cleared_at is not None and each.cleared_at > since for each in cameras]
    if condition.pass_cleared and cleared and all(cleared):
        grounds.append(PassGround.CAMERA_CLEARED)
    return tuple(grounds)


def _is_fixed(verdict: Verdict | None) -> bool:
    if verdict is None or verdict.get("looks_like_cases") or verdict.get("note"):
        return False
    return bool(verdict.get("judgement") == RepairJudgement.FIXED)


def _reported_again(camera: CameraSightView, case: Case) -> bool:
    seen_last = case.feedback_at is None or camera.seen_at > case.feedback_at
    return camera.cleared_at is None and seen_last
