"""The inside of a manhole seen through its opening: wall, floor and what lies there."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from scenes.frame import Plane, plane
from scenes.noise import Grain, chance, noise, ramp, tint, within, zigzag


@dataclass(frozen=True)
class PatchGrid:
    """A square patch of ground seen from above; x to the right, y towards the viewer, in cover radii."""

    side: int
    reach: float

    @property
    def px_per_radius(self) -> float:
        """Pixels of the patch in one cover radius."""
        return self.side / (2 * self.reach)

    def axes(self) -> tuple[Plane, Plane]:
        """Return the coordinates x and y of every pixel."""
        line = (np.arange(self.side, dtype=np.float32) + 0.5) / np.float32(
            self.px_per_radius
        ) - np.float32(self.reach)
        x, y = np.meshgrid(line, line)
        return x, y


def shaft_interior(
    rng: Generator, grid: PatchGrid, obliquity: float, radius: float, shallow: bool = False
) -> Plane:
    """Return the colours of a round shaft of this radius, looked into at this obliquity."""
    x, y = grid.axes()
    depth = within(rng, 0.35, 1.2) if shallow else within(rng, 1.0, 7.0)
    reach = y + np.sqrt(np.clip(radius * radius - x * x, 0, None))
    fall = np.clip(reach / max(obliquity, 0.02), 0, 40).astype(np.float32)
    on_wall = fall < depth
    fade = within(rng, 0.7, 3.2)
    angle = np.arctan2(x, -y + obliquity * np.minimum(fall, depth) + 1e-3)
    wall = _wall(rng, grid.side, fall, angle, fade)
    floor = _floor(rng, grid.side) * (0.35 + 0.65 * math.exp(-0.25 * depth * fade))
    colour = np.where(on_wall[..., None], wall, floor)
    if chance(rng, 0.3):
        colour = _with_ladder(rng, colour, x, fall, on_wall, radius, fade)
    if chance(rng, 0.5):
        turn = within(rng, 0, 2 * math.pi)
        lit = ramp(x * math.cos(turn) + y * math.sin(turn), -0.3, 0.1)
        colour = colour * (0.45 + 0.55 * lit[..., None])
    return plane(np.clip(colour, within(rng, 2, 12), 255))


def _wall(rng: Generator, side: int, fall: Plane, angle: Plane, fade: float) -> Plane:
    colour = tint(rng, 30, 115) * np.array([within(rng, 0.75, 1.0), 0.95, 1.0], np.float32)
    light = np.exp(-fall * fade) * (1 + 0.3 * np.sin(angle + within(rng, 0, 6.28)))
    if chance(rng, 0.35):
        course = np.floor(fall * within(rng, 5, 9))
        joints = (zigzag(angle * within(rng, 3, 7) + (course % 2) * 0.5) < 0.08) | (
            zigzag(fall * 6) < 0.1
        )
        light = light * np.where(joints, 0.7, 1.0)
    elif chance(rng, 0.5):
        light = light * (0.87 + 0.13 * np.sign(np.sin(fall * within(rng, 3, 14))))
    mottled = 1 + noise(rng, Grain.ROUGH, side) * 0.12 + noise(rng, Grain.CLOUD, side) * 0.15
    return plane(colour * (light * mottled)[..., None])


def _floor(rng: Generator, side: int) -> Plane:
    colour = tint(rng, 3, 26, 0.2)
    floor = np.ones((side, side, 1), np.float32) * colour
    kind = rng.random()
    if kind < 0.3:
        gleam = np.clip(noise(rng, Grain.CLOUD, side, zoom=2) * 0.5 - 0.1, 0, 1)
        return plane(floor + gleam[..., None] * within(rng, 15, 80))
    if kind < 0.5:
        rubble = noise(rng, Grain.ROUGH, side, zoom=within(rng, 0.7, 3)) * 22 + within(rng, 14, 42)
        return plane(np.clip(rubble, 0, 255)[..., None] * [within(rng, 0.7, 1), 0.95, 1.0])
    if kind < 0.6:
        litter = np.clip(noise(rng, Grain.PEBBLE, side, zoom=within(rng, 2, 6)) - 1.0, 0, 1)
        return plane(floor + litter[..., None] * rng.uniform(30, 180, 3))
    return floor


def _with_ladder(
    rng: Generator, colour: Plane, x: Plane, fall: Plane, on_wall: Plane, radius: float, fade: float
) -> Plane:
    centre, half = within(rng, -0.5, 0.5) * radius, within(rng, 0.08, 0.18)
    rung = (
        (np.abs(x - centre) < half)
        & (zigzag(fall * within(rng, 2, 5)) < 0.25)
        & on_wall.astype(bool)
    )
    iron = tint(rng, 60, 130, 0.2) * np.exp(-fall * fade * 0.7)[..., None]
    return plane(np.where(rung[..., None], iron, colour))
