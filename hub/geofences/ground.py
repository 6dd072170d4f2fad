"""Fences on the ground: which are near a place, and how far it is to their boundary."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, radians
from typing import Self

import shapely
from pydantic import JsonValue
from shapely.geometry import shape

from hub.catalogue.distance import METRES_PER_DEGREE, box_around
from hub.geofences.fence import MAX_ACCURACY_M, Fence


@dataclass(frozen=True, slots=True)
class Area:
    """An area in metres around its middle, which is exact enough for some kilometres."""

    polygon: shapely.Geometry
    lon0: float
    lat0: float

    @classmethod
    def of(cls, boundary: JsonValue) -> Self:
        """`boundary` is a GeoJSON geometry in WGS-84."""
        degrees = shape(boundary)
        west, south, east, north = degrees.bounds
        lon0, lat0 = (west + east) / 2, (south + north) / 2
        scale = [METRES_PER_DEGREE * cos(radians(lat0)), METRES_PER_DEGREE]
        polygon = shapely.transform(degrees, lambda points: (points - [lon0, lat0]) * scale)
        shapely.prepare(polygon)
        return cls(polygon, lon0, lat0)

    def distance_m(self, lon: float, lat: float) -> float:
        """Metres to the boundary, negative inside."""
        x = (lon - self.lon0) * METRES_PER_DEGREE * cos(radians(self.lat0))
        point = shapely.Point(x, (lat - self.lat0) * METRES_PER_DEGREE)
        if shapely.contains(self.polygon, point):
            return -float(shapely.distance(self.polygon.boundary, point))
        return float(shapely.distance(self.polygon, point))


@dataclass(frozen=True, slots=True)
class GroundFence:
    """A fence, and where it is."""

    fence: Fence
    area: Area


class FenceMap:
    """Fences with an index."""

    def __init__(self, fences: Iterable[tuple[Fence, JsonValue]]) -> None:
        self.by_id: dict[str, GroundFence] = {}
        boxes = []
        for fence, boundary in fences:
            self.by_id[fence.geofence_id] = GroundFence(fence, Area.of(boundary))
            boxes.append(_reach(shape(boundary), max(fence.margin_m, MAX_ACCURACY_M)))
        self._ids = list(self.by_id)
        self._tree = shapely.STRtree(boxes)

    def near(self, lon: float, lat: float) -> set[str]:
        """The fences that a fix at a place can say something about; the others it is outside of."""
        return {self._ids[n] for n in self._tree.query(shapely.Point(lon, lat), "intersects")}


def _reach(degrees: shapely.Geometry, reach_m: float) -> shapely.Geometry:
    west, south, east, north = degrees.bounds
    around = box_around(west, south, reach_m)
    dlon, dlat = west - around.west, south - around.south
    return shapely.box(west - dlon, south - dlat, east + dlon, north + dlat)
