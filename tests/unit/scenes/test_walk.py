from itertools import pairwise

import numpy as np
import pytest

from scenes import PatrolWalk


@pytest.fixture(scope="module")
def walk() -> PatrolWalk:
    return PatrolWalk(4, 320, 240)


def test_consecutive_frames_differ_visibly(walk):
    looks = [walk.frame(k / 15).image.astype(int) for k in range(12)]
    assert all(np.abs(a - b).mean() > 1 for a, b in pairwise(looks))


def test_an_instant_can_be_asked_for_again(walk):
    assert np.array_equal(walk.frame(31.4).image, PatrolWalk(4, 320, 240).frame(31.4).image)


def test_a_walk_leads_through_more_than_one_street(walk):
    first, later = walk.frame(1.0).image.astype(int), walk.frame(12.0).image.astype(int)
    assert np.abs(first - later).mean() > 20


def test_frames_fill_the_size_asked_for(walk):
    frame = walk.frame(2.0)
    assert frame.image.shape == (240, 320, 3)
    assert frame.image.dtype == np.uint8
    assert frame.boxes == ()
