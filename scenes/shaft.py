"""The inside of a manhole seen through its opening: wall, floor and the things on it."""

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


@dataclass(frozen=True)
class Opening:
    """The mouth of a shaft: round, or square and turned by `square_turn` radians; half its width in radii."""

    radius: float
    square_turn: float | None = None

    def reach(self, x: Plane, y: Plane) -> Plane:
        """How far it is from each point to the far wall, looking away from the viewer."""
        if self.square_turn is None:
            return plane(y + np.sqrt(np.clip(self.radius**2 - x * x, 0, None)))
        sin_t, cos_t = math.sin(self.square_turn), math.cos(self.square_turn)
        u, v = x * cos_t + y * sin_t, y * cos_t - x * sin_t
        walls = [
            (self.radius + math.copysign(1, rate) * along) / max(abs(rate), 1e-3)
            for along, rate in ((u, sin_t), (v, cos_t))
        ]
        return plane(np.clip(np.minimum(*walls), 0, None))


def shaft_interior(
    rng: Generator,
    grid: PatchGrid,
    obliquity: float,
    opening: Opening,
    *,
    shallow: bool = False,
    bright: bool = False,
) -> Plane:
    """Return the colours of a shaft, looked into at this obliquity; daylight reaches a `bright` wall."""
    x, y = grid.axes()
    depth = within(rng, 0.35, 1.2) if shallow else within(rng, 1.0, 7.0)
    reach = opening.reach(x, y)
    fall = np.clip(reach / max(obliquity, 0.02), 0, 40).astype(np.float32)
    on_wall = fall < depth
    fade = within(rng, 0.7, 3.2)
    angle = np.arctan2(x, -y + obliquity * np.minimum(fall, depth) + 1e-3)
    wall = _wall(rng, grid.side, fall, angle, fade * 0.35 if bright else fade)
    if bright:
        wall = wall * np.float32(within(rng, 1.5, 3.0))
    floor = _floor(rng, grid.side, lit=shallow) * (0.35 + 0.65 * math.exp(-0.25 * depth * fade))
    colour = np.where(on_wall[..., None], wall, floor)
    if chance(rng, 0.3):
        colour = _with_ladder(rng, colour, x, fall, on_wall, opening.radius, fade)
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


def _floor(rng: Generator, side: int, *, lit: bool) -> Plane:
    if lit and chance(rng, 0.6):
        return _lit_floor(rng, side)
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


def _lit_floor(rng: Generator, side: int) -> Plane:
    """The floor in daylight: standing water that mirrors the sky, mud, leaves, fallen stones."""
    kind = rng.random()
    if kind < 0.4:
        sky = np.clip(noise(rng, Grain.CLOUD, side, zoom=2) * 0.5 + within(rng, -0.4, 0.3), 0, 1)
        water = tint(rng, 8, 70, 0.25) * np.array([0.9, 1.0, within(rng, 0.9, 1.15)], np.float32)
        return plane(water + (sky * within(rng, 20, 120))[..., None])
    lumps = noise(rng, Grain.ROUGH, side, zoom=within(rng, 0.7, 3)) * 28 + within(rng, 25, 95)
    mud = np.clip(lumps, 0, 255)[..., None] * np.array([within(rng, 0.6, 1.0), 0.92, 1.0])
    if kind < 0.75:
        return plane(mud)
    litter = np.clip(noise(rng, Grain.PEBBLE, side, zoom=within(rng, 2, 6)) - 0.6, 0, 1)
    return plane(mud * 0.7 + litter[..., None] * rng.uniform(20, 170, 3))


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
