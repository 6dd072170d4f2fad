"""Noise planes cut from a bank that is made once, and the small functions that shape them."""

from enum import StrEnum
from functools import cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from scenes.frame import Plane, plane

_SIDE = 1024


class Grain(StrEnum):
    """Kinds of noise, finest first; each has mean 0 and deviation 1."""

    PIXEL = "pixel"
    SAND = "sand"
    PEBBLE = "pebble"
    ROUGH = "rough"
    CLOUD = "cloud"


def _normalised(values: ArrayLike) -> Plane:
    raw = plane(values)
    return plane((raw - raw.mean()) / raw.std())


def _octaves(rng: Generator, first: int, last: int, fall: float) -> Plane:
    total = np.zeros((_SIDE, _SIDE), np.float32)
    for octave in range(first, last):
        side = 2**octave + 2
        layer = rng.normal(0, 1, (side, side)).astype(np.float32)
        total += cv2.resize(layer, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC) * np.float32(
            2.0 ** (-(octave - first) * fall)
        )
    return _normalised(total)


@cache
def _bank() -> dict[Grain, Plane]:
    rng = np.random.default_rng(20250807)
    white = rng.normal(0, 1, (_SIDE, _SIDE)).astype(np.float32)
    other = rng.normal(0, 1, (_SIDE, _SIDE)).astype(np.float32)
    return {
        Grain.PIXEL: _normalised(white),
        Grain.SAND: _normalised(cv2.GaussianBlur(white, (0, 0), 0.9)),
        Grain.PEBBLE: _normalised(cv2.GaussianBlur(other, (0, 0), 2.2)),
        Grain.ROUGH: _octaves(rng, 4, 10, 0.55),
        Grain.CLOUD: _octaves(rng, 2, 9, 0.9),
    }


def noise(
    rng: Generator, grain: Grain, height: int, width: int | None = None, zoom: float = 1.0
) -> Plane:
    """Cut a random height x width plane of this grain; `zoom` above 1 makes it coarser."""
    width = height if width is None else width
    rows = min(_SIDE, max(4, int(height / zoom)))
    columns = min(_SIDE, max(4, int(width / zoom)))
    top = int(rng.integers(0, _SIDE - rows + 1))
    left = int(rng.integers(0, _SIDE - columns + 1))
    cut = _bank()[grain][top : top + rows, left : left + columns]
    if rng.random() < 0.5:
        cut = cut[::-1]
    if rng.random() < 0.5:
        cut = cut[:, ::-1]
    cut = np.ascontiguousarray(cut)
    if cut.shape == (height, width):
        return cut
    return plane(cv2.resize(cut, (width, height), interpolation=cv2.INTER_LINEAR))


def ramp(values: Plane, low: float, high: float) -> Plane:
    """0 at `low` and below, 1 at `high` and above, straight between."""
    return plane(np.clip((values - low) / (high - low), 0.0, 1.0))


def zigzag(values: Plane) -> Plane:
    """Triangle wave of period 1: 1 at whole numbers, 0 half way between."""
    return plane(np.abs(values % 1.0 - 0.5) * 2)


def chance(rng: Generator, probability: float) -> bool:
    """Toss a coin that falls on its face with this probability."""
    return bool(rng.random() < probability)


def within(rng: Generator, low: float, high: float) -> float:
    """Draw a number between low and high."""
    return float(rng.uniform(low, high))


def tint(rng: Generator, low: float, high: float, spread: float = 0.08) -> Plane:
    """Draw a nearly grey BGR colour of a brightness between low and high."""
    level = within(rng, low, high)
    return (
        level
        * np.array([within(rng, 1 - spread, 1 + spread), 1.0, within(rng, 1 - spread, 1 + spread)])
    ).astype(np.float32)
