from random import Random

import pytest

from firmware_sim.geometry import length_m
from firmware_sim.roadmap import RoadMap

LADDER = [
    [(0.0, 0.0), (100.0, 0.0), (200.0, 0.0)],
    [(0.0, 100.0), (100.0, 100.0), (200.0, 100.0)],
    [(0.0, 0.0), (0.0, 100.0)],
    [(200.0, 0.0), (200.0, 100.0)],
]
FAR = [(10_000.0, 0.0), (10_100.0, 0.0)]


@pytest.fixture
def roads() -> RoadMap:
    return RoadMap([*LADDER, FAR])


def test_the_shortest_way_follows_the_roads(roads: RoadMap):
    way = roads.way((30, 5), (40, 105))
    assert way == [(30, 5), (30, 0), (0, 0), (0, 100), (40, 100), (40, 105)]


def test_on_one_piece_of_road_one_walks_straight(roads: RoadMap):
    assert roads.way((10, 2), (60, 2)) == [(10, 2), (60, 2)]


@pytest.mark.parametrize("end", [(10_050.0, 0.0), (5_000.0, 5_000.0)])
def test_where_no_road_leads_one_walks_straight(roads: RoadMap, end: tuple[float, float]):
    assert roads.way((30, 5), end) == [(30, 5), end]


def test_a_stroll_comes_back_and_stays_inside_its_ring(roads: RoadMap):
    walk = roads.stroll(Random(1), (0.0, 0.0), 250, ((0.0, 0.0), 0, 150))
    assert walk[0] == walk[-1] == (0.0, 0.0)
    assert all(x * x + y * y <= 150**2 for x, y in walk)
    assert length_m(walk) > 0
