"""Roads outside the town: through roads, county roads, village roads and lanes."""

import heapq
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import shapely
from shapely.geometry import LineString, MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry

from firmware_sim.district import names
from firmware_sim.district.names import Name
from firmware_sim.district.roads import Road, RoadClass, turned
from firmware_sim.district.territories import HALF_HEIGHT_M, HALF_WIDTH_M
from firmware_sim.district.town_roads import RING_M
from firmware_sim.geometry import XY, distance_m

Edge = tuple[int, int]
_DETOUR = 4.0
"""Villages that are not neighbours are connected only if there is no other road."""
_EXITS = (0.06, 0.2, 0.31, 0.45, 0.57, 0.7, 0.82, 0.93)
"""Where through roads leave the district, as parts of a full turn."""


@dataclass(frozen=True)
class Country:
    """The places to connect, before the bend. `seats` are township seats among `villages`."""

    drawing: Polygon
    villages: Sequence[XY]
    seats: Sequence[XY]
    gates: Sequence[XY]
    still: BaseGeometry
    """Water that no road crosses."""


@dataclass
class _Net:
    nodes: list[XY]
    ways: dict[int, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    detours: set[Edge] = field(default_factory=set)

    def route(self, sources: Sequence[int], target: int) -> list[Edge]:
        """The edges of the shortest way from any source to the target; empty if there is none."""
        best = dict.fromkeys(sources, 0.0)
        before: dict[int, int] = {}
        heap = [(0.0, source) for source in sources]
        while heap:
            far, node = heapq.heappop(heap)
            if node == target:
                break
            for other, cost in self.ways[node].items():
                if far + cost < best.get(other, math.inf):
                    best[other], before[other] = far + cost, node
                    heapq.heappush(heap, (far + cost, other))
        path = []
        while target in before:
            path.append(_edge(target, before[target]))
            target = before[target]
        return path


def draw_country(rng: Random, country: Country) -> list[Road]:
    ground = country.drawing.buffer(2).difference(country.still)
    shapely.prepare(ground)
    net, exits, gates = _net(country, ground)
    graded: dict[Edge, tuple[RoadClass, Name]] = {}
    for number, target in enumerate(exits):
        code = 201 + 2 * number
        name = Name(f"省道S{code}", f"Provincial Road S{code}")
        _grade(graded, net.route(gates, target), RoadClass.PRIMARY, name)
    for number, seat in enumerate(country.seats):
        name = Name(f"县道X{301 + number}", f"County Road X{301 + number}")
        near = sorted((distance_m(seat, other), other) for other in country.seats)[1:3]
        for _, other in near:
            route = net.route([net.nodes.index(other)], net.nodes.index(seat))
            _grade(graded, route, RoadClass.SECONDARY, name)
        _grade(graded, net.route(gates, net.nodes.index(seat)), RoadClass.SECONDARY, name)
    for number, edge in enumerate(_village_edges(rng, net, graded)):
        graded[edge] = (
            RoadClass.STREET,
            Name(f"乡道Y{number + 1:03d}", f"Village Road Y{number + 1:03d}"),
        )
    courses = _courses(net.nodes, graded)
    roads = [
        Road(name, grade, tuple(_winding(rng, courses[edge], grade, ground)))
        for edge, (grade, name) in sorted(graded.items())
    ]
    roads.append(_expressway(rng, country.drawing))
    for village in country.villages:
        roads += _lanes(rng, village, big=village in country.seats)
    return roads


def _edge(a: int, b: int) -> Edge:
    return (a, b) if a < b else (b, a)


def _grade(
    graded: dict[Edge, tuple[RoadClass, Name]], route: Sequence[Edge], grade: RoadClass, name: Name
) -> None:
    for edge in route:
        graded.setdefault(edge, (grade, name))


def _net(country: Country, ground: BaseGeometry) -> tuple[_Net, list[int], list[int]]:
    exits = [_exit(country.drawing, turn) for turn in _EXITS]
    nodes = [*country.villages, *country.gates, *exits]
    net = _Net(nodes)
    first_gate, first_exit = len(country.villages), len(country.villages) + len(country.gates)
    town = Point(0, 0).buffer(RING_M * 0.9)
    for (a, b), is_near in _neighbours(nodes):
        line = LineString([nodes[a], nodes[b]])
        if line.crosses(town) or not ground.covers(line) or min(a, b) >= first_exit:
            continue
        if first_gate <= a < first_exit and first_gate <= b < first_exit:
            continue
        net.ways[a][b] = net.ways[b][a] = line.length**1.25 * (1 if is_near else _DETOUR)
        if not is_near:
            net.detours.add((a, b))
    gates = list(range(first_gate, first_exit))
    return net, list(range(first_exit, len(nodes))), gates


def _exit(drawing: Polygon, turn: float) -> XY:
    """A point on the district's border."""
    angle = math.tau * turn
    far = (3 * HALF_WIDTH_M * math.cos(angle), 3 * HALF_HEIGHT_M * math.sin(angle))
    hits = LineString([(0, 0), far]).intersection(drawing.exterior)
    return max(((hit.x, hit.y) for hit in shapely.get_parts(hits)), key=lambda p: math.hypot(*p))


def _neighbours(nodes: list[XY]) -> list[tuple[Edge, bool]]:
    """Neighbours, and whether nobody else is in the circle between them (the Gabriel graph)."""
    index = {node: n for n, node in enumerate(nodes)}
    edges = shapely.get_parts(shapely.delaunay_triangles(MultiPoint(nodes), only_edges=True))
    tree = shapely.STRtree([Point(node) for node in nodes])
    found = []
    for line in edges:
        a, b = (index[point] for point in line.coords)
        middle = ((nodes[a][0] + nodes[b][0]) / 2, (nodes[a][1] + nodes[b][1]) / 2)
        reach = distance_m(nodes[a], nodes[b]) / 2 - 1e-6
        others = tree.query(Point(middle).buffer(reach))
        is_near = all(distance_m(middle, nodes[n]) >= reach for n in others)
        found.append((_edge(a, b), is_near))
    return sorted(found)


def _village_edges(
    rng: Random, net: _Net, graded: dict[Edge, tuple[RoadClass, Name]]
) -> list[Edge]:
    """Enough further edges that every village is reached, and some more."""
    parent = list(range(len(net.nodes)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in graded:
        parent[root(a)] = root(b)
    edges = sorted(
        (cost, _edge(a, b)) for a, ways in net.ways.items() for b, cost in ways.items() if a < b
    )
    chosen = []
    for _, (a, b) in edges:
        if (a, b) in graded:
            continue
        is_extra = (a, b) not in net.detours and rng.random() < 0.3
        if root(a) != root(b) or is_extra:
            parent[root(a)] = root(b)
            chosen.append((a, b))
    return chosen


@dataclass(frozen=True)
class _Course:
    """A piece of road from a to b with the directions in which it leaves and arrives."""

    a: XY
    b: XY
    leaves: XY
    arrives: XY

    def at(self, t: float, sway: float) -> XY:
        """A cubic Hermite curve, moved aside by `sway` times the distance from a to b."""
        ends = (2 * t**3 - 3 * t**2 + 1, 3 * t**2 - 2 * t**3)
        turns = (t**3 - 2 * t**2 + t, t**3 - t**2)
        aside = (self.a[1] - self.b[1], self.b[0] - self.a[0])
        x, y = (
            self.a[i] * ends[0]
            + self.b[i] * ends[1]
            + self.leaves[i] * turns[0]
            + self.arrives[i] * turns[1]
            + aside[i] * sway
            for i in (0, 1)
        )
        return x, y


def _courses(nodes: list[XY], graded: dict[Edge, tuple[RoadClass, Name]]) -> dict[Edge, _Course]:
    """Let a road pass smoothly through villages in which it keeps its name."""
    onward: dict[tuple[str, int], list[int]] = defaultdict(list)
    for (a, b), (_, name) in graded.items():
        onward[name.zh, a].append(b)
        onward[name.zh, b].append(a)

    def direction(name: Name, node: int, start: int, end: int) -> XY:
        others = onward[name.zh, node]
        before, after = (nodes[start], nodes[end])
        if len(others) == 2:
            far = next(other for other in others if other not in (start, end))
            before, after = (nodes[far], after) if node == start else (before, nodes[far])
        scale = distance_m(nodes[start], nodes[end]) / distance_m(before, after)
        return (after[0] - before[0]) * scale, (after[1] - before[1]) * scale

    return {
        (a, b): _Course(nodes[a], nodes[b], direction(name, a, a, b), direction(name, b, a, b))
        for (a, b), (_, name) in graded.items()
    }


def _winding(rng: Random, course: _Course, grade: RoadClass, ground: BaseGeometry) -> list[XY]:
    """A road that swings about its course, the more the smaller it is."""
    swing = {RoadClass.PRIMARY: 0.05, RoadClass.SECONDARY: 0.09, RoadClass.STREET: 0.13}[grade]
    most = max(3, int(distance_m(course.a, course.b) / 380))
    waves = [(k, rng.uniform(-1, 1) * swing / k**0.85) for k in range(1, most)]
    line: list[XY] = []
    for damping in (1.0, 0.5, 0.0):
        line = [course.at(n / 32, damping * _sway(n / 32, waves)) for n in range(33)]
        line[0], line[-1] = course.a, course.b
        if ground.covers(LineString(line)):
            return line
    return [course.a, course.b]


def _sway(t: float, waves: list[tuple[int, float]]) -> float:
    return math.sin(math.pi * t) * sum(size * math.sin(k * math.pi * t) for k, size in waves)


def _expressway(rng: Random, drawing: Polygon) -> Road:
    """One long easy curve past the town from south-west to north-east."""
    phase = rng.uniform(0, math.tau)
    points = []
    for n in range(81):
        t = n / 40 - 1
        x = -3_900 + 7_500 * t**3 + 500 * math.sin(2.2 * t + phase)
        points.append((x, t * HALF_HEIGHT_M * 1.5))
    inside = LineString(points).intersection(drawing)
    longest = max(shapely.get_parts(inside), key=lambda part: part.length)
    return Road(names.EXPRESSWAY, RoadClass.PRIMARY, tuple(longest.coords))


def _lanes(rng: Random, centre: XY, big: bool) -> list[Road]:
    """Lanes of a village, or the small grid of a township seat."""
    angle = rng.uniform(0, math.pi)
    if big:
        return _seat_grid(rng, centre, angle)
    reach = rng.uniform(130, 300)
    lanes = [_lane(rng, turned(centre, -reach, 0, angle), angle, 2 * reach)]
    for _ in range(rng.randint(3, 6)):
        stem = rng.choice(lanes).line
        turn = angle + rng.choice((-1, 1)) * rng.uniform(0.9, 2.1)
        lanes.append(_lane(rng, stem[rng.randrange(1, len(stem))], turn, rng.uniform(70, 230)))
    return lanes


def _lane(rng: Random, start: XY, angle: float, length: float) -> Road:
    line, course = [start], angle
    for _ in range(4):
        course += rng.uniform(-0.22, 0.22)
        line.append(turned(line[-1], length / 4, 0, course))
    return Road(Name("村道", "Village Lane"), RoadClass.STREET, tuple(line))


def _seat_grid(rng: Random, centre: XY, angle: float) -> list[Road]:
    name, gap = Name("镇街", "Town Street"), rng.uniform(105, 140)
    roads = []
    for row in range(-3, 4):
        for turn in (angle, angle + math.pi / 2):
            start = rng.uniform(-1.0, -0.35) * gap * (4.2 - abs(row))
            end = rng.uniform(0.35, 1.0) * gap * (4.2 - abs(row))
            line = tuple(turned(centre, far, row * gap, turn) for far in (start, end))
            roads.append(Road(name, RoadClass.STREET, line))
    return roads
