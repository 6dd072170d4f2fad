"""A place and how exactly it is known."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in WGS-84 with the radius within which the true place lies."""

    lon: float
    lat: float
    error_m: float
