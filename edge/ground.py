"""From a point of the picture to a place on the ground, with an honest error."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from wire.messages import Ground

_M_PER_DEGREE = 111_195.0
"""Along a meridian, on a sphere of 6,371 km: within 0.6 % anywhere, far below our own error."""
_POINTING = 0.01
"""How far a box's foot may be off, as a share of the picture."""
_LEAST_M = 0.5


@dataclass(frozen=True)
class Calibrated:
    """A point (u, v) of the picture, in fractions, whose place (lon, lat) is known."""

    u: float
    v: float
    lon: float
    lat: float


class BadCalibration(ValueError):
    """Calibrated points that give no plane; the text says what is wrong."""


class Site:
    """Where a camera stands and how far it sees; with calibration, where each point lies."""

    def __init__(
        self, lon: float, lat: float, coverage_m: float, points: Sequence[Calibrated] = ()
    ) -> None:
        """Raises BadCalibration for 1 to 3 points, or points on a line."""
        self._lon, self._lat, self._coverage_m = lon, lat, coverage_m
        self._m_per_lon = _M_PER_DEGREE * math.cos(math.radians(lat))
        self._plane: NDArray[np.float64] | None = None
        self._residual_m = 0.0
        if points:
            self._calibrate(points)

    def locate(self, u: float, v: float) -> Ground:
        """The place that the picture shows at (u, v), both 0..1.

        Without calibration, or where the point is not on the ground that the camera covers, it is
        the camera's own place, and the coverage is the error.
        """
        own_place = Ground(lon=self._lon, lat=self._lat, error_m=self._coverage_m)
        here = self._project(u, v)
        if here is None or math.hypot(*here) > 2 * self._coverage_m:
            return own_place
        error_m = self._error_m(u, v, here)
        if error_m >= self._coverage_m:
            return own_place
        lon = self._lon + here[0] / self._m_per_lon
        lat = self._lat + here[1] / _M_PER_DEGREE
        return Ground(lon=lon, lat=lat, error_m=round(error_m, 2))

    def _calibrate(self, points: Sequence[Calibrated]) -> None:
        if len(points) < 4:
            raise BadCalibration(f"{len(points)} calibrated points, at least 4 are needed")
        picture = np.array([(p.u, p.v) for p in points], np.float64)
        metres = np.array([self._metres(p) for p in points], np.float64)
        plane, _ = cv2.findHomography(picture, metres, 0)
        if plane is None or not np.isfinite(plane).all() or _flat(picture) or _flat(metres):
            raise BadCalibration("the calibrated points lie on a line; spread them over the road")
        self._plane = np.asarray(plane, np.float64)
        # A view that looks down sees the ground in one sheet: the divisor keeps its sign.
        depths = np.c_[picture, np.ones(len(points))] @ self._plane[2]
        if depths.min() <= 0 < depths.max():
            raise BadCalibration("the calibrated points contradict each other; check their order")
        self._plane *= np.sign(depths[0])
        seen = [self._project(p.u, p.v) or (math.inf, math.inf) for p in points]
        # Four points fit exactly whatever their errors: only what is beyond them tells of those.
        surplus = max(1, 2 * len(points) - 8)
        self._residual_m = float(np.sqrt(2 * ((np.array(seen) - metres) ** 2).sum() / surplus))

    def _metres(self, point: Calibrated) -> tuple[float, float]:
        """East and north of the camera."""
        east = (point.lon - self._lon) * self._m_per_lon
        return east, (point.lat - self._lat) * _M_PER_DEGREE

    def _project(self, u: float, v: float) -> tuple[float, float] | None:
        """Metres east and north of the camera, or None at and above the horizon."""
        if self._plane is None:
            return None
        x, y, depth = self._plane @ np.array([u, v, 1.0])
        return (float(x / depth), float(y / depth)) if depth > 1e-9 else None

    def _error_m(self, u: float, v: float, here: tuple[float, float]) -> float:
        """What the calibration leaves over, and what a foot a little off would do."""
        moved = [self._project(u + _POINTING, v), self._project(u, v - _POINTING)]
        off = [math.inf if at is None else math.dist(at, here) for at in moved]
        return max(_LEAST_M, math.hypot(self._residual_m, *off))


def _flat(points: NDArray[np.float64]) -> bool:
    """Whether the points are so nearly on a line that no plane follows from them."""
    spread = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return bool(spread[1] < 0.01 * spread[0])
