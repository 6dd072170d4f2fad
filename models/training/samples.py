"""Training samples: real photos and renders, cut, scaled, joined and recoloured."""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.training.config import DataConfig, TrainingStage

Boxes = NDArray[np.float32]
Picture = NDArray[np.uint8]

_GREY = 114
_RESCAN_EVERY = 2000
_SMALLEST_PX = 22


@dataclass(frozen=True)
class TrainingPhoto:
    """A labelled picture on disk: boxes [n, 5] (xyxy, class) and the weight of each class as a negative."""

    path: Path
    boxes: Boxes
    weights: NDArray[np.float32]


@dataclass(frozen=True)
class TrainingSample:
    """A training input: picture, boxes [n, 5] and zones [k, 4 + classes] (see loss.Targets)."""

    image: Picture
    boxes: Boxes
    zones: Boxes


def read_photos(
    folder: Path, classes: tuple[str, ...], data: DataConfig, *, real: bool
) -> list[TrainingPhoto]:
    """Read the training split of a COCO folder."""
    coco = json.loads((folder / "annotations.json").read_text(encoding="utf-8"))
    index = {c["id"]: classes.index(c["name"]) for c in coco["categories"]}
    boxes: dict[int, list[list[float]]] = {}
    for note in coco["annotations"]:
        x, y, w, h = note["bbox"]
        number = -1 if note.get("iscrowd") else index[note["category_id"]]
        boxes.setdefault(note["image_id"], []).append([x, y, x + w, y + h, number])
    photos = []
    for image in coco["images"]:
        if image["split"] != "train":
            continue
        weights = np.array(
            [float(name in image["labelled_classes"]) for name in classes], np.float32
        )
        if real:
            absent = np.array([name in data.assumed_absent for name in classes])
            weights = np.where(
                absent & (weights == 0), np.float32(data.assumed_absent_weight), weights
            )
        name = Path(image["file_name"]).name
        found = [
            [*cover.box, classes.index(cover.label) if cover.label else -1]
            for cover in data.found_covers
            if real and cover.photo == name
        ]
        known = np.array(boxes.get(image["id"], []) + found, np.float32).reshape(-1, 5)
        photo = TrainingPhoto(folder / image["file_name"], known, weights.astype(np.float32))
        photos += [photo] * (data.found_repeats if found else 1)
    return photos


def spread(
    photos: Path, renders: Path, classes: tuple[str, ...], data: DataConfig, count: int
) -> list[TrainingPhoto]:
    """Pick `count` training pictures of each kind, spread evenly over those there are."""
    real = read_photos(photos, classes, data, real=True)
    rendered = [
        photo
        for found in sorted(renders.glob("*/annotations.json"))
        for photo in read_photos(found.parent, classes, data, real=False)
    ]
    return [
        pool[index]
        for pool in (real, rendered)
        for index in np.linspace(0, len(pool) - 1, min(count, len(pool))).astype(int)
    ]


class SampleSource:
    """An endless mix of samples from a folder of real photos and a folder of rendered shards.

    Shards that appear during a run are included.
    """

    def __init__(
        self,
        photos: Path | None,
        renders: Path,
        classes: tuple[str, ...],
        stage: TrainingStage,
        data: DataConfig,
        seed: int,
    ) -> None:
        self._classes, self._stage, self._data, self._renders = classes, stage, data, renders
        self._rng = np.random.default_rng(seed)
        self._real = read_photos(photos, classes, data, real=True) if photos else []
        self._shards: dict[Path, list[TrainingPhoto]] = {}
        self._rendered: list[TrainingPhoto] = []
        self._drawn = 0

    def __iter__(self) -> Iterator[TrainingSample]:
        read = lru_cache(self._data.kept_pictures)(read_picture)
        while True:
            if self._drawn % _RESCAN_EVERY == 0:
                self._rescan()
            self._drawn += 1
            yield self._sample(read)

    def _rescan(self) -> None:
        for found in sorted(self._renders.glob("*/annotations.json")):
            if found.parent not in self._shards:
                self._shards[found.parent] = read_photos(
                    found.parent, self._classes, self._data, real=False
                )
        self._rendered = [photo for shard in self._shards.values() for photo in shard]
        if not self._rendered and not self._real:
            raise FileNotFoundError(
                f"no training pictures: render some with `python -m scenes dataset {self._renders}`"
            )

    def _pick(self) -> TrainingPhoto:
        real = self._real and (not self._rendered or self._rng.random() < self._data.real_share)
        pool = self._real if real else self._rendered
        return pool[int(self._rng.integers(len(pool)))]

    def _sample(self, read: Callable[[Path], Picture]) -> TrainingSample:
        rng, side = self._rng, self._stage.side
        canvas = np.full((side, side, 3), _GREY, np.uint8)
        boxes: list[Boxes] = []
        zones: list[Boxes] = []
        for tile in (
            _tiles(rng, side) if rng.random() < self._stage.mosaic_share else [(0, 0, side, side)]
        ):
            whole = tile == (0, 0, side, side)
            photo = self._pick()
            image = read(photo.path)
            move = (
                _whole_view(rng, image.shape, side, self._data.plain_share)
                if whole
                else _tile_view(rng, photo, image.shape, tile)
            )
            left, top, right, bottom = tile
            canvas[top:bottom, left:right] = recoloured(
                rng, _warped(image, move, (right - left, bottom - top))
            )
            boxes.append(_moved(photo.boxes, move, tile))
            zones.append(np.r_[np.array(tile, np.float32), photo.weights][None])
        sample = TrainingSample(canvas, np.concatenate(boxes), np.concatenate(zones))
        return _flipped(sample, side) if rng.random() < 0.5 else sample


def read_picture(path: Path) -> Picture:
    """Read a picture from a file; raises FileNotFoundError."""
    image = cv2.imread(str(path))
    if image is None:
        raise FileNotFoundError(path)
    return np.asarray(image, np.uint8)


def _tiles(rng: Generator, side: int) -> list[tuple[int, int, int, int]]:
    x, y = (int(v) for v in rng.uniform(0.35, 0.65, 2) * side)
    return [(0, 0, x, y), (x, 0, side, y), (0, y, x, side), (x, y, side, side)]


def _whole_view(rng: Generator, shape: tuple[int, ...], side: int, plain_share: float) -> Boxes:
    """Fit the picture as at run time, or larger or smaller, stretched and shifted."""
    height, width = shape[:2]
    fit = side / max(height, width)
    if rng.random() < plain_share:
        x, y = (side - width * fit) / 2, (side - height * fit) / 2
        return np.array([[fit, 0, x], [0, fit, y]], np.float32)
    scale, aspect = (
        fit * math.exp(rng.uniform(math.log(0.55), math.log(1.7))),
        math.exp(rng.uniform(-0.15, 0.15)),
    )
    sx, sy = scale * aspect, scale / aspect
    spare_x, spare_y = side - width * sx, side - height * sy
    x = rng.uniform(min(0.0, spare_x), max(0.0, spare_x)) + rng.uniform(-0.06, 0.06) * side
    y = rng.uniform(min(0.0, spare_y), max(0.0, spare_y)) + rng.uniform(-0.06, 0.06) * side
    return np.array([[sx, 0, x], [0, sy, y]], np.float32)


def _tile_view(
    rng: Generator, photo: TrainingPhoto, shape: tuple[int, ...], tile: tuple[int, int, int, int]
) -> Boxes:
    """Show one object of the picture in a tile, at a random size, or any part if it has none."""
    height, width = shape[:2]
    wide, tall = tile[2] - tile[0], tile[3] - tile[1]
    fit = min(wide / width, tall / height)
    cx, cy, scale = (
        rng.uniform(0.2, 0.8) * width,
        rng.uniform(0.2, 0.8) * height,
        fit * rng.uniform(1.0, 3.0),
    )
    if len(photo.boxes):
        box = photo.boxes[int(rng.integers(len(photo.boxes)))]
        smallest = min(_SMALLEST_PX, 0.3 * wide)
        target = math.exp(rng.uniform(math.log(smallest), math.log(0.95 * wide)))
        cx, cy = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        scale = float(np.clip(target / max(box[2] - box[0], 4.0), 0.8 * fit, 2.0))
    sx, sy = scale * math.exp(rng.uniform(-0.12, 0.12)), scale
    x, y = wide * rng.uniform(0.25, 0.75) - cx * sx, tall * rng.uniform(0.25, 0.75) - cy * sy
    return np.array([[sx, 0, x], [0, sy, y]], np.float32)


def _warped(image: Picture, move: Boxes, size: tuple[int, int]) -> Picture:
    scale = float(min(move[0, 0], move[1, 1]))
    if scale < 0.5:
        half = 2 * scale
        shrunk = cv2.resize(image, None, fx=half, fy=half, interpolation=cv2.INTER_AREA)
        image = np.asarray(shrunk, np.uint8)
        move = move.copy()
        move[:, :2] /= half
    warped = cv2.warpAffine(image, move, size, flags=cv2.INTER_LINEAR, borderValue=(_GREY,) * 3)
    return np.asarray(warped, np.uint8)


def _moved(boxes: Boxes, move: Boxes, tile: tuple[int, int, int, int]) -> Boxes:
    """Carry boxes into a tile; of what is cut off, little is dropped and much must not be learned."""
    left, top, right, bottom = tile
    moved = boxes.copy()
    moved[:, [0, 2]] = boxes[:, [0, 2]] * move[0, 0] + move[0, 2] + left
    moved[:, [1, 3]] = boxes[:, [1, 3]] * move[1, 1] + move[1, 2] + top
    area = (moved[:, 2] - moved[:, 0]) * (moved[:, 3] - moved[:, 1])
    moved[:, [0, 2]] = moved[:, [0, 2]].clip(left, right)
    moved[:, [1, 3]] = moved[:, [1, 3]].clip(top, bottom)
    wide, tall = moved[:, 2] - moved[:, 0], moved[:, 3] - moved[:, 1]
    seen = wide * tall / np.maximum(area, 1e-3)
    moved[(seen < 0.45) | (wide < 6) | (tall < 4), 4] = -1
    return moved[(seen > 0.04) & (wide > 2) & (tall > 2)]


def recoloured(rng: Generator, image: Picture) -> Picture:
    """Change brightness, contrast and colours, and sometimes sharpness."""
    gain, shift = rng.uniform(0.75, 1.28) * rng.uniform(0.93, 1.07, 3), rng.uniform(-18, 18)
    levels = (np.arange(256)[:, None] / 255.0) ** rng.uniform(0.8, 1.25) * 255 * gain + shift
    changed = cv2.LUT(image, np.clip(levels, 0, 255).astype(np.uint8).reshape(1, 256, 3))
    if rng.random() < 0.08:
        changed = np.repeat(cv2.cvtColor(changed, cv2.COLOR_BGR2GRAY)[..., None], 3, 2)
    if rng.random() < 0.15:
        changed = cv2.GaussianBlur(changed, (0, 0), rng.uniform(0.4, 1.1))
    return np.asarray(changed, np.uint8)


def _flipped(sample: TrainingSample, side: int) -> TrainingSample:
    boxes, zones = sample.boxes.copy(), sample.zones.copy()
    boxes[:, [0, 2]] = side - boxes[:, [2, 0]]
    zones[:, [0, 2]] = side - zones[:, [2, 0]]
    return TrainingSample(np.ascontiguousarray(sample.image[:, ::-1]), boxes, zones)
