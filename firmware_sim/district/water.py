"""A river with a park lake, reservoirs with side arms, streams and ponds."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from firmware_sim.district.names import Name
from firmware_sim.district.relief import Relief, smoothstep
from firmware_sim.district.territories import HALF_HEIGHT_M
from firmware_sim.geometry import XY, LocalProjection, LonLat, distance_m

_SHORE_STEP_M = 70.0
_RIVER_AT_CENTRE_M = 1_250.0


@dataclass(frozen=True)
class Water:
    """One body of water in the drawing, before the bend."""

    name: Name
    area: Polygon
    still: bool
    """A lake that no road crosses, unlike a river, which has bridges."""


def draw_water(rng: Random, drawing: Polygon) -> list[Water]:
    river = _river_line(rng)
    waters = [Water(Name("清水河", "Qingshui River"), _river(rng, river), still=False)]
    sites = (
        (7_200.0, math.pi * rng.uniform(0.72, 0.8)),
        (9_500.0, -math.pi * rng.uniform(0.3, 0.36)),
    )
    titles = (Name("松涛水库", "Songtao Reservoir"), Name("龙泉水库", "Longquan Reservoir"))
    streams = (Name("松涛溪", "Songtao Stream"), Name("龙泉溪", "Longquan Stream"))
    for (far, bearing), title, stream in zip(sites, titles, streams, strict=True):
        dam = (far * math.cos(bearing), far * math.sin(bearing))
        waters.append(Water(title, _reservoir(rng, dam, bearing), still=True))
        waters.append(Water(stream, _stream(rng, dam, river), still=False))
    waters.append(
        Water(Name("明月湖", "Mingyue Lake"), _pond(rng, (-820.0, 1_480.0), 240), still=True)
    )
    for number in range(9):
        radius = rng.uniform(90, 260)
        centre = _somewhere(rng, drawing)
        name = Name(f"{number + 1}号水塘", f"Pond {number + 1}")
        waters.append(Water(name, _pond(rng, centre, radius), still=True))
    return waters


def bent(
    water: Water, drawing: Polygon, relief: Relief, projection: LocalProjection
) -> list[Polygon]:
    """Clip to the district, bend and turn into degrees; more than one piece if it is cut."""
    inside = shapely.get_parts(water.area.intersection(drawing))
    return [
        _in_degrees(piece, relief, projection)
        for piece in inside
        if isinstance(piece, Polygon) and piece.area > 500
    ]


def _in_degrees(area: Polygon, relief: Relief, projection: LocalProjection) -> Polygon:
    def ring(coords: Sequence[XY]) -> list[LonLat]:
        return [projection.to_degrees(p) for p in relief.bend_line(coords, _SHORE_STEP_M)]

    shape = Polygon(ring(area.exterior.coords), [ring(hole.coords) for hole in area.interiors])
    valid = shape if shape.is_valid else shape.buffer(0)
    return shapely.normalize(max(shapely.get_parts(valid), key=lambda part: part.area))


def _river_line(rng: Random) -> list[XY]:
    """From the northern border to the southern one, close by the town's east."""
    slow, quick = rng.uniform(0, math.tau), rng.uniform(0, math.tau)
    points = []
    for step in range(241):
        y = HALF_HEIGHT_M * 1.5 * (1 - step / 120)
        free = smoothstep(abs(y), 0, 7_000)
        x = _RIVER_AT_CENTRE_M + 2_600 * free * math.sin(math.tau * y / 24_000 + slow)
        x += (120 + 420 * free) * math.sin(math.tau * y / 5_200 + quick)
        x += (40 + 140 * free) * math.sin(math.tau * y / 1_900 + slow)
        points.append((x, y))
    return points


def _river(rng: Random, line: list[XY]) -> Polygon:
    wide = rng.uniform(0, math.tau)
    radii = [30 + 26 * n / len(line) + 8 * math.sin(n / 7 + wide) for n in range(len(line))]
    return _swept(line, radii)


def _swept(line: Sequence[XY], radii: Sequence[float]) -> Polygon:
    """The area that a circle of changing radius covers on its way along a line."""
    discs = [Point(p).buffer(r, 6) for p, r in zip(line, radii, strict=True)]
    hulls = [shapely.convex_hull(shapely.union(a, b)) for a, b in itertools.pairwise(discs)]
    return _largest(shapely.union_all(hulls))


def _reservoir(rng: Random, dam: XY, bearing: float) -> Polygon:
    """A drowned valley: a winding trunk up from the dam with arms that taper out."""
    trunk = _valley(rng, dam, bearing, 3_300)
    parts = [_swept(trunk, [_width(n / (len(trunk) - 1), 330) for n in range(len(trunk))])]
    for root in range(4, len(trunk) - 4, 5):
        side = rng.choice((-1, 1)) * rng.uniform(0.8, 1.35)
        for turn in (side, -side * rng.uniform(0.7, 1.1)):
            arm = _valley(rng, trunk[root], bearing + turn, rng.uniform(700, 1_700))
            parts.append(_swept(arm, [_width(n / (len(arm) - 1), 170) for n in range(len(arm))]))
    shore = shapely.union_all(parts).buffer(45).buffer(-90).buffer(45)
    return _largest(shore)


def _width(part: float, most: float) -> float:
    return 24 + most * math.pow(1 - part, 0.8) * (0.72 + 0.28 * math.cos(part * 9))


def _valley(rng: Random, start: XY, bearing: float, length: float) -> list[XY]:
    points, (x, y) = [start], start
    steps, turn = 24, rng.uniform(0, math.tau)
    for n in range(steps):
        course = bearing + 0.55 * math.sin(n / 3.1 + turn)
        x, y = x + length / steps * math.cos(course), y + length / steps * math.sin(course)
        points.append((x, y))
    return points


def _stream(rng: Random, dam: XY, river: list[XY]) -> Polygon:
    """From the dam down to the nearest bend of the river that lies further south."""
    mouth = min((p for p in river if p[1] < dam[1] - 600), key=lambda p: distance_m(p, dam))
    line, wobble = [], rng.uniform(0, math.tau)
    across = (-(mouth[1] - dam[1]), mouth[0] - dam[0])
    for n in range(61):
        t = n / 60
        sway = math.sin(math.pi * t) * (
            0.05 * math.sin(6 * t + wobble) + 0.018 * math.sin(21 * t + wobble)
        )
        line.append(
            (
                dam[0] + (mouth[0] - dam[0]) * t + across[0] * sway,
                dam[1] + (mouth[1] - dam[1]) * t + across[1] * sway,
            )
        )
    return _largest(LineString(line).buffer(13, 3))


def _pond(rng: Random, centre: XY, radius: float) -> Polygon:
    lobes = [(k, rng.uniform(0.04, 0.24) / k**0.6, rng.uniform(0, math.tau)) for k in (1, 2, 3, 5)]
    ring = []
    for step in range(48):
        angle = math.tau * step / 48
        r = radius * (1 + sum(a * math.sin(k * angle + p) for k, a, p in lobes))
        ring.append((centre[0] + r * math.cos(angle), centre[1] + 0.7 * r * math.sin(angle)))
    return Polygon(ring)


def _somewhere(rng: Random, drawing: Polygon) -> XY:
    border = drawing.buffer(-900)
    while True:
        point = rng.uniform(-15_000, 15_000), rng.uniform(-19_000, 19_000)
        if math.hypot(*point) > 4_500 and border.contains(Point(point)):
            return point


def _largest(shape: BaseGeometry) -> Polygon:
    return max(
        (part for part in shapely.get_parts(shape) if isinstance(part, Polygon)),
        key=lambda part: part.area,
    )


def still_water(waters: Sequence[Water]) -> BaseGeometry:
    """Where no road may go."""
    return shapely.union_all([water.area.buffer(25) for water in waters if water.still])


def river_area(waters: Sequence[Water]) -> BaseGeometry:
    return shapely.union_all([water.area for water in waters if not water.still])
