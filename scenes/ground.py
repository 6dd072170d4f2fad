"""Ground seen from above: road surfaces and pavements."""

from collections.abc import Callable
from enum import StrEnum

import cv2
import numpy as np
from numpy.random import Generator

from scenes.camera import Matrix
from scenes.frame import Plane, plane
from scenes.noise import Grain, chance, noise, tint, within

TILE_PX = 512


class Surface(StrEnum):
    """What the ground is made of."""

    ASPHALT = "asphalt"
    CONCRETE = "concrete"
    BRICK = "brick"
    SLABS = "slabs"
    SOIL = "soil"
    GRAVEL = "gravel"


def _asphalt(rng: Generator, side: int) -> Plane:
    grain = noise(rng, Grain.PIXEL, side) * within(rng, 0.03, 0.1) + noise(
        rng, Grain.PEBBLE, side
    ) * within(rng, 0, 0.08)
    cloud = noise(rng, Grain.CLOUD, side) * within(rng, 0.03, 0.14)
    return plane(tint(rng, 50, 150, 0.06) * (1 + grain + cloud)[..., None])


def _concrete(rng: Generator, side: int) -> Plane:
    grain = noise(rng, Grain.SAND, side) * within(rng, 0.02, 0.06) + noise(
        rng, Grain.CLOUD, side
    ) * within(rng, 0.03, 0.14)
    tile = tint(rng, 110, 205, 0.05) * (1 + grain)[..., None]
    if chance(rng, 0.5):
        step = side // int(rng.integers(2, 5))
        for start in range(int(rng.integers(step)), side, step):
            tile[start : start + 3] *= 0.65
            tile[:, start : start + 3] *= 0.65
    return plane(tile)


def _bricks(rng: Generator, side: int, wide: int, tall: int) -> Plane:
    columns, rows = np.meshgrid(np.arange(side), np.arange(side))
    course = rows // tall
    shifted = columns + (course % 2) * (wide // 2)
    stone = (course * 37 + shifted // wide * 101) % 997
    shades = 1 + rng.normal(0, within(rng, 0.02, 0.12), (997, 1)) + rng.normal(0, 0.02, (997, 3))
    mottle = 1 + noise(rng, Grain.SAND, side) * 0.06 + noise(rng, Grain.CLOUD, side) * 0.1
    base = tint(rng, 80, 185, 0.05)
    if chance(rng, 0.4):
        base = base * np.array([within(rng, 0.65, 0.95), within(rng, 0.8, 1.0), 1.06], np.float32)
    tile = (base * shades[stone] * mottle[..., None]).astype(np.float32)
    joint = np.minimum(shifted % wide, rows % tall) < max(1, int(wide * within(rng, 0.02, 0.06)))
    return plane(np.where(joint[..., None], tile * within(rng, 0.45, 0.85), tile))


def _brick(rng: Generator, side: int) -> Plane:
    wide = int(rng.choice([32, 64, 128]))
    return _bricks(rng, side, wide, wide // 2)


def _slabs(rng: Generator, side: int) -> Plane:
    wide = int(rng.choice([64, 128, 256]))
    return _bricks(rng, side, wide, wide)


def _soil(rng: Generator, side: int) -> Plane:
    brown = tint(rng, 60, 150) * np.array(
        [within(rng, 0.55, 0.8), within(rng, 0.75, 0.95), 1.1], np.float32
    )
    grain = noise(rng, Grain.PEBBLE, side) * within(rng, 0.05, 0.14) + noise(
        rng, Grain.ROUGH, side
    ) * within(rng, 0.05, 0.2)
    return plane(brown * (1 + grain + noise(rng, Grain.CLOUD, side) * 0.12)[..., None])


def _gravel(rng: Generator, side: int) -> Plane:
    grain = noise(rng, Grain.PEBBLE, side, zoom=within(rng, 1, 2.5)) * within(rng, 0.12, 0.3)
    return plane(tint(rng, 90, 170) * (1 + grain + noise(rng, Grain.CLOUD, side) * 0.1)[..., None])


_PAINTERS: dict[Surface, Callable[[Generator, int], Plane]] = {
    Surface.ASPHALT: _asphalt,
    Surface.CONCRETE: _concrete,
    Surface.BRICK: _brick,
    Surface.SLABS: _slabs,
    Surface.SOIL: _soil,
    Surface.GRAVEL: _gravel,
}


def ground_tile(rng: Generator, surface: Surface, side: int = TILE_PX) -> Plane:
    """Paint a square of this surface, side x side x 3, with stains."""
    tile = _PAINTERS[surface](rng, side)
    if chance(rng, 0.35):
        stain = np.clip(noise(rng, Grain.CLOUD, side) - within(rng, 0.2, 1.2), 0, 1) * within(
            rng, 0.2, 0.5
        )
        tile = tile * (1 - stain)[..., None]
    return plane(np.clip(tile, 0, 255))


def seamless(tile: Plane) -> Plane:
    """Mirror the tile to twice its size, so that it repeats without a seam."""
    right = np.hstack([tile, tile[:, ::-1]])
    return np.vstack([right, right[::-1]])


def lay_ground(tile: Plane, to_image: Matrix, metres: float, width: int, height: int) -> Plane:
    """Spread a tile that is `metres` wide over the ground; `to_image` maps ground metres to pixels."""
    double = seamless(tile)
    step = 2 * metres / double.shape[0]
    to_ground = np.array([[step, 0, -metres], [0, -step, metres], [0, 0, 1.0]])
    laid = cv2.warpPerspective(
        double,
        to_image @ to_ground,
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )
    return plane(laid)
