"""The plan of a street and where the camera stands in it."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from scenes.camera import GroundCamera, Matrix
from scenes.noise import within


@dataclass(frozen=True)
class StreetPlan:
    """Distances across the street, in metres from the camera towards the far side (negative: behind it).

    `along` is counted from the camera down the street. `side` is -1 if the road lies to the
    camera's left and 1 if it lies to the right; `bearing` turns the street against the camera's axis.
    """

    near_wall: float
    near_kerb: float
    parking: float
    lanes: int
    lane_m: float
    far_pavement: float
    side: int
    bearing: float

    @classmethod
    def draw(cls, rng: Generator, *, kerb: tuple[float, float] = (0.3, 1.3)) -> "StreetPlan":
        """Draw a street of two to four lanes."""
        return cls(
            near_wall=-within(rng, 3.0, 5.0),
            near_kerb=within(rng, *kerb),
            parking=within(rng, 2.6, 3.2),
            lanes=int(rng.integers(2, 5)),
            lane_m=within(rng, 3.0, 3.4),
            far_pavement=within(rng, 2.8, 4.5),
            side=-1 if rng.random() < 0.5 else 1,
            bearing=within(rng, 0.1, 0.34),
        )

    @property
    def road_start(self) -> float:
        """Where the lanes for traffic begin."""
        return self.near_kerb + self.parking

    @property
    def far_kerb(self) -> float:
        """Where the road ends."""
        return self.road_start + self.lanes * self.lane_m

    @property
    def far_wall(self) -> float:
        """Where the houses of the far side stand."""
        return self.far_kerb + self.far_pavement

    def lane_middle(self, lane: int) -> float:
        """Middle of a lane, counted from the near side."""
        return self.road_start + (lane + 0.5) * self.lane_m

    def axes(self) -> tuple[Matrix, Matrix]:
        """Return the unit vectors across and along the street, in the camera's ground frame."""
        along = np.array([-self.side * math.sin(self.bearing), math.cos(self.bearing)])
        across = np.array([self.side * math.cos(self.bearing), math.sin(self.bearing)])
        return across, along

    def place(self, across: float, along: float, up: float = 0.0) -> Matrix:
        """Return a point of the street in the camera's frame (x, y, z)."""
        a, b = self.axes()
        x, y = a * across + b * along
        return np.array([x, y, up])


@dataclass(frozen=True)
class CoverSpot:
    """Where the cover lies: ground point before the camera and the radius of its frame."""

    x: float
    y: float
    radius_m: float


@dataclass(frozen=True)
class Prospect:
    """How a camera looks at its cover.

    `shares` bound the cover's share of the picture's width, `poles_m` the camera's height, and
    `rows` where the cover lies between the upper edge (0) and the lower (1).
    """

    shares: tuple[float, float]
    poles_m: tuple[float, float]
    rows: tuple[float, float]


NEAR = Prospect((0.09, 0.13), (2.9, 3.7), (0.5, 0.88))
FAR = Prospect((0.028, 0.034), (4.5, 6.5), (0.3, 0.88))


def pole_view(
    rng: Generator, plan: StreetPlan, width: int, height: int, prospect: Prospect = NEAR
) -> tuple[GroundCamera, CoverSpot]:
    """Hang a camera on a pole so that it sees a cover in the nearest lane."""
    while True:
        focal = width * within(rng, 0.74, 0.86)
        horizon = within(rng, 0.07, 0.16) * height
        camera = GroundCamera(
            width,
            height,
            focal,
            within(rng, *prospect.poles_m),
            math.atan2(height / 2 - horizon, focal),
        )
        radius, share = within(rng, 0.42, 0.48), within(rng, *prospect.shares)
        across = within(rng, plan.near_kerb + radius + 0.35, plan.near_kerb + plan.parking - radius)
        depth = focal * 2 * radius / (share * width)
        x, y = _at_depth(camera, plan, across, depth)
        column, row = camera.project([[x, y, 0]])[0]
        high, low = (share * height for share in prospect.rows)
        if 0.12 * width < column < 0.88 * width and high < row < low:
            return camera, CoverSpot(x, y, radius)


def _at_depth(
    camera: GroundCamera, plan: StreetPlan, across: float, depth: float
) -> tuple[float, float]:
    """Find the ground point at this distance across the street and this depth from the camera."""
    a, b = plan.axes()
    ahead = (depth - camera.height_m * math.sin(camera.pitch)) / math.cos(camera.pitch)
    along = (ahead - a[1] * across) / b[1]
    x, y = a * across + b * along
    return float(x), float(y)
