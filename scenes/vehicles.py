"""Cars, built of flat panels in metres and projected."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from scenes.camera import GroundCamera, Matrix
from scenes.canvas import Outline, Patch, bgr
from scenes.noise import chance, within

_PAINTS = (
    (232, 232, 230), (228, 230, 232), (40, 38, 36), (62, 60, 58), (150, 150, 148), (180, 178, 176),
    (52, 44, 150), (140, 70, 38), (95, 45, 25), (60, 110, 60), (40, 150, 205), (190, 150, 60),
)  # fmt: skip
_GLASS = np.array([88.0, 78.0, 66.0])
_TYRE = (34.0, 34.0, 34.0)
_SEDAN = (
    (0.0, 0.35),
    (0.0, 0.75),
    (0.27, 0.95),
    (0.42, 1.45),
    (0.72, 1.45),
    (0.87, 1.0),
    (1.0, 0.92),
    (1.0, 0.35),
)
_VAN = (
    (0.0, 0.35),
    (0.0, 0.95),
    (0.14, 1.15),
    (0.26, 1.9),
    (0.97, 1.95),
    (1.0, 1.1),
    (1.0, 0.95),
    (1.0, 0.35),
)
_GLASS_PANELS = (2, 4)

_Point = Callable[[float, float, float], Matrix]
"""From (share of the length, side -1..1, height) to a point before the camera."""


@dataclass(frozen=True)
class Car:
    """A car's build; its profile runs from the front (0) to the rear (1) of its length, heights in metres."""

    length_m: float
    width_m: float
    paint: Matrix
    profile: tuple[tuple[float, float], ...]

    @classmethod
    def draw(cls, rng: Generator) -> "Car":
        """Draw a car or, more rarely, a van."""
        paint = np.array(_PAINTS[int(rng.integers(len(_PAINTS)))], np.float64)
        if chance(rng, 0.25):
            return cls(within(rng, 4.6, 5.2), within(rng, 1.75, 1.95), paint, _VAN)
        return cls(within(rng, 4.2, 4.8), within(rng, 1.72, 1.85), paint, _SEDAN)

    def footprint(self, place: Matrix, heading: Matrix) -> Matrix:
        """Return the four corners on the ground (x, y, 0), for a car whose middle is at `place`."""
        ahead, beside = (
            heading * self.length_m / 2,
            np.array([-heading[1], heading[0]]) * self.width_m / 2,
        )
        corners = [
            place[:2] + ahead + beside,
            place[:2] + ahead - beside,
            place[:2] - ahead - beside,
            place[:2] - ahead + beside,
        ]
        return np.array([[*c, 0.0] for c in corners])

    def patches(self, camera: GroundCamera, place: Matrix, heading: Matrix) -> list[Patch]:
        """Return the panels that face the camera, far ones first."""
        beside = np.array([-heading[1], heading[0]])
        front = place[:2] + heading * self.length_m / 2
        seen_from = np.array([0.0, 0.0, camera.height_m])

        def point(along: float, side: float, up: float) -> Matrix:
            ground = front - heading * along * self.length_m + beside * side * self.width_m / 2
            return np.array([ground[0], ground[1], up])

        panels = [p for side in (-1.0, 1.0) for p in self._flank(point, side, beside, seen_from)]
        for index, ((a, low), (b, high)) in enumerate(
            zip(self.profile, self.profile[1:], strict=False)
        ):
            # The roof panels lean inwards, as a cabin narrows towards the top.
            lean_low, lean_high = _lean(low), _lean(high)
            corners = np.array(
                [
                    point(a, -lean_low, low),
                    point(a, lean_low, low),
                    point(b, lean_high, high),
                    point(b, -lean_high, high),
                ]
            )
            run, rise = (b - a) * self.length_m, high - low
            normal = np.array([*(heading * rise), run])
            if float(normal @ (seen_from - corners.mean(0))) > 0:
                colour = (
                    _GLASS * 1.1
                    if index in _GLASS_PANELS
                    else self.paint * (0.72 + 0.28 * run / (abs(run) + abs(rise) + 1e-6))
                )
                panels.append((corners, colour))
                if index == 0 or index == len(self.profile) - 2:
                    panels += self._lights(point, a, index == 0)
        return [Patch(_outline(camera, corners), bgr(colour)) for corners, colour in panels]

    def _lights(self, point: _Point, at: float, ahead: bool) -> list[tuple[Matrix, Matrix]]:
        colour = np.array([210.0, 232, 240]) if ahead else np.array([45.0, 40, 190])
        lights = []
        for side in (-0.75, 0.75):
            low, high = (0.55, 0.72) if ahead else (0.68, 0.88)
            quad = [
                point(at, side - 0.17, low),
                point(at, side + 0.17, low),
                point(at, side + 0.17, high),
                point(at, side - 0.17, high),
            ]
            lights.append((np.array(quad), colour))
        return lights

    def _flank(
        self, point: _Point, side: float, beside: Matrix, seen_from: Matrix
    ) -> list[tuple[Matrix, Matrix]]:
        middle = point(0.5, side, 0.5)
        if float((seen_from - middle)[:2] @ beside) * side <= 0:
            return []
        body = np.array([point(a, side * _lean(up), up) for a, up in self.profile])
        panels = [(body, self.paint * 0.84)]
        (_, _), (_, _), (a0, z0), (a1, z1), (a2, z2), (a3, z3), *_ = self.profile
        glass = [
            (a0 + 0.05, z0 + 0.04),
            (a1 + 0.015, z1 - 0.09),
            (a2 - 0.015, z2 - 0.09),
            (a3 - 0.05, max(z3, z0) + 0.04),
        ]
        panels.append((np.array([point(a, side * _lean(up), up) for a, up in glass]), _GLASS))
        pillar = (a1 + a2) / 2
        post = [
            (pillar - 0.01, z0 + 0.03),
            (pillar - 0.01, z1 - 0.06),
            (pillar + 0.012, z1 - 0.06),
            (pillar + 0.012, z0 + 0.03),
        ]
        panels.append(
            (np.array([point(a, side * _lean(up), up) for a, up in post]), self.paint * 0.8)
        )
        turn = np.linspace(0, 2 * np.pi, 16, endpoint=False)
        for axle in (0.19, 0.81):
            for radius, colour in ((0.33, np.array(_TYRE)), (0.2, np.array([150.0, 150, 150]))):
                rim = [
                    point(
                        axle + radius * np.cos(t) / self.length_m, side, 0.33 + radius * np.sin(t)
                    )
                    for t in turn
                ]
                panels.append((np.array(rim), colour))
        return panels


def _lean(up: float) -> float:
    """Half width of the body at this height, as a share of its full half width."""
    return 1.0 if up < 1.0 else 1.0 - 0.28 * min(1.0, (up - 1.0) / 0.9)


def _outline(camera: GroundCamera, corners: Matrix) -> Outline:
    return camera.project(corners)
