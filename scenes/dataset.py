"""Rendered training sets on disk, in COCO form like the real photos."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from scenes.frame import CoverState, LabelledBox, RenderedFrame, encode_jpeg
from scenes.patrol import patrol_photo
from scenes.photos import StreetPhoto
from scenes.training import CLASSES, FIRST_TRAINING_SEED, compose, cover_views

_COVERS = tuple(state.label for state in CoverState)
_JPEG_QUALITY = (72, 80, 88, 94)


class Composition(StrEnum):
    """The kind of pictures in a training set."""

    STREET = "renders"
    COVERS = "covers"
    PATROL = "patrol"


@dataclass(frozen=True)
class Shard:
    """A run of seeds that becomes one folder."""

    first: int
    count: int
    kind: Composition = Composition.STREET

    @property
    def name(self) -> str:
        """Name of the folder."""
        return f"{self.kind}-{self.first:08d}"


def read_street_photos(folder: Path) -> tuple[StreetPhoto, ...]:
    """List the training photos of a COCO folder (`annotations.json`, `images/`), with their boxes."""
    coco = json.loads((folder / "annotations.json").read_text(encoding="utf-8"))
    names = {category["id"]: category["name"] for category in coco["categories"]}
    boxes: dict[int, list[LabelledBox]] = {}
    for note in coco["annotations"]:
        boxes.setdefault(note["image_id"], []).append(
            LabelledBox(names[note["category_id"]], *note["bbox"])
        )
    return tuple(
        StreetPhoto(
            folder / image["file_name"],
            tuple(boxes.get(image["id"], ())),
            tuple(image["labelled_classes"]),
        )
        for image in coco["images"]
        if image["split"] == "train"
    )


def write_shard(
    shard: Shard, out: Path, photos: tuple[StreetPhoto, ...], side: int
) -> Iterator[int]:
    """Render a shard into a folder of `out`, yielding the count done so far.

    `annotations.json` is written last, so a folder that has one is complete.
    """
    folder = out / shard.name
    (folder / "images").mkdir(parents=True, exist_ok=True)
    images: list[dict[str, object]] = []
    notes: list[dict[str, object]] = []
    for index in range(shard.count):
        seed = FIRST_TRAINING_SEED + shard.first + index
        for view, (frame, labelled) in enumerate(_compositions(shard.kind, seed, photos, side)):
            name = f"images/{shard.first + index:08d}-{view}.jpg"
            quality = _JPEG_QUALITY[seed % len(_JPEG_QUALITY)]
            (folder / name).write_bytes(encode_jpeg(frame.image, quality))
            notes += _notes(len(images) + 1, len(notes) + 1, frame)
            images.append(_image_entry(len(images) + 1, name, frame, labelled))
        yield index + 1
    categories = [{"id": number, "name": name} for number, name in enumerate(CLASSES, 1)]
    coco = {"images": images, "annotations": notes, "categories": categories}
    (folder / "annotations.json").write_text(json.dumps(coco), encoding="utf-8")


def _compositions(
    kind: Composition, seed: int, photos: tuple[StreetPhoto, ...], side: int
) -> list[tuple[RenderedFrame, tuple[str, ...]]]:
    if kind is Composition.STREET:
        return [compose(seed, photos, side)]
    if kind is Composition.PATROL:
        state = list(CoverState)[seed % len(CoverState)]
        return [(patrol_photo(seed, state, side, side * 3 // 4), CLASSES)]
    return [(frame, CLASSES) for frame in cover_views(seed)]


def _image_entry(
    number: int, name: str, frame: RenderedFrame, labelled: tuple[str, ...]
) -> dict[str, object]:
    height, width = frame.image.shape[:2]
    classes = sorted({*_COVERS, *labelled}, key=CLASSES.index)
    return {
        "id": number,
        "file_name": name,
        "width": width,
        "height": height,
        "split": "train",
        "group": name,
        "labelled_classes": classes,
        "source": "scenes",
    }


def _notes(image: int, first: int, frame: RenderedFrame) -> list[dict[str, object]]:
    """List the labels; boxes to be ignored are listed as crowds, which COCO readers skip."""
    marked = [(box, 0) for box in frame.boxes] + [(box, 1) for box in frame.ignored]
    return [
        {
            "id": first + index,
            "image_id": image,
            "category_id": CLASSES.index(box.label) + 1,
            "bbox": [round(v, 2) for v in (box.x, box.y, box.w, box.h)],
            "area": round(box.area, 2),
            "iscrowd": crowd,
        }
        for index, (box, crowd) in enumerate(marked)
    ]
