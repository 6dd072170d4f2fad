"""Fences on the map: those near a place, and the distance to their boundary."""

from collections.abc import Iterable
from dataclasses import dataclass

import shapely
from pydantic import JsonValue
from shapely.geometry import shape

from hub.geo.area import Area
from hub.geo.distance import box_around
from hub.geofences.fence import MAX_ACCURACY_M, Fence


@dataclass(frozen=True, slots=True)
class MappedFence:
    """A fence and its area."""

    fence: Fence
    area: Area


class FenceMap:
    """Fences with a spatial index."""

    def __init__(self, fences: Iterable[tuple[Fence, JsonValue]]) -> None:
        self.by_id: dict[str, MappedFence] = {}
        boxes = []
        for fence, boundary in fences:
            self.by_id[fence.geofence_id] = MappedFence(fence, Area.of(boundary))
            boxes.append(_reach(shape(boundary), max(fence.margin_m, MAX_ACCURACY_M)))
        self._ids = list(self.by_id)
        self._tree = shapely.STRtree(boxes)

    def near(self, lon: float, lat: float) -> set[str]:
        """The ids of the fences that a fix at this place may be inside or near; it is outside all others."""
        return {self._ids[n] for n in self._tree.query(shapely.Point(lon, lat), "intersects")}


def _reach(degrees: shapely.Geometry, reach_m: float) -> shapely.Geometry:
    west, south, east, north = degrees.bounds
    around = box_around(west, south, reach_m)
    dlon, dlat = west - around.west, south - around.south
    return shapely.box(west - dlon, south - dlat, east + dlon, north + dlat)
