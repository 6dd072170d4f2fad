from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.crs import gcj02_to_wgs84, wgs84_to_gcj02

IN_CHINA = {"lon": st.floats(75, 134), "lat": st.floats(18, 53)}


def metres_apart(a: tuple[float, float], b: tuple[float, float]) -> float:
    east = (a[0] - b[0]) * 111_320 * cos(radians(a[1]))
    return hypot(east, (a[1] - b[1]) * 110_574)


@given(**IN_CHINA)
def test_there_and_back_again_is_within_a_centimetre(lon: float, lat: float):
    assert metres_apart(gcj02_to_wgs84(*wgs84_to_gcj02(lon, lat)), (lon, lat)) < 0.01


def test_around_zhanyi_the_two_datums_are_some_400_metres_apart():
    zhanyi = (103.8228, 25.6005)
    assert metres_apart(wgs84_to_gcj02(*zhanyi), zhanyi) == pytest.approx(397, abs=5)


@pytest.mark.parametrize("abroad", [(2.35, 48.86), (139.7, 35.7), (100.0, 2.0)])
def test_abroad_nothing_is_shifted(abroad: tuple[float, float]):
    assert wgs84_to_gcj02(*abroad) == abroad
    assert gcj02_to_wgs84(*abroad) == abroad
