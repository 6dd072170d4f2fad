"""What a detector found in one picture."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MANHOLE = "manhole_"
"""What the labels of all states of a cover begin with."""


@dataclass(frozen=True)
class DetectedObject:
    """One object; its box in pixels of the picture, origin at the top left."""

    label: str
    score: float
    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True)
class Detections:
    """Objects of one picture, best first.

    `boxes` [N, 4] are x0, y0, x1, y1 in pixels of the original picture, `scores` [N] lie in 0..1,
    and `class_ids` [N] index `labels`, the names of all classes.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    class_ids: NDArray[np.int64]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.scores)

    def __iter__(self) -> Iterator[DetectedObject]:
        for (x0, y0, x1, y1), score, label in zip(
            self.boxes.tolist(), self.scores.tolist(), self.class_ids.tolist(), strict=True
        ):
            yield DetectedObject(self.labels[label], score, x0, y0, x1 - x0, y1 - y0)

    def where(self, keep: NDArray[np.bool_]) -> "Detections":
        """Return those for which `keep` [N] is true."""
        return Detections(self.boxes[keep], self.scores[keep], self.class_ids[keep], self.labels)

    def ranked(self) -> "Detections":
        """Return all of them, best first."""
        order = np.argsort(-self.scores, kind="stable")
        return Detections(self.boxes[order], self.scores[order], self.class_ids[order], self.labels)

    def of(self, label_prefix: str) -> "Detections":
        """Return those whose label begins like this, such as `manhole_` for covers in any state."""
        wanted = [
            index for index, label in enumerate(self.labels) if label.startswith(label_prefix)
        ]
        return self.where(np.isin(self.class_ids, wanted))


def nothing(labels: tuple[str, ...]) -> Detections:
    """Return no detections."""
    return Detections(
        np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64), labels
    )
