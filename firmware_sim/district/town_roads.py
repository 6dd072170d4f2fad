"""The town's streets: a loose grid inside a ring road, with two avenues through the middle."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from firmware_sim.district import names
from firmware_sim.district.names import Name
from firmware_sim.district.roads import Road, RoadClass, turned
from firmware_sim.geometry import XY, distance_m

RING_M = 2_300.0
_TILT = math.radians(5)


@dataclass(frozen=True)
class _Axis:
    """One street of the grid: its offset from the centre, its own slant and its rank."""

    offset: float
    slant: float
    grade: RoadClass
    name: Name


@dataclass(frozen=True)
class TownRoads:
    roads: list[Road]
    gates: list[XY]
    """Where main streets leave through the ring road."""


def draw_town(rng: Random, still: BaseGeometry, river: BaseGeometry) -> TownRoads:
    ring = _ring(rng)
    names_left = names.streets()
    ups = _axes(rng, names_left, Name("", ""))
    acrosses = _axes(rng, names_left, Name("", ""))
    roads = [Road(names.RING_ROAD, RoadClass.PRIMARY, tuple(ring.coords))]
    gates: list[XY] = []
    for upright, axes, others in ((True, ups, acrosses), (False, acrosses, ups)):
        for axis in axes:
            street = _Street(rng, axis, upright, ring, still, river)
            roads += street.pieces([_crossing(axis, other, upright) for other in others])
            gates += street.gates()
    return TownRoads(roads, gates)


def _ring(rng: Random) -> LineString:
    lobes = [(k, rng.uniform(0.01, 0.05) / k * 2, rng.uniform(0, math.tau)) for k in (2, 3, 4)]
    points = []
    for step in range(97):
        angle = math.tau * (step % 96) / 96
        r = RING_M * (1 + sum(a * math.sin(k * angle + p) for k, a, p in lobes))
        points.append((r * math.cos(angle) * 0.97, r * math.sin(angle) * 1.08))
    return LineString(points)


def _axes(rng: Random, left: Iterator[Name], middle: Name) -> list[_Axis]:
    """Streets from one side to the other; the middle one is an avenue, every third is main."""
    axes = [_Axis(0.0, 0.0, RoadClass.PRIMARY, middle)]
    for side in (-1, 1):
        offset, number = 0.0, 0
        while offset < RING_M * 1.12:
            number += 1
            offset += rng.uniform(120, 175) + 0.05 * offset
            grade = RoadClass.SECONDARY if number % 3 == 0 else RoadClass.STREET
            axes.append(_Axis(side * offset, rng.uniform(-0.03, 0.03), grade, next(left)))
    return sorted(axes, key=lambda axis: axis.offset)


def _on_grid(x: float, y: float) -> XY:
    return turned((0.0, 0.0), x, y, _TILT)


def _crossing(own: _Axis, other: _Axis, upright: bool) -> XY:
    """Where two streets of the grid meet, in grid coordinates along the own street."""
    position = (other.offset + other.slant * own.offset) / (1 - own.slant * other.slant)
    across = own.offset + own.slant * position
    return _on_grid(across, position) if upright else _on_grid(position, across)


@dataclass(frozen=True)
class _Street:
    rng: Random
    axis: _Axis
    upright: bool
    ring: LineString
    still: BaseGeometry
    river: BaseGeometry

    def _far_line(self) -> LineString:
        reach = RING_M * 1.6
        ends = [(self.axis.offset + self.axis.slant * t, t) for t in (-reach, reach)]
        return LineString([_on_grid(*(end if self.upright else end[::-1])) for end in ends])

    def gates(self) -> list[XY]:
        if self.axis.grade is RoadClass.STREET:
            return []
        return self._ends() if abs(self.axis.offset) < RING_M * 0.55 else []

    def _ends(self) -> list[XY]:
        """Where the street meets the ring road: two points, or none outside of it."""
        hits = shapely.get_parts(self._far_line().intersection(self.ring))
        ends = [(hit.x, hit.y) for hit in hits if isinstance(hit, Point)]
        return sorted(ends, key=lambda p: p[1] if self.upright else p[0])

    def pieces(self, crossings: list[XY]) -> list[Road]:
        """Runs of kept blocks between crossings; an avenue changes its name in the middle."""
        ends = self._ends()
        if len(ends) != 2:
            return []
        start, end = ends
        total = distance_m(start, end)
        inner = [c for c in crossings if self._between(c, start, end, total)]
        stops = [start, *sorted(inner, key=lambda c: distance_m(start, c)), end]
        roads, run = [], [stops[0]]
        for a, b in itertools.pairwise(stops):
            if self._kept(a, b):
                run.append(b)
            else:
                roads += self._named(run)
                run = [b]
        return roads + self._named(run)

    def _between(self, point: XY, start: XY, end: XY, total: float) -> bool:
        return 40 < distance_m(start, point) < total - 40 and distance_m(point, end) < total - 40

    def _kept(self, a: XY, b: XY) -> bool:
        block = LineString([a, b])
        is_street = self.axis.grade is RoadClass.STREET
        if block.intersects(self.still) or (is_street and block.intersects(self.river)):
            return False
        far = math.hypot((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) / RING_M
        return not is_street or self.rng.random() > 0.06 + 0.5 * math.pow(far, 2.4)

    def _named(self, run: list[XY]) -> list[Road]:
        if len(run) < 2:
            return []
        if self.axis.grade is not RoadClass.PRIMARY:
            return [Road(self.axis.name, self.axis.grade, tuple(run))]
        first, second = (
            (names.SOUTH_ROAD, names.NORTH_ROAD)
            if self.upright
            else (names.WEST_ROAD, names.EAST_ROAD)
        )
        middle = min(range(len(run)), key=lambda n: math.hypot(*run[n]))
        return [
            Road(name, self.axis.grade, tuple(part))
            for name, part in ((first, run[: middle + 1]), (second, run[middle:]))
            if len(part) > 1
        ]
