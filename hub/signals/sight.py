"""Whether a camera can have seen what a detection says, where it says it. Pure."""

from hub.devices.device import CameraReach
from hub.geo.distance import distance_m
from hub.geo.place import Spot

UNKNOWN_COVERAGE_M = 500.0
"""How far a camera sees at most if nobody has registered it."""
SPARE_M = 100.0
MOST_ERROR_M = 300.0
"""A larger error radius excuses no greater distance."""


def is_out_of_sight(site: CameraReach | None, spot: Spot) -> bool:
    """Whether a place is far beyond the camera's coverage: twice as far, with something to spare.

    False without a site: then nobody can say.
    """
    if site is None:
        return False
    coverage_m = UNKNOWN_COVERAGE_M if site.coverage_m is None else site.coverage_m
    away_m = distance_m(site.lon, site.lat, spot.lon, spot.lat) - min(spot.error_m, MOST_ERROR_M)
    return away_m > 2 * coverage_m + SPARE_M
