"""Average precision, from boxes and scores alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float32]

OVERLAPS = tuple(round(0.5 + 0.05 * k, 2) for k in range(10))
"""The overlaps that AP is the mean over."""

_RECALL_STEPS = np.linspace(0, 1, 101)
_MOST_PER_PICTURE = 100


@dataclass(frozen=True)
class PredictionsWithTruth:
    """One class in one picture: found boxes [N, 4] xyxy with scores [N], and true boxes [M, 4]."""

    boxes: Boxes
    scores: NDArray[np.float32]
    truth: Boxes


def overlaps(found: Boxes, truth: Boxes) -> NDArray[np.float32]:
    """Intersection over union of every found box with every true one, [N, M]."""
    low = np.maximum(found[:, None, :2], truth[None, :, :2])
    high = np.minimum(found[:, None, 2:], truth[None, :, 2:])
    size = (high - low).clip(0)
    shared = size[..., 0] * size[..., 1]
    union = _areas(found)[:, None] + _areas(truth)[None] - shared
    return np.asarray(shared / np.maximum(union, 1e-9), np.float32)


def _areas(boxes: Boxes) -> NDArray[np.float32]:
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), np.float32)


def matches(judged: PredictionsWithTruth, least: float) -> NDArray[np.bool_]:
    """Tell which found boxes are right: best first, each takes the free true box it overlaps most.

    Returns one flag per found box, in the order of `judged`.
    """
    right = np.zeros(len(judged.scores), np.bool_)
    if not len(judged.truth):
        return right
    shared = overlaps(judged.boxes, judged.truth)
    free = np.ones(len(judged.truth), np.bool_)
    for index in np.argsort(-judged.scores, kind="stable"):
        fit = np.where(free, shared[index], -1.0)
        taken = int(fit.argmax())
        if fit[taken] >= least:
            right[index], free[taken] = True, False
    return right


def average_precision(pictures: Sequence[PredictionsWithTruth], least: float) -> float:
    """Area under the precision-recall curve, read at 101 recalls as COCO does; nan without any true box."""
    objects = sum(len(p.truth) for p in pictures)
    if not objects:
        return float("nan")
    strongest = [_strongest(p) for p in pictures]
    scores = np.concatenate([p.scores for p in strongest])
    right = np.concatenate([matches(p, least) for p in strongest])
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(right[order])
    recall = hits / objects
    precision = hits / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    reached = np.searchsorted(recall, _RECALL_STEPS, side="left")
    return float(np.mean([envelope[k] if k < len(envelope) else 0.0 for k in reached]))


def _strongest(judged: PredictionsWithTruth) -> PredictionsWithTruth:
    order = np.argsort(-judged.scores, kind="stable")[:_MOST_PER_PICTURE]
    return PredictionsWithTruth(judged.boxes[order], judged.scores[order], judged.truth)


@dataclass(frozen=True)
class Operation:
    """What happens at one threshold: share of objects found, and false alarms per picture."""

    recall: float
    false_positives_per_picture: float


def at_threshold(
    pictures: Sequence[PredictionsWithTruth], threshold: float, least: float = 0.5
) -> Operation:
    """Count hits and false alarms of boxes with at least this score; recall is nan without any true box."""
    hits, alarms, objects = 0, 0, 0
    for picture in pictures:
        sure = picture.scores >= threshold
        right = matches(
            PredictionsWithTruth(picture.boxes[sure], picture.scores[sure], picture.truth), least
        )
        hits, alarms, objects = (
            hits + int(right.sum()),
            alarms + int((~right).sum()),
            objects + len(picture.truth),
        )
    return Operation(hits / objects if objects else float("nan"), alarms / max(1, len(pictures)))
