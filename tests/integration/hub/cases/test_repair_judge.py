"""The released model as the judge of repair photos."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from hub.cases.repair_judge import ModelJudge
from hub.evidence.photo_model import open_photo_model
from models import RepairJudgement
from scenes.frame import CoverState
from scenes.patrol import patrol_photo

MODEL_DIR = Path(__file__).parents[4] / "models" / "street"


@pytest.fixture(scope="module")
def judge() -> ModelJudge:
    return ModelJudge(open_photo_model(MODEL_DIR))


def jpeg_of(seed: int, state: CoverState) -> bytes:
    image = patrol_photo(seed, state).image
    return cv2.imencode(".jpg", image)[1].tobytes()


@pytest.mark.parametrize("state", [CoverState.BROKEN, CoverState.OPEN])
def test_a_faulty_cover_is_called_still_broken_as_a_rule(judge, state):
    verdicts = [judge.judge(jpeg_of(seed, state)).judgement for seed in range(6)]

    assert verdicts.count(RepairJudgement.STILL_BROKEN) >= 5


def test_a_good_cover_is_called_fixed_with_a_box_in_fractions(judge):
    verdicts = [judge.judge(jpeg_of(seed, CoverState.GOOD)) for seed in range(4)]

    fixed = [each for each in verdicts if each.judgement is RepairJudgement.FIXED]
    assert len(fixed) >= 3
    for verdict in fixed:
        x, y, w, h = verdict.box
        assert verdict.label == "manhole_good"
        assert 0 <= x < x + w <= 1.001
        assert 0 <= y < y + h <= 1.001
        assert verdict.model.startswith("street")


def test_a_picture_without_a_cover_and_no_picture_at_all_are_unsure(judge):
    grey = cv2.imencode(".jpg", np.full((240, 320, 3), 128, np.uint8))[1].tobytes()

    for jpeg in (grey, b"no jpeg", b""):
        assert judge.judge(jpeg).judgement is RepairJudgement.UNSURE
