"""Labelled pictures in COCO form, with the classes that were labelled in each."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel


@dataclass(frozen=True)
class LabelledPicture:
    """A picture and its objects: `boxes` [M, 4] xyxy, `class_ids` [M] indices of the detector's classes."""

    path: Path
    boxes: NDArray[np.float32]
    class_ids: NDArray[np.int64]
    labelled: frozenset[str]
    source: str


class _Category(BaseModel):
    id: int
    name: str


class _Image(BaseModel):
    id: int
    file_name: str
    split: str = ""
    labelled_classes: list[str] | None = None
    source: str = ""


class _Annotation(BaseModel):
    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float]


class _Coco(BaseModel):
    categories: list[_Category]
    images: list[_Image]
    annotations: list[_Annotation]


def read_coco(
    annotations: Path, images: Path, classes: tuple[str, ...], split: str | None
) -> list[LabelledPicture]:
    """Read labelled pictures; if an image does not say which classes were labelled, all of them were.

    File names may be given from the folder of `images` or from the one above it.
    """
    coco = _Coco.model_validate_json(annotations.read_bytes())
    index = {
        category.id: classes.index(category.name)
        for category in coco.categories
        if category.name in classes
    }
    notes: dict[int, list[_Annotation]] = {}
    for note in coco.annotations:
        if note.category_id in index:
            notes.setdefault(note.image_id, []).append(note)
    pictures = []
    for image in coco.images:
        if split and image.split != split:
            continue
        mine = notes.get(image.id, [])
        corners = [(x, y, x + w, y + h) for x, y, w, h in (note.bbox for note in mine)]
        pictures.append(
            LabelledPicture(
                _locate(images, image.file_name),
                np.array(corners, np.float32).reshape(-1, 4),
                np.array([index[note.category_id] for note in mine], np.int64),
                frozenset(classes if image.labelled_classes is None else image.labelled_classes),
                image.source,
            )
        )
    return pictures


def _locate(images: Path, name: str) -> Path:
    direct = images / name
    return direct if direct.exists() else images / Path(name).name
