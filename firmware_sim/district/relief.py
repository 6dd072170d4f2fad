"""The bend that turns a drawing of straight lines into a landscape.

Roads, borders and water are drawn with straight lines and simple curves, and then all bent by one
smooth one-to-one map of the plane: lines that met still meet, areas that were whole stay whole.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from firmware_sim.geometry import XY, distance_m

_WAVES = (
    (36_000.0, 1_700.0),
    (17_000.0, 560.0),
    (7_500.0, 170.0),
    (2_700.0, 48.0),
    (1_050.0, 15.0),
)
"""Wavelength and amplitude in metres; each is drawn twice."""
_FINE_BELOW_M = 4_000.0
_CALM_FROM_M, _CALM_TO_M = 2_600.0, 6_500.0
_REACH_M = 24_000
_LEAST_STRETCH = 0.3


@dataclass(frozen=True)
class _Wave:
    kx: float
    ky: float
    phase: float
    dx: float
    dy: float
    fine: bool


@dataclass(frozen=True)
class Relief:
    """Moves every point a little; calm in the town, where streets are nearly straight."""

    waves: tuple[_Wave, ...]

    def bend(self, point: XY) -> XY:
        x, y = point
        calm = smoothstep(math.hypot(x, y), _CALM_FROM_M, _CALM_TO_M)
        dx = dy = 0.0
        for wave in self.waves:
            lift = math.sin(wave.kx * x + wave.ky * y + wave.phase) * (calm if wave.fine else 1.0)
            dx += wave.dx * lift
            dy += wave.dy * lift
        return x + dx, y + dy

    def bend_line(self, line: Sequence[XY], step_m: float) -> list[XY]:
        """Bend a line after adding points so that none is further than step_m from the next."""
        return [self.bend(point) for point in dense(line, step_m)]

    def least_stretch(self) -> float:
        """The smallest Jacobian determinant on a grid; above 0 the map is one-to-one."""
        grid = range(-_REACH_M, _REACH_M + 1, 600)
        return min(self._stretch((float(x), float(y))) for x in grid for y in grid)

    def _stretch(self, point: XY) -> float:
        x, y = point
        here, east, north = self.bend(point), self.bend((x + 1, y)), self.bend((x, y + 1))
        return (east[0] - here[0]) * (north[1] - here[1]) - (north[0] - here[0]) * (
            east[1] - here[1]
        )


def draw_relief(rng: Random) -> Relief:
    """Draw waves until the map is one-to-one, and the town centre stays where it is."""
    while True:
        relief = Relief(tuple(_wave(rng, w, a) for w, a in _WAVES for _ in range(2)))
        if relief.least_stretch() > _LEAST_STRETCH:
            return relief


def _wave(rng: Random, wavelength: float, amplitude: float) -> _Wave:
    travel, push = rng.uniform(0, math.tau), rng.uniform(0, math.tau)
    k = math.tau / wavelength
    return _Wave(
        kx=k * math.cos(travel),
        ky=k * math.sin(travel),
        phase=rng.choice((0.0, math.pi))
        if wavelength > _FINE_BELOW_M
        else rng.uniform(0, math.tau),
        dx=amplitude * math.cos(push),
        dy=amplitude * math.sin(push),
        fine=wavelength < _FINE_BELOW_M,
    )


def smoothstep(value: float, low: float, high: float) -> float:
    t = min(1.0, max(0.0, (value - low) / (high - low)))
    return t * t * (3 - 2 * t)


def dense(line: Sequence[XY], step_m: float) -> list[XY]:
    """The same line with every piece cut so that it is at most step_m long."""
    points = [line[0]]
    for a, b in itertools.pairwise(line):
        pieces = max(1, math.ceil(distance_m(a, b) / step_m))
        points += [
            (a[0] + (b[0] - a[0]) * n / pieces, a[1] + (b[1] - a[1]) * n / pieces)
            for n in range(1, pieces)
        ]
        points.append(b)
    return points
