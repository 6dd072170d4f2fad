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
    dlat = radius_m * 1.01 / METRES_PER_DEGREE
    dlon = dlat / max(cos(radians(lat)), 0.01)
    return BoundingBox(lon - dlon, lat - dlat, lon + dlon, lat + dlat)
