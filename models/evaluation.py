"""Measuring a detector on labelled pictures."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

import cv2
import numpy as np

from models.coco import LabelledPicture
from models.detections import MANHOLE, Detections
from models.detector import Detector
from models.precision import OVERLAPS, Judged, Operation, at_threshold, average_precision

LEAST_SCORE = 0.01
"""Weaker candidates are not ranked."""


FAULTS = frozenset({"manhole_broken", "manhole_open"})
"""States of a cover that call for somebody to come."""


@dataclass(frozen=True)
class ClassScore:
    """One class on the pictures in which it was labelled."""

    name: str
    pictures: int
    objects: int
    ap50: float
    ap: float
    threshold: float
    operation: Operation


@dataclass(frozen=True)
class Evaluation:
    """A detector on a set of pictures; `cover_ap50` takes covers in all states as one class.

    `cover_alarms` counts covers reported as broken or open, at operation, where no such object is
    labelled: per picture, over all pictures.
    """

    pictures: int
    classes: tuple[ClassScore, ...]
    cover_ap50: float | None
    cover_recall: float | None
    cover_alarms: float
    ms_per_picture: float

    @property
    def mean_ap50(self) -> float:
        """Mean over the classes that have objects."""
        return fmean(score.ap50 for score in self.classes)

    @property
    def mean_ap(self) -> float:
        """Mean over the classes that have objects."""
        return fmean(score.ap for score in self.classes)


def evaluate(
    detector: Detector, pictures: Sequence[LabelledPicture], seen: Callable[[], None] = lambda: None
) -> Evaluation:
    """Run the detector over the pictures and score it; `seen` is called after each picture.

    A class counts only in pictures where it was labelled. Reading files is not in the time.
    Raises FileNotFoundError for a missing picture and ValueError where there is nothing to score.
    """
    found: list[Detections] = []
    spent = 0.0
    for picture in pictures:
        image = cv2.imread(str(picture.path))
        if image is None:
            raise FileNotFoundError(picture.path)
        began = time.perf_counter()
        found.append(detector.detect(np.asarray(image, np.uint8), min_score=LEAST_SCORE))
        spent += time.perf_counter() - began
        seen()
    scores = [_class_score(detector, name, pictures, found) for name in detector.manifest.classes]
    known = tuple(score for score in scores if score is not None)
    if not known:
        raise ValueError("no picture has an object of the detector's classes")
    covers = _covers(detector.manifest.classes, pictures, found)
    threshold = min((s.threshold for s in known if s.name.startswith(MANHOLE)), default=0.5)
    return Evaluation(
        len(pictures),
        known,
        average_precision(covers, 0.5) if covers else None,
        at_threshold(covers, threshold).recall if covers else None,
        _cover_alarms(detector, pictures, found),
        1000 * spent / max(1, len(pictures)),
    )


def _class_score(
    detector: Detector, name: str, pictures: Sequence[LabelledPicture], found: Sequence[Detections]
) -> ClassScore | None:
    number = detector.manifest.classes.index(name)
    judged = [
        Judged(
            f.boxes[f.class_ids == number],
            f.scores[f.class_ids == number],
            p.boxes[p.class_ids == number],
        )
        for p, f in zip(pictures, found, strict=True)
        if name in p.labelled
    ]
    objects = sum(len(j.truth) for j in judged)
    if not objects:
        return None
    by_overlap = [average_precision(judged, least) for least in OVERLAPS]
    threshold = detector.threshold(name)
    return ClassScore(
        name,
        len(judged),
        objects,
        by_overlap[0],
        fmean(by_overlap),
        threshold,
        at_threshold(judged, threshold),
    )


def _cover_alarms(
    detector: Detector, pictures: Sequence[LabelledPicture], found: Sequence[Detections]
) -> float:
    alarms = 0.0
    for name in FAULTS & set(detector.manifest.classes):
        number, threshold = detector.manifest.classes.index(name), detector.threshold(name)
        judged = [
            Judged(
                f.boxes[f.class_ids == number],
                f.scores[f.class_ids == number],
                p.boxes[p.class_ids == number],
            )
            for p, f in zip(pictures, found, strict=True)
        ]
        alarms += at_threshold(judged, threshold).false_positives_per_picture
    return alarms


def _covers(
    classes: tuple[str, ...], pictures: Sequence[LabelledPicture], found: Sequence[Detections]
) -> list[Judged]:
    """Take covers of all states as one class, where all states were labelled."""
    numbers = [k for k, name in enumerate(classes) if name.startswith(MANHOLE)]
    states = {classes[k] for k in numbers}
    judged = []
    for picture, detections in zip(pictures, found, strict=True):
        if numbers and states <= picture.labelled:
            of_covers = detections.of(MANHOLE)
            truth = picture.boxes[np.isin(picture.class_ids, numbers)]
            judged.append(Judged(of_covers.boxes, of_covers.scores, truth))
    return judged if any(len(j.truth) for j in judged) else []
