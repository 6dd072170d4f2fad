"""From a point in the picture to a place on the ground, with an honest error radius."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.homography import BadCalibration, Homography, as_points
from wire.messages import Ground

__all__ = ["BadCalibration", "CalibrationPoint", "CameraSite"]

_M_PER_DEGREE = 111_195.0
"""Along a meridian of a sphere of 6,371 km: right within 0.6 % everywhere."""
_POINTING = 0.01
"""How far off a box's foot may be, as a share of the picture."""
_LEAST_M = 0.5


@dataclass(frozen=True)
class CalibrationPoint:
    """A point (u, v) of the picture, in fractions, with its known place (lon, lat)."""

    u: float
    v: float
    lon: float
    lat: float


class CameraSite:
    """Where a camera stands and how far it sees; with calibration, where each of its points lies."""

    def __init__(
        self, lon: float, lat: float, coverage_m: float, calibrated: Sequence[CalibrationPoint] = ()
    ) -> None:
        """Raises BadCalibration for points that give no homography; no points at all are fine."""
        self._lon, self._lat, self.coverage_m = lon, lat, coverage_m
        self._m_per_lon = _M_PER_DEGREE * math.cos(math.radians(lat))
        self.homography: Homography | None = None
        if calibrated:
            marked = as_points([(one.u, one.v) for one in calibrated])
            self.homography = Homography(
                marked, as_points([self.metres(one) for one in calibrated])
            )

    def locate(self, u: float, v: float) -> Ground:
        """The place that the picture shows at (u, v), both 0..1.

        Without calibration, or if the point is not on ground that the camera covers, it is the camera's
        own place with the coverage as the error.
        """
        own_place = Ground(lon=self._lon, lat=self._lat, error_m=self.coverage_m)
        here = self._project(u, v)
        if here is None or math.hypot(*here) > 2 * self.coverage_m:
            return own_place
        error_m = self._error_m(u, v, here)
        if error_m >= self.coverage_m:
            return own_place
        lon = self._lon + here[0] / self._m_per_lon
        lat = self._lat + here[1] / _M_PER_DEGREE
        return Ground(lon=lon, lat=lat, error_m=round(error_m, 2))

    def covers(self, u: float, v: float) -> bool:
        """Whether the picture shows ground within the coverage at (u, v); never without calibration."""
        here = self._project(u, v)
        return here is not None and math.hypot(*here) <= self.coverage_m

    def metres(self, point: CalibrationPoint) -> tuple[float, float]:
        """Metres east and north of the camera."""
        east = (point.lon - self._lon) * self._m_per_lon
        return east, (point.lat - self._lat) * _M_PER_DEGREE

    def _project(self, u: float, v: float) -> tuple[float, float] | None:
        return None if self.homography is None else self.homography.project(u, v)

    def _error_m(self, u: float, v: float, here: tuple[float, float]) -> float:
        """The error of the calibration together with that of a foot a little off."""
        if self.homography is None:
            return self.coverage_m
        moved = [
            self.homography.project(u + _POINTING, v),
            self.homography.project(u, v - _POINTING),
        ]
        off = [math.inf if at is None else math.dist(at, here) for at in moved]
        return max(_LEAST_M, math.hypot(self.homography.error_m(u, v), *off))
