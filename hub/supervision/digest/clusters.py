"""Clusters in space and time: cases that lie near one another and came within a short time. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from math import cos, floor, radians

from hub.geo.distance import distance_m

RADIUS_M = 300.0
WINDOW = timedelta(hours=72)
LEAST = 3
_METRES_PER_DEGREE = 110_000.0
"""A little less than anywhere here, so that squares are never too small."""


@dataclass(frozen=True, slots=True)
class Happening:
    """A case as a point in space and time."""

    case_id: int
    lon: float
    lat: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Cluster:
    """Happenings of which each is near another; `spread_m` is the longest way from their middle."""

    members: tuple[Happening, ...]
    lon: float
    lat: float
    spread_m: float
    first_at: datetime
    last_at: datetime


def clusters(
    happenings: Sequence[Happening],
    radius_m: float = RADIUS_M,
    window: timedelta = WINDOW,
    least: int = LEAST,
) -> list[Cluster]:
    """The clusters of at least so many, the largest first.

    Two belong together if they are within the radius and the window of one another, or by others that are.
    """
    parents = list(range(len(happenings)))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    for one, other in _near(happenings, radius_m, window):
        parents[root(one)] = root(other)
    groups: dict[int, list[Happening]] = defaultdict(list)
    for index, happening in enumerate(happenings):
        groups[root(index)].append(happening)
    found = [_cluster(group) for group in groups.values() if len(group) >= least]
    return sorted(
        found, key=lambda each: (-len(each.members), each.first_at, each.members[0].case_id)
    )


def _near(
    happenings: Sequence[Happening], radius_m: float, window: timedelta
) -> Iterator[tuple[int, int]]:
    """Pairs that are near; only neighbouring squares of a grid are compared."""
    squares: dict[tuple[int, int], list[int]] = defaultdict(list)
    size = radius_m / _METRES_PER_DEGREE
    narrowest = min((cos(radians(each.lat)) for each in happenings), default=1.0)
    for index, each in enumerate(happenings):
        square = (floor(each.lon * narrowest / size), floor(each.lat / size))
        for dx, dy in product((-1, 0, 1), (-1, 0, 1)):
            for other in squares.get((square[0] + dx, square[1] + dy), ()):
                if _are_near(each, happenings[other], radius_m, window):
                    yield index, other
        squares[square].append(index)


def _are_near(one: Happening, other: Happening, radius_m: float, window: timedelta) -> bool:
    if abs(one.at - other.at) > window:
        return False
    return distance_m(one.lon, one.lat, other.lon, other.lat) <= radius_m


def _cluster(group: list[Happening]) -> Cluster:
    members = tuple(sorted(group, key=lambda each: (each.at, each.case_id)))
    lon = sum(each.lon for each in members) / len(members)
    lat = sum(each.lat for each in members) / len(members)
    spread = max(distance_m(lon, lat, each.lon, each.lat) for each in members)
    return Cluster(members, lon, lat, spread, members[0].at, members[-1].at)
