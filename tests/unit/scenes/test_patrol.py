import numpy as np
import pytest

from scenes import CoverState, patrol_photo

SIZE = (640, 480)


def test_the_same_seed_gives_the_same_photo():
    one, other = (patrol_photo(5, CoverState.OPEN, *SIZE) for _ in range(2))
    assert np.array_equal(one.image, other.image)
    assert one.boxes == other.boxes


@pytest.mark.parametrize("seed", range(20, 32))
def test_the_cover_is_near_and_whole(seed):
    frame = patrol_photo(seed, CoverState.GOOD, *SIZE)
    (box,) = frame.boxes
    assert frame.image.shape == (480, 640, 3)
    assert 0.18 < box.w / 640 < 0.6
    assert box.x > 0
    assert box.y > 0
    assert box.x + box.w < 640
    assert box.y + box.h < 480


def test_all_states_lie_at_the_same_place():
    places = {
        (box.x, box.y, box.w, box.h)
        for state in CoverState
        for box in patrol_photo(3, state, *SIZE).boxes
    }
    assert len(places) == 1


@pytest.mark.parametrize("seed", range(40, 48))
def test_an_open_shaft_is_darker_than_the_cover_was(seed):
    def middle(state: CoverState) -> float:
        frame = patrol_photo(seed, state, *SIZE)
        (box,) = frame.boxes
        rows = slice(int(box.y + 0.35 * box.h), int(box.y + 0.65 * box.h))
        columns = slice(int(box.x + 0.35 * box.w), int(box.x + 0.65 * box.w))
        return float(frame.image[rows, columns].mean())

    assert middle(CoverState.OPEN) < middle(CoverState.GOOD)
