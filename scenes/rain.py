"""Rain over a street: wet ground that mirrors, mist in the distance, and streaks in the air."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from scenes.camera import GroundCamera
from scenes.frame import Picture, Plane, picture, plane
from scenes.noise import Grain, noise, ramp, within

_MARGIN = 256
_MIST = np.array([168.0, 164.0, 160.0], np.float32)
_WET_GAIN = 0.66
_MIRRORED = 0.5
_MISTY = 0.55


@dataclass(frozen=True)
class _Streaks:
    """A sheet of streaks larger than the picture, of which every frame shows another part."""

    sheet: NDArray[np.uint8]

    def at(self, rng: Generator, shape: tuple[int, int]) -> NDArray[np.uint8]:
        top, left = rng.integers(0, _MARGIN, 2)
        return self.sheet[top : top + shape[0], left : left + shape[1]]


class Rain:
    """The rain of one scene; `still` is the street without traffic."""

    def __init__(self, rng: Generator, still: Picture, camera: GroundCamera) -> None:
        self._seed = int(rng.integers(1 << 31))
        height, width = still.shape[:2]
        rows = (np.arange(height, dtype=np.float32) - camera.horizon_row()) / height
        puddled = 0.45 + 0.55 * ramp(noise(rng, Grain.CLOUD, height, width, zoom=1.6), -0.9, 0.6)
        self._wet = ramp(rows, 0.0, 0.12)[:, None] * puddled
        self._mirror = _mirrored(still)
        self._mist = (_MISTY * (1 - ramp(rows, -0.05, 0.45)))[:, None, None]
        slant = within(rng, -0.2, 0.2)
        self._layers = [
            _streaks(rng, still.shape[:2], length, density, strength, slant)
            for length, density, strength in ((0.016, 0.0012, 70), (0.045, 0.00012, 100))
        ]

    def wet(self, image: Picture, strength: float) -> Picture:
        """The glistening ground, before anything is drawn on it."""
        wet = (strength * self._wet)[..., None]
        ground: Plane = image * (1 - wet * (1 - _WET_GAIN)) + self._mirror * (wet * _MIRRORED)
        return np.clip(ground, 0, 255).astype(np.uint8)

    def fall(self, image: Picture, at_s: float, strength: float) -> Picture:
        """Mist and streaks in front of everything."""
        mist = self._mist * strength
        misty = (image * (1 - mist) + _MIST * mist).astype(np.uint8)
        rng = np.random.default_rng([self._seed, round(at_s * 1000) % (1 << 31)])
        for layer in self._layers:
            drops = cv2.convertScaleAbs(layer.at(rng, image.shape[:2]), alpha=strength)
            misty = picture(cv2.add(misty, cv2.cvtColor(drops, cv2.COLOR_GRAY2BGR)))
        return misty


def _mirrored(still: Picture) -> Plane:
    """The reflection in wet ground: the bright things above each point, drawn out downwards."""
    height = still.shape[0]
    small = cv2.resize(still, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    bright = np.clip(small.astype(np.float32) - small.mean() * 0.75, 0, None)
    smeared = cv2.GaussianBlur(bright, (0, 0), sigmaX=1.5, sigmaY=height / 40)
    return plane(cv2.resize(smeared, (still.shape[1], height), interpolation=cv2.INTER_LINEAR))


def _streaks(
    rng: Generator,
    shape: tuple[int, int],
    length: float,
    density: float,
    strength: float,
    slant: float,
) -> _Streaks:
    """Drops drawn out to lines; `length` is a share of the picture's height, `slant` dx by dy."""
    size = (shape[0] + _MARGIN, shape[1] + _MARGIN)
    drops = (rng.random(size) < density).astype(np.float32) * rng.uniform(0.4, 1.0, size)
    tall = max(3, round(length * shape[0]))
    wide = math.ceil(tall * abs(slant)) + 1
    kernel = np.zeros((tall, wide), np.float32)
    ends = ((0, 0), (wide - 1, tall - 1)) if slant > 0 else ((wide - 1, 0), (0, tall - 1))
    cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA)
    lines = cv2.GaussianBlur(cv2.filter2D(drops, -1, kernel), (0, 0), 0.6)
    return _Streaks(np.clip(lines * strength, 0, 255).astype(np.uint8))
