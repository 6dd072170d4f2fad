"""A pinhole camera above flat ground."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class GroundCamera:
    """A camera at (0, 0, height_m); x runs to its right, y ahead, z up, all in metres.

    `pitch` is how far it looks below the horizon and `roll` its tilt, both in radians.
    """

    width: int
    height: int
    focal_px: float
    height_m: float
    pitch: float
    roll: float = 0.0

    @cached_property
    def _projection(self) -> Matrix:
        sin_p, cos_p = math.sin(self.pitch), math.cos(self.pitch)
        right = np.array([1.0, 0, 0, 0])
        down = np.array([0, -sin_p, -cos_p, cos_p * self.height_m])
        depth = np.array([0, cos_p, -sin_p, sin_p * self.height_m])
        cos_r, sin_r = math.cos(self.roll), math.sin(self.roll)
        across = self.focal_px * (cos_r * right - sin_r * down) + self.width / 2 * depth
        along = self.focal_px * (sin_r * right + cos_r * down) + self.height / 2 * depth
        return np.stack([across, along, depth])

    def matrix(self) -> Matrix:
        """Return the 3x4 projection from (x, y, z, 1) to homogeneous pixels."""
        return self._projection

    def ground(self) -> Matrix:
        """Return the 3x3 homography from ground (x, y, 1) to homogeneous pixels."""
        return self.matrix()[:, [0, 1, 3]]

    def project(self, points: ArrayLike) -> Matrix:
        """Project N x 3 points to N x 2 pixels; the points must lie ahead of the camera."""
        array = np.asarray(points, np.float64).reshape(-1, 3)
        matrix = self.matrix()
        seen = array @ matrix[:, :3].T + matrix[:, 3]
        return np.asarray(seen[:, :2] / seen[:, 2:])

    def depth(self, x: float, y: float, z: float = 0.0) -> float:
        """Distance of a point along the axis, in metres."""
        row = self._projection[2]
        return float(row[0] * x + row[1] * y + row[2] * z + row[3])

    def ground_at(self, column: float, row: float) -> tuple[float, float]:
        """Return the ground point (x, y) that a pixel below the horizon shows."""
        x, y, w = np.linalg.solve(self.ground(), np.array([column, row, 1.0]))
        return float(x / w), float(y / w)

    def pixels_per_metre(self, x: float, y: float) -> float:
        """Scale across the picture at a ground point."""
        return self.focal_px / self.depth(x, y)

    def horizon_row(self) -> float:
        """Row of the horizon at the middle column."""
        return self.height / 2 - self.focal_px * math.tan(self.pitch)

    def obliquity(self, x: float, y: float) -> float:
        """Tangent of the angle between the line of sight to a ground point and the plumb line."""
        return math.hypot(x, y) / self.height_m
