"""Whether somebody can have come from one place to another in the time between. Pure."""

from datetime import datetime
from typing import NamedTuple

from hub.geo.distance import distance_m

FASTEST_M_S = 60.0
"""216 km/h: nobody on patrol walks or drives faster."""
LEAST_JUMP_M = 500.0
"""A shorter way may be the receiver's noise, between high houses for example."""
NEAR_DEGREES = 0.003
"""Places in a box of this size are closer together than the shortest jump."""


class TimedPlace(NamedTuple):
    """Where a terminal was, WGS-84, and when. A tuple, because ingest makes one for each message."""

    lon: float
    lat: float
    error_m: float
    at: datetime


def is_jump(one: TimedPlace, other: TimedPlace) -> bool:
    """Whether nobody comes from one place to the other in the time between, in either direction."""
    if abs(one.lon - other.lon) < NEAR_DEGREES and abs(one.lat - other.lat) < NEAR_DEGREES:
        return False
    way_m = distance_m(one.lon, one.lat, other.lon, other.lat) - one.error_m - other.error_m
    between_s = abs((other.at - one.at).total_seconds())
    return way_m > max(LEAST_JUMP_M, FASTEST_M_S * between_s)
