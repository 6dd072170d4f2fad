import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.camera import GroundCamera

LEVEL = GroundCamera(640, 480, 500.0, 3.0, 0.0)


def test_a_level_camera_has_its_horizon_in_the_middle():
    assert LEVEL.horizon_row() == 240


def test_a_point_on_the_axis_is_in_the_middle_of_the_picture():
    camera = GroundCamera(640, 480, 500.0, 3.0, math.atan2(3.0, 4.0))
    assert np.allclose(camera.project([[0, 4, 0]]), [[320, 240]])


def test_a_metre_shrinks_with_distance():
    assert LEVEL.pixels_per_metre(0, 5) == pytest.approx(100)
    assert LEVEL.pixels_per_metre(0, 10) == pytest.approx(50)


def test_what_stands_higher_is_seen_higher():
    (foot, head) = LEVEL.project([[1, 8, 0], [1, 8, 1.7]])
    assert head[1] < foot[1]
    assert head[0] == pytest.approx(foot[0])


@given(
    x=st.floats(-4, 4),
    y=st.floats(3, 30),
    pitch=st.floats(0, 0.6),
    roll=st.floats(-0.1, 0.1),
)
def test_a_pixel_leads_back_to_its_ground_point(x, y, pitch, roll):
    camera = GroundCamera(640, 480, 500.0, 3.0, pitch, roll)
    (column, row) = camera.project([[x, y, 0]])[0]
    assert camera.ground_at(column, row) == pytest.approx((x, y), abs=1e-6)
