"""From light to a photograph: exposure, shadows over the scene, lens, sensor and compression."""

import math

import cv2
import numpy as np
from numpy.random import Generator

from scenes.frame import Picture, Plane, plane
from scenes.noise import Grain, chance, noise, ramp, within


def cast_shadow(rng: Generator, image: Plane) -> None:
    """Let the shadow of something unseen (a wall, a tree) fall over the picture."""
    height, width = image.shape[:2]
    if chance(rng, 0.5):
        mask = np.zeros((height, width), np.float32)
        turn = np.sort(rng.uniform(0, 2 * math.pi, 5))
        x = within(rng, 0, width) + within(rng, 0.2, 0.8) * width * np.cos(turn)
        y = within(rng, 0, height) + within(rng, 0.2, 0.8) * height * np.sin(turn)
        cv2.fillPoly(mask, [np.stack([x, y], 1).astype(np.int32)], 1.0)
    else:
        mask = ramp(noise(rng, Grain.CLOUD, height, width, zoom=within(rng, 0.5, 2)), -0.1, 0.3)
    mask = plane(cv2.GaussianBlur(mask, (0, 0), within(rng, 0.002, 0.015) * width))
    image *= (1 - mask * within(rng, 0.2, 0.55))[..., None]


def expose(rng: Generator, image: Plane, wildness: float = 1.0) -> Picture:
    """Turn light into a picture; `wildness` 0 is a good camera at noon, 1 is a photo of any quality."""
    height, width = image.shape[:2]
    if chance(rng, 0.25 * wildness):
        cast_shadow(rng, image)
    image *= rng.uniform(1 - 0.06 * wildness, 1 + 0.06 * wildness, 3).astype(np.float32)
    if chance(rng, 0.15 * wildness):
        grey = image.mean(2, keepdims=True)
        image += (grey - image) * within(rng, 0.3, 1.0)
    mean = float(image.mean())
    contrast, gain = (
        within(rng, 1 - 0.3 * wildness, 1 + 0.25 * wildness),
        within(rng, 1 - 0.25 * wildness, 1 + 0.25 * wildness),
    )
    image = np.clip((image - mean) * contrast + mean * gain, 0, 255)
    floor = within(rng, 60, 110)
    if image.mean() < floor:
        image = np.clip(image * (floor / max(float(image.mean()), 8.0)), 0, 255)
    image = 255 * (image / 255) ** within(rng, 1 - 0.25 * wildness, 1 + 0.25 * wildness)
    if chance(rng, 0.6):
        blur_px = within(rng, 0.3, 0.4 + 0.8 * wildness) * width / 640
        image = plane(cv2.GaussianBlur(image, (0, 0), blur_px))
    if chance(rng, 0.1 * wildness):
        image = _shaken(rng, image)
    image = image + noise(rng, Grain.PIXEL, height, width)[..., None] * within(
        rng, 0.5, 2 + 6 * wildness
    )
    return np.clip(image, 0, 255).astype(np.uint8)


def _shaken(rng: Generator, image: Plane) -> Plane:
    length = int(rng.integers(3, 8))
    kernel = np.zeros((length, length), np.float32)
    if chance(rng, 0.5):
        kernel[length // 2] = 1 / length
    else:
        kernel[:, length // 2] = 1 / length
    return plane(cv2.filter2D(image, -1, kernel))
