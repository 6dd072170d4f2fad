"""Real photos as ground and surroundings of rendered covers."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator

from scenes.frame import LabelledBox, Picture, Plane, plane
from scenes.noise import Grain, noise, within

_KEPT = 1400


@dataclass(frozen=True)
class StreetPhoto:
    """A real photo to stand covers in, with the boxes it already has."""

    path: Path
    boxes: tuple[LabelledBox, ...]
    labelled: tuple[str, ...] = ()


@lru_cache(_KEPT)
def read_picture(path: Path) -> Picture:
    """Read a picture from a file; raises FileNotFoundError."""
    image = cv2.imread(str(path))
    if image is None:
        raise FileNotFoundError(path)
    return np.asarray(image, np.uint8)


def real_ground(
    rng: Generator, photos: tuple[StreetPhoto, ...], width: int, height: int
) -> tuple[Plane, tuple[str, ...]] | None:
    """Cut free ground out of the lower part of a real photo, or None if there is no room.

    The names beside it are the classes that were labelled in the photo.
    """
    for _ in range(12):
        photo = photos[int(rng.integers(len(photos)))]
        image = read_picture(photo.path)
        tall, wide = image.shape[:2]
        top, left = within(rng, 0.62, 0.82) * tall, within(rng, 0, 0.6) * wide
        bottom, right = (
            within(rng, min(0.98, top / tall + 0.15), 1.0) * tall,
            min(wide, left + within(rng, 0.2, 0.5) * wide),
        )
        crowded = any(
            b.x < right and b.x + b.w > left and b.y < bottom and b.y + b.h > top
            for b in photo.boxes
        )
        cut = image[int(top) : int(bottom), int(left) : int(right)]
        if not crowded and min(cut.shape[:2]) >= 24:
            ground = plane(cv2.resize(cut, (width, height), interpolation=cv2.INTER_CUBIC))
            grain = noise(rng, Grain.SAND, height, width)[..., None] * within(rng, 2, 12)
            return ground + grain, photo.labelled
    return None


def real_background(
    rng: Generator, photos: tuple[StreetPhoto, ...], width: int, rows: int
) -> tuple[Plane, tuple[str, ...]]:
    """Take the upper part of a real photo, to stand behind the ground of a picture."""
    photo = photos[int(rng.integers(len(photos)))]
    image = read_picture(photo.path)
    top = image[: max(8, int(image.shape[0] * within(rng, 0.35, 0.6)))]
    background = cv2.resize(top, (width, rows), interpolation=cv2.INTER_AREA)
    return plane(background), photo.labelled
