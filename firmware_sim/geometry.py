"""A flat map in metres around one point of the globe, and small geometry on it."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

XY = tuple[float, float]
"""East and north of the origin of the projection, in metres."""

LonLat = tuple[float, float]
"""Degrees, WGS-84."""

_A = 6378137.0
_E2 = 0.00669437999014


@dataclass(frozen=True)
class LocalProjection:
    """Metres east and north of (lon, lat); good to 0.2 % within 30 km of it."""

    lon: float
    lat: float

    def _metres_per_degree(self) -> XY:
        bend = 1 - _E2 * math.sin(math.radians(self.lat)) ** 2
        east = math.radians(1) * _A / math.sqrt(bend) * math.cos(math.radians(self.lat))
        north = math.radians(1) * _A * (1 - _E2) / bend**1.5
        return east, north

    def to_metres(self, place: LonLat) -> XY:
        east, north = self._metres_per_degree()
        return (place[0] - self.lon) * east, (place[1] - self.lat) * north

    def to_degrees(self, point: XY) -> LonLat:
        """Rounded to 1e-6 degrees, about 0.1 m."""
        east, north = self._metres_per_degree()
        return round(self.lon + point[0] / east, 6), round(self.lat + point[1] / north, 6)


def distance_m(a: XY, b: XY) -> float:
    return math.hypot(b[0] - a[0], b[1] - a[1])


def heading_deg(a: XY, b: XY) -> float:
    """Direction from a to b, in degrees from north, 0 <= h < 360."""
    return round(math.degrees(math.atan2(b[0] - a[0], b[1] - a[1])), 1) % 360.0


def length_m(line: Sequence[XY]) -> float:
    return sum(distance_m(a, b) for a, b in itertools.pairwise(line))


def along(line: Sequence[XY], distance: float) -> tuple[XY, float]:
    """Return the point `distance` metres along a line, and the heading there; ends are clamped."""
    left = max(0.0, distance)
    for a, b in itertools.pairwise(line):
        step = distance_m(a, b)
        if left <= step and step > 0:
            part = left / step
            return (a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part), heading_deg(a, b)
        left -= step
    return line[-1], heading_deg(line[-2], line[-1]) if len(line) > 1 else 0.0
