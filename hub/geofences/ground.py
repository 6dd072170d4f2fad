"""Fences on the ground: which are near a place, and how far it is to their boundary."""

from collections.abc import Iterable
from dataclasses import dataclass

import shapely
from pydantic import JsonValue
from shapely.geometry import shape

from hub.geo.area import Area
from hub.geo.distance import box_around
from hub.geofences.fence import MAX_ACCURACY_M, Fence


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
