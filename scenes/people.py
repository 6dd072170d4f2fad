"""People on foot."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from scenes.camera import GroundCamera, Matrix
from scenes.canvas import Colour, Outline, Patch, bgr
from scenes.noise import tint, within


def _colour(rng: Generator, low: float, high: float) -> Colour:
    return bgr(within(rng, low, high) * rng.uniform(0.45, 1.2, 3))


@dataclass(frozen=True)
class Person:
    """How somebody looks; `step_s` is the time of two steps."""

    tall_m: float
    coat: Colour
    trousers: Colour
    skin: Colour
    hair: Colour
    step_s: float

    @classmethod
    def draw(cls, rng: Generator) -> "Person":
        """Draw a grown-up."""
        skin = bgr(tint(rng, 150, 200) * [0.78, 0.9, 1.08])
        hair = bgr(tint(rng, 15, 60))
        return cls(
            within(rng, 1.55, 1.82),
            _colour(rng, 60, 210),
            _colour(rng, 40, 120),
            skin,
            hair,
            within(rng, 0.95, 1.2),
        )

    def patches(self, camera: GroundCamera, place: Matrix, at_s: float) -> list[Patch]:
        """Return the body at this ground point, in the stride of this instant."""
        foot, head = camera.project([[place[0], place[1], 0.0], [place[0], place[1], self.tall_m]])
        tall = float(foot[1] - head[1])
        swing = math.sin(2 * math.pi * at_s / self.step_s)

        def part(points: list[tuple[float, float]]) -> Outline:
            return np.array([[foot[0] + x * tall, foot[1] - y * tall] for x, y in points])

        def limb(top: tuple[float, float], end: tuple[float, float], half: float) -> Outline:
            return part(
                [
                    (top[0] - half, top[1]),
                    (top[0] + half, top[1]),
                    (end[0] + half * 0.8, end[1]),
                    (end[0] - half * 0.8, end[1]),
                ]
            )

        turn = np.linspace(0, 2 * math.pi, 12, endpoint=False)
        face = [(0.055 * math.cos(t), 0.925 + 0.07 * math.sin(t)) for t in turn]
        cap = [(0.058 * math.cos(t), 0.95 + 0.052 * math.sin(t)) for t in turn]
        return [
            Patch(limb((-0.03, 0.5), (-0.03 + 0.1 * swing, 0.0), 0.042), self.trousers),
            Patch(limb((0.03, 0.5), (0.03 - 0.1 * swing, 0.0), 0.042), self.trousers),
            Patch(limb((0.1, 0.8), (0.1 + 0.07 * swing, 0.45), 0.028), self.coat),
            Patch(part([(-0.1, 0.82), (0.1, 0.82), (0.085, 0.46), (-0.085, 0.46)]), self.coat),
            Patch(limb((-0.1, 0.8), (-0.1 - 0.07 * swing, 0.45), 0.028), self.coat),
            Patch(part(face), self.skin),
            Patch(part(cap), self.hair),
        ]
