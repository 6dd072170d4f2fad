import numpy as np
import pytest

from scenes import CoverState, LabelledBox, Moment, StreetScene

WIDTH, HEIGHT = 480, 270


@pytest.fixture(scope="module")
def scene() -> StreetScene:
    return StreetScene(7, WIDTH, HEIGHT)


def grown(box: LabelledBox, share: float) -> tuple[slice, slice]:
    left, right = box.x - share * box.w, box.x + (1 + share) * box.w
    top, bottom = box.y - share * box.h, box.y + (1 + share) * box.h
    return slice(max(0, int(top)), int(bottom) + 1), slice(max(0, int(left)), int(right) + 1)


def test_the_same_seed_gives_the_same_street_at_the_same_instant(scene):
    again = StreetScene(7, WIDTH, HEIGHT)
    assert np.array_equal(
        scene.frame(12.5, CoverState.BROKEN).image, again.frame(12.5, CoverState.BROKEN).image
    )


def test_another_seed_gives_another_street(scene):
    other = StreetScene(8, WIDTH, HEIGHT).frame(0, CoverState.GOOD)
    assert other.boxes != scene.frame(0, CoverState.GOOD).boxes
    assert np.abs(other.image.astype(int) - scene.frame(0, CoverState.GOOD).image).mean() > 5


def test_a_frame_is_a_colour_picture_of_the_size_asked_for(scene):
    image = scene.frame(0, CoverState.GOOD).image
    assert image.shape == (HEIGHT, WIDTH, 3)
    assert image.dtype == np.uint8
    assert image.std() > 20


@pytest.mark.parametrize("state", list(CoverState))
def test_the_box_names_the_state_of_the_cover(scene, state):
    (box,) = scene.frame(0, state).boxes
    assert box.label == f"manhole_{state}"


@pytest.mark.parametrize("state", [CoverState.BROKEN, CoverState.OPEN])
def test_another_state_changes_the_cover_and_nothing_else(scene, state):
    good, bad = scene.frame(3.0, CoverState.GOOD), scene.frame(3.0, state)
    changed = np.abs(good.image.astype(int) - bad.image).max(2)
    inside = grown(good.boxes[0], 0.0)
    assert changed[inside].mean() > 8
    # What is left of the patch outside the frame is the interpolation of its border.
    changed[grown(good.boxes[0], 0.08)] = 0
    assert changed.max() <= 3


def test_the_cover_stays_in_its_place_while_time_passes(scene):
    places = {
        (b.x, b.y, b.w, b.h) for t in (0, 4, 900) for b in scene.frame(t, CoverState.OPEN).boxes
    }
    assert len(places) == 1


def test_something_moves_from_second_to_second(scene):
    first, second = (scene.frame(t, CoverState.GOOD).image.astype(int) for t in (0.0, 1.0))
    moved = np.abs(first - second).max(2) > 30
    assert moved.mean() > 0.001


def test_the_light_drifts_over_minutes():
    scene = StreetScene(9, WIDTH, HEIGHT)
    levels = [scene.frame(t, CoverState.GOOD).image.mean() for t in range(0, 900, 90)]
    assert max(levels) - min(levels) > 3


@pytest.mark.parametrize("seed", range(100, 112))
def test_the_cover_takes_a_share_of_the_width_that_a_person_sees(seed):
    scene = StreetScene(seed, 320, 180)
    (box,) = scene.frame(0, CoverState.GOOD).boxes
    assert 0.07 < box.w / 320 < 0.16
    assert box.x > 0
    assert box.x + box.w < 320
    assert box.y + box.h < 180


@pytest.mark.parametrize("seed", range(200, 206))
def test_nobody_ever_stands_before_the_cover(seed):
    scene = StreetScene(seed, 320, 180)
    within = grown(scene.frame(0, CoverState.GOOD).boxes[0], 0.0)
    looks = np.stack([scene.frame(t, CoverState.GOOD).image[within] for t in np.arange(0, 45, 1.5)])
    # Light and grain change all of it a little; a car or a person would change it much.
    assert np.ptp(looks.astype(int).mean((1, 2, 3))) < 12


def test_rain_dims_the_street_falls_anew_each_instant_and_leaves_the_cover_to_be_seen(scene):
    dry, wet = (scene.frame(3.0, CoverState.OPEN, Moment(rain=rain)).image for rain in (0, 1))
    assert wet.mean() < dry.mean() - 5
    again, later = (scene.frame(at_s, CoverState.OPEN, Moment(rain=1)).image for at_s in (3.0, 3.2))
    assert np.array_equal(wet, again)
    streaks = np.abs(wet.astype(int) - later).max(2) > 25
    assert 0.001 < streaks.mean() < 0.2
    hole = grown(scene.frame(3.0, CoverState.OPEN).boxes[0], -0.35)
    assert wet[hole].mean() < 0.7 * wet[HEIGHT // 2 :].mean()


def test_a_stopped_car_stands_still_and_does_not_hide_the_cover(scene):
    empty, one, other = (
        scene.frame(at_s, CoverState.GOOD, Moment(stopped_car=stopped)).image.astype(int)
        for at_s, stopped in ((3.0, False), (3.0, True), (3.0, True))
    )
    assert np.array_equal(one, other)
    changed = np.abs(one - empty).max(2)
    assert (changed > 30).mean() > 0.01
    assert changed[grown(scene.frame(0, CoverState.GOOD).boxes[0], 0.1)].max() == 0
    assert np.array_equal(scene.frame(3.0, CoverState.GOOD).image, empty), "and it can drive on"


def test_the_light_can_be_turned_down(scene):
    bright, dim = (
        scene.frame(3.0, CoverState.GOOD, Moment(light=light)).image.mean() for light in (1.0, 0.4)
    )
    assert dim == pytest.approx(0.4 * bright, rel=0.1)
