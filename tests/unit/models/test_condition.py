import numpy as np
import pytest

from models.condition import cut_crop, settle

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


def test_full_trust_lets_the_second_look_tell_the_state():
    settled = settle(FIRST, np.array([[0.05, 0.9, 0.05, 0.0]], np.float32), 1.0)
    assert settled.states.tolist() == [1]
    assert settled.scores[0] == pytest.approx(0.6 * 0.9, abs=0.01)


def test_no_trust_leaves_the_state_to_the_detector():
    settled = settle(FIRST, np.array([[0.05, 0.9, 0.05, 0.0]], np.float32), 0.0)
    assert settled.states.tolist() == [0]


def test_what_looks_like_no_cover_loses_its_score():
    settled = settle(FIRST, np.array([[0.04, 0.03, 0.03, 0.9]], np.float32), 1.0)
    assert settled.scores[0] < 0.06


def test_a_second_look_never_raises_a_score():
    rng = np.random.default_rng(0)
    first = rng.random((50, 3)).astype(np.float32)
    second = rng.dirichlet(np.ones(4), 50).astype(np.float32)
    assert (settle(first, second, 0.8).scores <= first.max(1) + 1e-6).all()
