"""Measuring a detector on labelled pictures."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

import cv2
import numpy as np
from numpy.typing import NDArray

from models.coco import LabelledPicture
from models.detections import MANHOLE, Detections
from models.detector import OnnxDetector
from models.precision import (
    OVERLAPS,
    Operation,
    PredictionsWithTruth,
    at_threshold,
    average_precision,
    overlaps,
)

LEAST_SCORE = 0.01
"""Weaker candidates are not ranked."""


FAULTS = frozenset({"manhole_broken", "manhole_open"})
"""States of a cover that need a repair."""


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

    `cover_alarms` counts, per picture, covers that are reported as broken or open although no such
    object is labelled. `condition_right` is the share of the covers found whose state is right. Both
    are at the operating thresholds.
    """

    pictures: int
    classes: tuple[ClassScore, ...]
    cover_ap50: float | None
    cover_recall: float | None
    condition_right: float | None
    cover_alarms: float
    ms_per_picture: float
    by_source: dict[str, tuple[ClassScore, ...]]

    @property
    def mean_ap50(self) -> float:
        """Mean over the classes that have objects."""
        return fmean(score.ap50 for score in self.classes)

    @property
    def mean_ap(self) -> float:
        """Mean over the classes that have objects."""
        return fmean(score.ap for score in self.classes)


def evaluate(
    detector: OnnxDetector,
    pictures: Sequence[LabelledPicture],
    seen: Callable[[], None] = lambda: None,
) -> Evaluation:
    """Run the detector over the pictures and score it; `seen` is called after each picture.

    A class counts only in pictures in which it was labelled. The time does not include reading
    files. Raises FileNotFoundError for a missing picture and ValueError if there is nothing to score.
    """
    looks = list(candidates(detector, pictures, seen))
    found, spent = [f for f, _ in looks], sum(took_s for _, took_s in looks)
    told = [best_at_each_place(f) for f in found]
    known = _class_scores(detector, pictures, found, told)
    if not known:
        raise ValueError("no picture has an object of the detector's classes")
    covers = _covers(detector.manifest.classes, pictures, found)
    threshold = min((s.threshold for s in known if s.name.startswith(MANHOLE)), default=0.5)
    return Evaluation(
        len(pictures),
        known,
        average_precision(covers, 0.5) if covers else None,
        at_threshold(covers, threshold).recall if covers else None,
        _condition_right(detector, pictures, told) if covers else None,
        _cover_alarms(detector, pictures, told),
        1000 * spent / max(1, len(pictures)),
        _by_source(detector, pictures, found, told),
    )


def candidates(
    detector: OnnxDetector,
    pictures: Sequence[LabelledPicture],
    seen: Callable[[], None] = lambda: None,
) -> Iterator[tuple[Detections, float]]:
    """Yield the candidates in each picture, and the seconds that finding them took.

    Raises FileNotFoundError for a missing picture.
    """
    for picture in pictures:
        image = cv2.imread(str(picture.path))
        if image is None:
            raise FileNotFoundError(picture.path)
        began = time.perf_counter()
        found = detector.rank(np.asarray(image, np.uint8), LEAST_SCORE)
        yield found, time.perf_counter() - began
        seen()


def _by_source(
    detector: OnnxDetector,
    pictures: Sequence[LabelledPicture],
    found: Sequence[Detections],
    told: Sequence[Detections],
) -> dict[str, tuple[ClassScore, ...]]:
    """Score the pictures of each source by themselves."""
    scores = {}
    for source in sorted({picture.source for picture in pictures}):
        mine = [index for index, picture in enumerate(pictures) if picture.source == source]
        scores[source] = _class_scores(
            detector, [pictures[k] for k in mine], [found[k] for k in mine], [told[k] for k in mine]
        )
    return scores


def _class_scores(
    detector: OnnxDetector,
    pictures: Sequence[LabelledPicture],
    found: Sequence[Detections],
    told: Sequence[Detections],
) -> tuple[ClassScore, ...]:
    """Score the classes that have objects."""
    names = detector.manifest.classes
    scores = (_class_score(detector, name, pictures, found, told) for name in names)
    return tuple(score for score in scores if score is not None)


def _class_score(
    detector: OnnxDetector,
    name: str,
    pictures: Sequence[LabelledPicture],
    found: Sequence[Detections],
    told: Sequence[Detections],
) -> ClassScore | None:
    """Score a class: its ranking by all candidates `found`, its operation by the detections `told`."""
    number = detector.manifest.classes.index(name)
    labelled = [index for index, picture in enumerate(pictures) if name in picture.labelled]
    ranked = [_judged(number, pictures[k], found[k]) for k in labelled]
    objects = sum(len(j.truth) for j in ranked)
    if not objects:
        return None
    by_overlap = [average_precision(ranked, least) for least in OVERLAPS]
    threshold = detector.threshold(name)
    return ClassScore(
        name,
        len(ranked),
        objects,
        by_overlap[0],
        fmean(by_overlap),
        threshold,
        at_threshold([_judged(number, pictures[k], told[k]) for k in labelled], threshold),
    )


def _judged(number: int, picture: LabelledPicture, found: Detections) -> PredictionsWithTruth:
    mine, truth = found.class_ids == number, picture.class_ids == number
    return PredictionsWithTruth(found.boxes[mine], found.scores[mine], picture.boxes[truth])


def _cover_alarms(
    detector: OnnxDetector, pictures: Sequence[LabelledPicture], told: Sequence[Detections]
) -> float:
    alarms = 0.0
    for name in FAULTS & set(detector.manifest.classes):
        number, threshold = detector.manifest.classes.index(name), detector.threshold(name)
        judged = [_judged(number, p, t) for p, t in zip(pictures, told, strict=True)]
        alarms += at_threshold(judged, threshold).false_positives_per_picture
    return alarms


def _condition_right(
    detector: OnnxDetector, pictures: Sequence[LabelledPicture], told: Sequence[Detections]
) -> float | None:
    """The share of correct states among the labelled covers that a detection overlaps."""
    found = right = 0
    thresholds = np.array([detector.threshold(name) for name in detector.manifest.classes])
    for picture, detections in zip(pictures, told, strict=True):
        reported = detections.where(detections.scores >= thresholds[detections.class_ids])
        covers = reported.of(MANHOLE)
        near = overlaps(covers.boxes, picture.boxes) >= OVERLAPS[0]
        for index, number in enumerate(picture.class_ids):
            on_it = np.flatnonzero(near[:, index]) if len(covers) else np.zeros(0, np.int64)
            if detector.manifest.classes[number].startswith(MANHOLE) and len(on_it):
                found, right = found + 1, right + int(covers.class_ids[on_it[0]] == number)
    return right / found if found else None


def _covers(
    classes: tuple[str, ...], pictures: Sequence[LabelledPicture], found: Sequence[Detections]
) -> list[PredictionsWithTruth]:
    """Take covers of all states as one class, in pictures in which all states were labelled."""
    numbers = [k for k, name in enumerate(classes) if name.startswith(MANHOLE)]
    states = {classes[k] for k in numbers}
    judged = []
    for picture, detections in zip(pictures, found, strict=True):
        if numbers and states <= picture.labelled:
            of_covers = _once(detections.of(MANHOLE))
            truth = picture.boxes[np.isin(picture.class_ids, numbers)]
            judged.append(PredictionsWithTruth(of_covers.boxes, of_covers.scores, truth))
    return judged if any(len(j.truth) for j in judged) else []


def _places(found: Detections) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the index of the best candidate at each place, and the place of each candidate."""
    if not len(found):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    _, first, place = np.unique(found.boxes, axis=0, return_index=True, return_inverse=True)
    return first, place.ravel()


def best_at_each_place(found: Detections) -> Detections:
    """Keep what a detector would report: the best of several candidates with the same box."""
    best = np.zeros(len(found), bool)
    best[_places(found.ranked())[0]] = True
    return found.ranked().where(best)


def _once(covers: Detections) -> Detections:
    """Take every place once, as a cover in whatever state: its scores add up."""
    first, place = _places(covers)
    total = np.bincount(place, covers.scores, len(first)).astype(np.float32)
    return Detections(covers.boxes[first], total, covers.class_ids[first], covers.labels).ranked()
