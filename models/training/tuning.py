"""Choosing operating thresholds, and the weight of the second look, on validation photos."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.coco import LabelledPicture
from models.detections import Detections
from models.detector import OnnxDetector
from models.evaluation import FAULTS, best_at_each_place, candidates, evaluate
from models.precision import PredictionsWithTruth, matches

_STEPS = tuple(round(0.05 + 0.01 * k, 2) for k in range(86))


@dataclass(frozen=True)
class DetectedPictures:
    """Pictures, and what a detector finds in each at any score."""

    pictures: Sequence[LabelledPicture]
    told: Sequence[Detections]

    @classmethod
    def at(
        cls, detector: OnnxDetector, pictures: Sequence[LabelledPicture], seen: Callable[[], None]
    ) -> "DetectedPictures":
        """Run the detector over pictures; `seen` is called after each."""
        found = [f for f, _ in candidates(detector, pictures, seen)]
        return cls(pictures, [best_at_each_place(f) for f in found])


def propose_thresholds(
    classes: tuple[str, ...], sets: Sequence[DetectedPictures], alarms: float
) -> dict[str, float]:
    """Choose a threshold for each class on the pictures in which it was labelled.

    It is the one with the best balance of precision and recall (F1). The thresholds of broken and
    open covers are then raised until pictures in which covers were not labelled, of which hardly any
    shows one, bring at most half of `alarms` false ones per picture each.
    """
    chosen = {}
    for number, name in enumerate(classes):
        best = max(_STEPS, key=lambda step: _balance(number, name, sets, step))
        if name in FAULTS:
            quiet = (s for s in _STEPS if _alarms(number, name, sets, s) <= alarms / 2)
            best = max(best, next(quiet, _STEPS[-1]))
        chosen[name] = best
    return chosen


def _balance(number: int, name: str, sets: Sequence[DetectedPictures], threshold: float) -> float:
    """F1 of a class at a threshold, over all pictures in which it was labelled."""
    hits = reported = objects = 0
    for looked in sets:
        for picture, told in zip(looked.pictures, looked.told, strict=True):
            if name in picture.labelled:
                mine = (told.class_ids == number) & (told.scores >= threshold)
                truth = picture.boxes[picture.class_ids == number]
                right = matches(
                    PredictionsWithTruth(told.boxes[mine], told.scores[mine], truth), 0.5
                )
                hits, reported = hits + int(right.sum()), reported + int(mine.sum())
                objects += len(truth)
    return 2 * hits / max(1, reported + objects)


def _alarms(number: int, name: str, sets: Sequence[DetectedPictures], threshold: float) -> float:
    counts = [
        int(((told.class_ids == number) & (told.scores >= threshold)).sum())
        for looked in sets
        for picture, told in zip(looked.pictures, looked.told, strict=True)
        if name not in picture.labelled
    ]
    return float(np.mean(counts)) if counts else 0.0


def trust_table(
    detector: OnnxDetector, covers: Sequence[LabelledPicture], trusts: Sequence[float]
) -> list[tuple[float, dict[str, float]]]:
    """Measure AP50 of each state for several weights of the second look."""
    rows = []
    for trust in trusts:
        result = evaluate(detector.trusting(trust), covers)
        figures = {score.name: score.ap50 for score in result.classes}
        rows.append((trust, {**figures, "mean": result.mean_ap50}))
    return rows
