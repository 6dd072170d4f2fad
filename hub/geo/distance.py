"""Distances on the ground."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, radians

import numpy as np
from pyproj import Geod

METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """A box in degrees around a place, for preselection by an index."""

    west: float
    south: float
    east: float
    north: float

    def contains(self, lon: float, lat: float) -> bool:
        """Whether a place lies in the box or on its border."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north


@cache
def _geod() -> Geod:
    return Geod(ellps="WGS84")


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Metres along the WGS-84 ellipsoid between two places in degrees."""
    return float(_geod().inv(lon1, lat1, lon2, lat2)[2])


def distances_m(places: Sequence[tuple[float, float]], lon: float, lat: float) -> list[float]:
    """Like `distance_m`, from each of many places to one."""
    if not places:
        return []
    degrees = np.array(places)
    metres = _geod().inv(
        degrees[:, 0], degrees[:, 1], np.full(len(places), lon), np.full(len(places), lat)
    )[2]
    found: list[float] = metres.tolist()
    return found


def box_around(lon: float, lat: float, radius_m: float) -> BoundingBox:
    """A box that holds every place within `radius_m`; slightly larger than needed."""
    return widened(BoundingBox(lon, lat, lon, lat), radius_m)


def widened(box: BoundingBox, margin_m: float) -> BoundingBox:
    """A box with at least `margin_m` around it."""
    dlat = margin_m * 1.01 / METRES_PER_DEGREE
    farthest = max(abs(box.south), abs(box.north))
    dlon = dlat / max(cos(radians(farthest)), 0.01)
    return BoundingBox(box.west - dlon, box.south - dlat, box.east + dlon, box.north + dlat)
