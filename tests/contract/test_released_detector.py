"""The released detector sees what the demo shows it, on seeds that neither training nor its card used."""

import pytest

from models import Detector, RepairJudgement, judge_repair, released
from models.training.rendered import Picture, pictures, tally_states
from scenes import CoverState, patrol_photo

FIRST_SEED = 800_000


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector.load(released())


@pytest.mark.parametrize(("kind", "least_right"), [(Picture.STREET, 0.91), (Picture.PATROL, 0.91)])
def test_covers_are_found_and_their_state_is_told(detector, kind, least_right):
    tally = tally_states(detector, pictures(kind, 24, FIRST_SEED))
    assert tally.right / tally.pictures >= least_right, tally.misses


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


def test_the_card_states_the_figures_of_the_manifest(detector):
    card = (released() / "CARD.md").read_text(encoding="utf-8")
    for name, figures in detector.manifest.metrics.items():
        assert f"Measured on {name} ({figures.images} real photos)" in card
        for label, score in figures.classes.items():
            assert f"| {label} | {score.objects} | {score.ap50:.3f} |" in card
