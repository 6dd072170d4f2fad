"""The released detector sees what the demo shows it, on seeds that neither training nor its card used."""

import pytest

from models import OnnxDetector, RepairJudgement, judge_repair, released
from models.coco import read_coco
from models.evaluation import evaluate
from models.training.rendered import Picture, pictures, tally_states
from scenes import CoverState, patrol_photo
from scenes.dataset import Composition, Shard, write_shard
from scenes.training import CLASSES

FIRST_SEED = 800_000


@pytest.fixture(scope="module")
def detector() -> OnnxDetector:
    return OnnxDetector.load(released())


@pytest.mark.parametrize(("kind", "least_right"), [(Picture.STREET, 0.91), (Picture.PATROL, 0.91)])
def test_covers_are_found_and_their_state_is_told(detector, kind, least_right):
    tally = tally_states(detector, pictures(kind, 24, FIRST_SEED))
    assert tally.right / tally.covers >= least_right, [str(f) for f in tally.failures]


def test_a_repair_is_told_from_a_fault(detector):
    judged = {
        state: [
            judge_repair(detector, patrol_photo(FIRST_SEED + seed, state, 640, 480).image).verdict
            for seed in range(8)
        ]
        for state in CoverState
    }
    assert judged[CoverState.GOOD].count(RepairJudgement.FIXED) >= 6
    for fault in (CoverState.BROKEN, CoverState.OPEN):
        assert judged[fault].count(RepairJudgement.FIXED) <= 1


def test_int8_ranks_covers_within_half_a_point_of_fp32(tmp_path):
    """The mean AP over the states, on rendered photos and streets."""
    list(write_shard(Shard(FIRST_SEED, 36, Composition.PATROL), tmp_path, (), 640))
    list(write_shard(Shard(FIRST_SEED + 100, 24), tmp_path, (), 640))
    pictures = [
        picture
        for found in sorted(tmp_path.glob("*/annotations.json"))
        for picture in read_coco(found, found.parent, CLASSES, None)
    ]
    full, small = (
        evaluate(OnnxDetector.load(released(), precision=precision), pictures).mean_ap
        for precision in ("fp32", "int8")
    )
    assert small >= full - 0.005


def test_the_card_states_the_figures_of_the_manifest(detector):
    card = (released() / "CARD.md").read_text(encoding="utf-8")
    for name, by_precision in detector.manifest.metrics.items():
        figures = by_precision["fp32"]
        assert f"Measured on {name} ({figures.images} real photos)" in card
        for label, score in figures.classes.items():
            assert f"| {label} | {score.objects} | {score.ap50:.3f} |" in card
