"""What is a place of the district, and what a receiver without satellites says."""

import pytest

from hub.geo.distance import box_around, distance_m
from hub.geo.fix import FixFault, fix_fault, reach_of

REACH = reach_of(103.0, 25.0, 104.0, 26.0, 20_000)


@pytest.mark.parametrize(("lon", "lat"), [(0.0, 0.0), (103.8, 0.0), (0.0, 25.6), (-0.0, 25.6)])
def test_a_coordinate_of_exactly_zero_is_no_fix_even_where_no_bounds_are_known(
    lon: float, lat: float
) -> None:
    assert fix_fault(lon, lat, None) is FixFault.ZERO
    assert fix_fault(lon, lat, REACH) is FixFault.ZERO


@pytest.mark.parametrize(("lon", "lat"), [(103.8, 90.0), (25.6, 103.8 - 90), (113.2, 23.1)])
def test_a_place_far_outside_the_district_is_no_fix(lon: float, lat: float) -> None:
    assert fix_fault(lon, lat, REACH) is FixFault.OUTSIDE
    assert fix_fault(lon, lat, None) is None


@pytest.mark.parametrize(
    ("lon", "lat"), [(103.8, 25.6), (103.0, 25.0), (104.19, 25.5), (103.5, 26.17)]
)
def test_a_place_in_the_district_or_its_margin_is_a_fix(lon: float, lat: float) -> None:
    assert fix_fault(lon, lat, REACH) is None


def test_the_margin_is_at_least_as_wide_as_it_says_and_not_much_wider() -> None:
    assert 20_000 <= distance_m(104.0, 26.0, REACH.east, 26.0) < 20_600
    assert 20_000 <= distance_m(104.0, 26.0, 104.0, REACH.north) < 20_600
    assert reach_of(103.8, 25.6, 103.8, 25.6, 500) == box_around(103.8, 25.6, 500)
