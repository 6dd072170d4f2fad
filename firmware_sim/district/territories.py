"""Villages that tile the district, and townships made of whole villages."""

import heapq
import math
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import shapely
from shapely.geometry import LineString, MultiPoint, Point, Polygon

from firmware_sim.district import names
from firmware_sim.district.names import Name
from firmware_sim.district.relief import Relief, smoothstep
from firmware_sim.geometry import XY, LocalProjection, distance_m

HALF_WIDTH_M, HALF_HEIGHT_M = 15_000.0, 18_500.0
TOWN_REACH_M = 2_600.0
"""Villages nearer to the centre than this are communities of the town."""
_BORDER_STEP_M = 180.0
_LOBES = ((2, 0.06), (3, 0.085), (4, 0.06), (5, 0.06), (7, 0.04))
_BEYOND = 1.45
"""Neighbouring districts have villages too, as far out as this; the border runs between."""


@dataclass(frozen=True)
class VillageTerritory:
    """`seat` lies in the drawing, before the bend; `area` is final, in degrees."""

    unit_key: str
    name: Name
    town: int
    seat: XY
    area: Polygon

    @property
    def urban(self) -> bool:
        return math.hypot(*self.seat) < TOWN_REACH_M


@dataclass(frozen=True)
class TownTerritory:
    unit_key: str
    name: Name
    seat: XY
    area: Polygon


@dataclass(frozen=True)
class Territories:
    """`drawing` is the district before the bend, in metres; `area` after it, in degrees."""

    drawing: Polygon
    area: Polygon
    towns: tuple[TownTerritory, ...]
    villages: tuple[VillageTerritory, ...]


def _lobed(rng: Random) -> Polygon:
    """The rough shape of the district: a long oval with bays and bulges."""
    lobes = [(k, rng.uniform(0.5, 1.0) * size, rng.uniform(0, math.tau)) for k, size in _LOBES]
    ring = []
    for step in range(180):
        angle = math.tau * step / 180
        r = 1 + sum(size * math.sin(k * angle + phase) for k, size, phase in lobes)
        ring.append((HALF_WIDTH_M * r * math.cos(angle), HALF_HEIGHT_M * r * math.sin(angle)))
    return Polygon(ring)


def draw_territories(
    rng: Random, relief: Relief, projection: LocalProjection, count: int
) -> Territories:
    """Draw `count` villages in at most eleven townships."""
    seats, beyond = _seats(rng, count)
    borders = _borders(seats + beyond)
    cells = _areas_at(borders, seats)
    drawing = _whole(cells)
    names_of = names.villages(rng, [math.hypot(*seat) < TOWN_REACH_M for seat in seats])
    areas = _bent(borders, drawing, seats, relief, projection)
    town_seats = _town_seats(seats)
    town_of = _grow_towns(areas, seats, town_seats)
    villages = tuple(
        VillageTerritory(f"village_{n + 1:03d}", names_of[n], town_of[n], seats[n], areas[n])
        for n in range(count)
    )
    towns = tuple(
        TownTerritory(
            f"town_{t + 1:02d}",
            names.TOWNS[t],
            seats[seat],
            _whole([v.area for v in villages if v.town == t]),
        )
        for t, seat in enumerate(town_seats)
    )
    return Territories(drawing, _whole(areas), towns, villages)


def _spacing(point: XY) -> float:
    return 620.0 + 2_300.0 * smoothstep(math.hypot(*point), 800.0, 15_000.0)


def _seats(rng: Random, count: int) -> tuple[list[XY], list[XY]]:
    """Best-candidate sampling: dense in the town, ever wider towards the hills.

    Returns the district's own villages, and those of its neighbours around it.
    """
    shape = _lobed(rng)
    shapely.prepare(shape)
    own: list[XY] = [(40.0, -30.0)]
    beyond: list[XY] = []
    while len(own) < count:
        seats = own + beyond
        candidates = [_candidate(rng) for _ in range(24)]
        best = max(candidates, key=lambda c: _gap(c, seats))
        (own if shapely.contains_xy(shape, *best) else beyond).append(best)
    return own, beyond + _far_ring()


def _gap(candidate: XY, seats: list[XY]) -> float:
    """Distance to the nearest village, in units of what is usual there."""
    nearest = min(distance_m(candidate, seat) for seat in seats)
    return nearest / _spacing(candidate)


def _candidate(rng: Random) -> XY:
    if rng.random() < 0.3:
        return rng.gauss(0, 3_000), rng.gauss(0, 3_200)
    half = HALF_WIDTH_M * _BEYOND, HALF_HEIGHT_M * _BEYOND
    return rng.uniform(-half[0], half[0]), rng.uniform(-half[1], half[1])


def _far_ring() -> list[XY]:
    """So that no village of the district reaches out without end."""
    reach = _BEYOND * 1.12
    return [
        (
            HALF_WIDTH_M * reach * math.cos(math.tau * n / 24),
            HALF_HEIGHT_M * reach * math.sin(math.tau * n / 24),
        )
        for n in range(24)
    ]


def _borders(seats: list[XY]) -> list[LineString]:
    """Borders of the villages (a Voronoi diagram) as lines that meet exactly at their ends."""
    edges = shapely.voronoi_polygons(MultiPoint(seats), only_edges=True)
    return list(shapely.get_parts(shapely.line_merge(shapely.union_all([edges]))))


def _areas_at(borders: list[LineString], seats: list[XY]) -> list[Polygon]:
    """The areas between borders in which the seats lie, in the order of the seats."""
    areas = shapely.get_parts(shapely.polygonize(borders))
    tree = shapely.STRtree(areas)
    seats_in, areas_at = tree.query([Point(seat) for seat in seats], predicate="within")
    index = dict(zip(seats_in.tolist(), areas_at.tolist(), strict=True))
    return [shapely.normalize(areas[index[n]]) for n in range(len(seats))]


def _bent(
    borders: list[LineString],
    drawing: Polygon,
    seats: list[XY],
    relief: Relief,
    projection: LocalProjection,
) -> list[Polygon]:
    with_rim, bent = drawing.buffer(0.01), []
    shapely.prepare(with_rim)
    for border in borders:
        if with_rim.covers(border):
            points = relief.bend_line(list(border.coords), _BORDER_STEP_M)
            degrees = [projection.to_degrees(point) for point in points]
            apart = [p for p, after in pairwise(degrees) if p != after] + degrees[-1:]
            bent += [LineString(apart)] if len(apart) > 1 else []
    return _areas_at(bent, [projection.to_degrees(relief.bend(seat)) for seat in seats])


def _town_seats(seats: list[XY]) -> list[int]:
    """The centre first, three more in the town's fringe, then the far corners of the district."""
    chosen = [0]
    wanted = min(len(names.TOWNS), len(seats))
    for number in range(1, wanted):
        fringe = number < 4
        pool = [n for n, seat in enumerate(seats) if n not in chosen and _fits(seat, fringe)]
        pool = pool or [n for n in range(len(seats)) if n not in chosen]
        chosen.append(max(pool, key=lambda n: _apart(seats, n, chosen)))
    return chosen


def _fits(seat: XY, fringe: bool) -> bool:
    reach = math.hypot(seat[0] / HALF_WIDTH_M, seat[1] / HALF_HEIGHT_M)
    return 0.1 < reach < 0.24 if fringe else 0.4 < reach < 0.8


def _apart(seats: list[XY], n: int, chosen: list[int]) -> float:
    return min(distance_m(seats[n], seats[c]) for c in chosen)


def _grow_towns(areas: list[Polygon], seats: list[XY], town_seats: list[int]) -> list[int]:
    """Give each village to a town over village borders, so that every town is of one piece."""
    town_of = [-1] * len(seats)
    neighbours = _neighbours(areas)
    heap = [(0.0, seat, town) for town, seat in enumerate(town_seats)]
    while heap:
        far, village, town = heapq.heappop(heap)
        if town_of[village] >= 0:
            continue
        town_of[village] = town
        for other in neighbours[village]:
            if town_of[other] < 0:
                heapq.heappush(heap, (far + distance_m(seats[village], seats[other]), other, town))
    return town_of


def _neighbours(areas: list[Polygon]) -> list[list[int]]:
    tree = shapely.STRtree(areas)
    result: list[list[int]] = [[] for _ in areas]
    for a, b in zip(*tree.query(areas, predicate="intersects"), strict=True):
        if a != b and areas[a].intersection(areas[b]).length > 0:
            result[a].append(int(b))
    return [sorted(others) for others in result]


def _whole(areas: list[Polygon]) -> Polygon:
    union = shapely.normalize(shapely.coverage_union_all(areas))
    parts: list[Polygon] = list(shapely.get_parts(union))
    if len(parts) != 1:
        raise ValueError(f"{len(areas)} areas do not make one piece; try another seed")
    return parts[0]
