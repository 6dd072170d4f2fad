"""A folder of patrollers' photos: covers before and after their repair, and streets."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator

from scenes import CoverState, StreetScene, encode_jpeg, patrol_photo
from scenes.frame import Picture, picture

WIDTH, HEIGHT = 480, 360
_PLACES = 24
_STREETS = 8
_VIEWS = 5
"""Photos taken from one view of a street, each from another side."""
_DRAWN_WIDTH, _DRAWN_HEIGHT = 640, 480
_QUALITY = 78
_FAULTS = (CoverState.BROKEN, CoverState.OPEN)


@dataclass(frozen=True)
class PhotoCounts:
    """`repairs`: pairs of a cover before and after its repair. `streets`: views of streets."""

    repairs: int
    streets: int


def write_photos(folder: Path, counts: PhotoCounts, seed: int) -> int:
    """Draw the photos into a folder; the same seed gives the same bytes. Returns how many.

    `cover-NNNN-before.jpg` and `cover-NNNN-after.jpg` are of one place, `street-NNNN.jpg` of no
    fault in particular. Every photo has a view of its own, so that no two are nearly the same picture.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, 53])
    written = 0
    for name, view in (*_covers(rng, counts.repairs, seed), *_streets(rng, counts.streets, seed)):
        (folder / f"{name}.jpg").write_bytes(encode_jpeg(view, _QUALITY))
        written += 1
    return written


def _covers(rng: Generator, count: int, seed: int) -> Iterator[tuple[str, Picture]]:
    """Pairs of photos, each place several times from other sides."""
    for place in range(min(_PLACES, count)):
        fault = _FAULTS[place % len(_FAULTS)]
        before, after = (_place(seed + place, state) for state in (fault, CoverState.GOOD))
        for number in range(place, count, _PLACES):
            yield f"cover-{number:04d}-before", _another_view(rng, before)
            yield f"cover-{number:04d}-after", _another_view(rng, after)


def _streets(rng: Generator, count: int, seed: int) -> Iterator[tuple[str, Picture]]:
    """Photos of the streets in turn; a few in a row are of one moment, from other sides."""
    scenes = [
        StreetScene(seed + street, _DRAWN_WIDTH, _DRAWN_HEIGHT)
        for street in range(min(_STREETS, count))
    ]
    for street, scene in enumerate(scenes):
        for number, among in enumerate(range(street, count, _STREETS)):
            if number % _VIEWS == 0:
                moment = scene.frame(float(rng.uniform(0, 7200)), CoverState.GOOD).image
            yield f"street-{among:04d}", _another_view(rng, moment)


def _place(seed: int, state: CoverState) -> Picture:
    return patrol_photo(seed, state, _DRAWN_WIDTH, _DRAWN_HEIGHT).image


def _another_view(rng: Generator, image: Picture) -> Picture:
    """The picture from a step aside: turned, nearer, shifted, sometimes mirrored, and as bright as it was."""
    tall, wide = image.shape[:2]
    zoom = rng.uniform(1.15, 1.7) * WIDTH / wide
    turn = cv2.getRotationMatrix2D((wide / 2, tall / 2), float(rng.uniform(-12, 12)), float(zoom))
    aside = rng.uniform(-0.12, 0.12, 2) * (WIDTH, HEIGHT)
    # The cover stays in the picture: it lies near the middle of what was drawn.
    turn[0, 2] += WIDTH / 2 - wide / 2 + aside[0]
    turn[1, 2] += HEIGHT / 2 - tall / 2 + aside[1]
    if rng.random() < 0.5:
        turn = turn @ np.array([[-1.0, 0.0, wide - 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    seen = cv2.warpAffine(
        image, turn, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    return picture(cv2.convertScaleAbs(seen, alpha=float(rng.uniform(0.75, 1.15))))
