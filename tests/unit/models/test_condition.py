import numpy as np
import pytest

from models.condition import cut_crop, settle
from models.manifest import ConditionSpec

PICTURE = np.random.default_rng(3).integers(0, 255, (60, 100, 3), np.uint8)


def test_a_crop_is_a_square_of_the_box_and_its_margin():
    image = np.zeros((60, 100, 3), np.uint8)
    image[20:40, 30:70] = 255
    crop = cut_crop(image, np.array([30, 20, 70, 40], np.float32), 64, 2.0)
    assert crop.shape == (64, 64, 3)
    assert (crop[18:46, 18:46] == 255).all()
    assert (crop[:14] == 0).all()
    assert (crop[:, :14] == 0).all()


def test_a_crop_at_the_edge_repeats_the_border():
    image = np.full((60, 100, 3), 90, np.uint8)
    assert (cut_crop(image, np.array([90, 50, 110, 70], np.float32), 32, 1.5) == 90).all()


@pytest.mark.parametrize("box", [(0, 0, 100, 60), (50, 30, 50.5, 30.5), (98, 58, 100, 60)])
def test_any_box_in_the_picture_can_be_cut(box):
    assert cut_crop(PICTURE, np.array(box, np.float32), 32, 1.35).shape == (32, 32, 3)


FIRST = np.array([[0.6, 0.3, 0.1]], np.float32)
SEES_A_CRACK = np.array([[0.05, 0.9, 0.05, 0.0]], np.float32)


def spec(trust: float, open_trust: float = 0.0, doubt: float = 0.0) -> ConditionSpec:
    return ConditionSpec(side=32, margin=1.3, trust=trust, open_trust=open_trust, doubt=doubt)


def test_full_trust_lets_the_second_look_tell_good_from_broken():
    settled = settle(FIRST, SEES_A_CRACK, spec(1.0))
    assert settled.argmax(1).tolist() == [1]
    assert settled[0, 1] / settled[0, :2].sum() == pytest.approx(0.9 / 0.95, abs=0.01)


def test_no_trust_leaves_the_state_to_the_detector():
    settled = settle(FIRST, SEES_A_CRACK, spec(0.0))
    assert settled.argmax(1).tolist() == [0]
    assert settled / settled.sum() == pytest.approx(FIRST, abs=0.01)


def test_whether_a_hole_is_open_is_the_detectors_word_as_far_as_is_said():
    hole = np.array([[0.1, 0.1, 0.8, 0.0]], np.float32)
    shares = [settle(FIRST, hole, spec(0.5, open_trust=t))[0] for t in (0.0, 0.5, 1.0)]
    assert [float(s[2] / s.sum()) for s in shares] == pytest.approx([0.1, 0.45, 0.8], abs=0.01)


def test_what_looks_like_no_cover_loses_its_score_as_far_as_doubt_goes():
    stone = np.array([[0.04, 0.03, 0.03, 0.9]], np.float32)
    assert settle(FIRST, stone, spec(1.0, doubt=1.0)).max() < 0.08
    assert settle(FIRST, stone, spec(1.0, doubt=0.0)).sum() > 0.7


def test_the_scores_of_the_states_together_say_how_likely_there_is_a_cover():
    rng = np.random.default_rng(0)
    first = rng.random((50, 3)).astype(np.float32)
    second = rng.dirichlet(np.ones(4), 50).astype(np.float32)
    together = settle(first, second, spec(0.6, 0.3)).sum(1)
    assert together == pytest.approx(1 - (1 - first).prod(1), abs=1e-5)
