"""Crops to learn conditions from: covers of rendered sets, and things that are no covers."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.condition import cut_crop
from models.detections import MANHOLE
from models.detector import OnnxDetector
from models.training.config import ConditionConfig, DataConfig
from models.training.samples import (
    Boxes,
    Picture,
    TrainingPhoto,
    read_photos,
    read_picture,
    recoloured,
)
from scenes.training import CLASSES

_KEPT_SIDE = 128
_KEPT_MARGIN = 1.9
_SMALLEST_PX = 16
_NO_COVER = -1
_MISTAKE_SCORE = 0.05
_MOST_MISTAKES = 4


@dataclass(frozen=True)
class CropSet:
    """Crops [N, side, side, 3], cut wider than they are shown, and their conditions [N]."""

    crops: Picture
    conditions: NDArray[np.int64]


def collect_crops(
    sets: list[Path],
    photos: Path | None,
    config: ConditionConfig,
    data: DataConfig,
    detector: OnnxDetector | None = None,
) -> CropSet:
    """Cut all covers out of rendered sets, and other things out of these and of real photos.

    Conditions are the configured classes in order, then one for everything that is no cover. Things
    that `detector` takes for covers in real photos, none of which shows one, are cut out as no cover too.
    Raises FileNotFoundError if the sets are empty.
    """
    rng = np.random.default_rng(config.seed)
    states = [CLASSES.index(name) for name in config.classes]
    crops: list[Picture] = []
    conditions: list[int] = []
    for crop, label in _all_crops(rng, sets, photos, data):
        crops.append(crop)
        conditions.append(states.index(label) if label in states else len(states))
    if detector and photos:
        for crop in _mistakes(detector, photos, data):
            crops.append(crop)
            conditions.append(len(states))
    if not crops:
        raise FileNotFoundError(
            "no rendered sets: make some with `python -m scenes dataset OUT --kind covers`"
        )
    return CropSet(np.stack(crops), np.array(conditions, np.int64))


def _all_crops(
    rng: Generator, sets: list[Path], photos: Path | None, data: DataConfig
) -> Iterator[tuple[Picture, int]]:
    for folder in sets:
        for found in sorted(folder.glob("*/annotations.json")):
            for photo in read_photos(found.parent, CLASSES, data, real=False):
                yield from _crops_of(rng, photo, others=0.15)
    if photos:
        for photo in read_photos(photos, CLASSES, data, real=True):
            yield from _crops_of(rng, photo, others=1.0)


def _mistakes(detector: OnnxDetector, photos: Path, data: DataConfig) -> Iterator[Picture]:
    """Cut out the false covers that the detector finds in photos that show none."""
    with_covers = {cover.photo for cover in data.found_covers}
    for photo in read_photos(photos, CLASSES, data, real=True):
        if photo.path.name not in with_covers:
            image = read_picture(photo.path)
            covers = detector.detect(image, min_score=_MISTAKE_SCORE).of(MANHOLE)
            for box in covers.boxes[:_MOST_MISTAKES]:
                yield cut_crop(image, box, _KEPT_SIDE, _KEPT_MARGIN)


def _crops_of(rng: Generator, photo: TrainingPhoto, others: float) -> Iterator[tuple[Picture, int]]:
    """Yield every labelled object of a picture, and sometimes an empty place."""
    image = read_picture(photo.path)
    for box in photo.boxes:
        if box[4] >= 0 and box[2] - box[0] >= _SMALLEST_PX:
            yield cut_crop(image, box[:4], _KEPT_SIDE, _KEPT_MARGIN), int(box[4])
    if rng.random() < others:
        place = _elsewhere(rng, image, photo.boxes)
        if place is not None:
            yield cut_crop(image, place, _KEPT_SIDE, _KEPT_MARGIN), _NO_COVER


def _elsewhere(rng: Generator, image: Picture, boxes: Boxes) -> Boxes | None:
    height, width = image.shape[:2]
    for _ in range(5):
        wide = rng.uniform(0.06, 0.4) * width
        tall = wide * rng.uniform(0.35, 1.0)
        x, y = rng.uniform(0, max(1, width - wide)), rng.uniform(0.2, 0.95) * height - tall / 2
        place = np.array([x, y, x + wide, y + tall], np.float32)
        low, high = np.maximum(boxes[:, :2], place[:2]), np.minimum(boxes[:, 2:4], place[2:])
        if not (high > low).all(1).any():
            return place
    return None


def crop_batches(
    crops: CropSet, config: ConditionConfig
) -> Iterator[tuple[Picture, NDArray[np.int64]]]:
    """Yield endless batches of changed crops, every condition equally often."""
    rng = np.random.default_rng(config.seed)
    pools = [np.flatnonzero(crops.conditions == k) for k in np.unique(crops.conditions)]
    while True:
        chosen = np.array(
            [rng.choice(pools[int(rng.integers(len(pools)))]) for _ in range(config.batch)]
        )
        shown = np.stack([_varied(rng, crops.crops[k], config) for k in chosen])
        yield shown, crops.conditions[chosen]


def _varied(rng: Generator, crop: Picture, config: ConditionConfig) -> Picture:
    """Vary a crop as a detector might cut it: off centre, too wide or too tight, small, in another light."""
    wide, tall = (
        _KEPT_SIDE * config.margin / _KEPT_MARGIN * rng.uniform(0.78, 1.24) for _ in range(2)
    )
    x, y = _KEPT_SIDE / 2 + rng.uniform(-0.11, 0.11, 2) * (wide, tall)
    angle = rng.uniform(-6, 6) if rng.random() < 0.3 else 0.0
    turn = cv2.getRotationMatrix2D((x, y), angle, 1.0)
    zoom = np.diag([config.side / wide, config.side / tall])
    move = zoom @ turn
    move[:, 2] += config.side / 2 - zoom @ np.array([x, y])
    shown = cv2.warpAffine(
        crop,
        move,
        (config.side, config.side),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if rng.random() < 0.4:
        small = (int(rng.uniform(28, config.side)), int(rng.uniform(18, config.side)))
        shown = cv2.resize(
            cv2.resize(shown, small, interpolation=cv2.INTER_AREA), (config.side, config.side)
        )
    if rng.random() < 0.5:
        shown = shown[:, ::-1]
    return recoloured(rng, np.asarray(shown, np.uint8))
