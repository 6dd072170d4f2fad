"""The road network, drawn before the bend: the town's streets, country roads, village lanes."""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from firmware_sim.district.names import Name
from firmware_sim.district.relief import Relief
from firmware_sim.geometry import XY, LocalProjection, LonLat, distance_m

_BEND_STEP_M = 90.0
_SNAP_M = 1.0


class RoadClass(StrEnum):
    PRIMARY = "primary"
    SECONDARY = "secondary"
    STREET = "street"


@dataclass(frozen=True)
class Road:
    """One line of the drawing, in metres."""

    name: Name
    grade: RoadClass
    line: tuple[XY, ...]


def join_crossings(roads: Sequence[Road]) -> list[Road]:
    """Give roads that cross or touch a common point there, so that one can turn."""
    lines = [LineString(road.line) for road in roads]
    tree = shapely.STRtree(lines)
    extra: dict[int, list[XY]] = defaultdict(list)
    for a, b in zip(*tree.query(lines, predicate="intersects"), strict=True):
        if a < b:
            for point in _points(lines[a].intersection(lines[b])):
                extra[int(a)].append(point)
                extra[int(b)].append(point)
    return [
        Road(road.name, road.grade, tuple(_with_points(road.line, extra[n])))
        for n, road in enumerate(roads)
    ]


def _points(shape: BaseGeometry) -> Iterable[XY]:
    for part in shapely.get_parts(shape):
        if isinstance(part, Point | LineString):
            for x, y in (part.coords[0], part.coords[-1]):
                yield round(x, 2), round(y, 2)


def _with_points(line: Sequence[XY], points: Sequence[XY]) -> list[XY]:
    """Insert points that lie on the line; a vertex closer than 1 m gives way to such a point."""
    shape = LineString(line)
    marks = sorted({point: shape.project(Point(point)) for point in points}.items(), key=_second)
    far, own = 0.0, []
    for before, vertex in zip([line[0], *line], line, strict=False):
        far += distance_m(before, vertex)
        if all(abs(far - mark) > _SNAP_M for _, mark in marks):
            own.append((vertex, far))
    merged = sorted(own + marks, key=_second)
    result = [merged[0][0]]
    result += [
        point for (_, before), (point, mark) in itertools.pairwise(merged) if mark - before > 1e-6
    ]
    return result


def _second(pair: tuple[XY, float]) -> float:
    return pair[1]


def main_body(roads: Sequence[Road]) -> list[Road]:
    """Leave out whatever can't be reached from the longest connected part of the network."""
    parent: dict[XY, XY] = {}

    def root(point: XY) -> XY:
        while parent.setdefault(point, point) != point:
            parent[point] = parent[parent[point]]
            point = parent[point]
        return point

    for road in roads:
        for point in road.line[1:]:
            parent[root(point)] = root(road.line[0])
    size: dict[XY, float] = defaultdict(float)
    for road in roads:
        size[root(road.line[0])] += LineString(road.line).length
    body = max(size, key=lambda point: size[point])
    return [road for road in roads if root(road.line[0]) == body]


def in_degrees(road: Road, relief: Relief, projection: LocalProjection) -> list[LonLat]:
    points = [projection.to_degrees(p) for p in relief.bend_line(road.line, _BEND_STEP_M)]
    return [p for n, p in enumerate(points) if n == 0 or p != points[n - 1]]


def turned(centre: XY, along_m: float, across_m: float, angle: float) -> XY:
    cos, sin = math.cos(angle), math.sin(angle)
    return (centre[0] + along_m * cos - across_m * sin, centre[1] + along_m * sin + across_m * cos)
