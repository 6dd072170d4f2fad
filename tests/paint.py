"""A detector that sees paint: exact, whatever part of a picture it is shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from edge.picture import Picture
from models import DetectedObject as Found
from scenes import RenderedFrame

GOOD, BROKEN, OPEN = (0, 160, 0), (200, 0, 200), (120, 0, 120)
"""Colours, BGR, of a cover that is whole, one that is broken, and a hole."""

_LABELS = {GOOD: "manhole_good", BROKEN: "manhole_broken", OPEN: "manhole_open"}
_NEAR = 50
_LEAST_PX = 12


@dataclass
class PaintDetector:
    """Sees covers by their paint; what would be under `least_px` wide in its input, it cannot see.

    `scores` are taken in turn, picture by picture; at 0 it sees nothing. `shapes` are those of the
    pictures that it was shown.
    """

    paints: Sequence[tuple[int, int, int]] = (GOOD, BROKEN, OPEN)
    scores: Sequence[float] = (0.8,)
    least_px: float = 0.0
    side: int = 416
    shapes: list[tuple[int, int]] = field(default_factory=list)

    @property
    def looks(self) -> int:
        return len(self.shapes)

    def detect(self, image_bgr: Picture, /) -> list[Found]:
        self.shapes.append(image_bgr.shape[:2])
        score = self.scores[self.looks % len(self.scores)]
        least = self.least_px * max(image_bgr.shape[:2]) / self.side
        return [
            Found(_LABELS[colour], score, *box)
            for colour in self.paints
            for box in _patches(image_bgr, colour)
            if score and box[2] >= least
        ]


def _patches(image: Picture, colour: tuple[int, int, int]) -> Iterator[tuple[int, int, int, int]]:
    paint = np.array(colour)
    near = cv2.inRange(image, np.maximum(paint - _NEAR, 0), np.minimum(paint + _NEAR, 255))
    if cv2.countNonZero(near) < _LEAST_PX:
        return
    count, _, figures, _ = cv2.connectedComponentsWithStats(near)
    for x, y, w, h, area in figures[1:count].tolist():
        if area >= _LEAST_PX:
            yield x, y, w, h


def painted(frame: RenderedFrame, colour: tuple[int, int, int]) -> Picture:
    """A rendered street whose cover is painted over."""
    (box,) = frame.boxes
    image = frame.image.copy()
    middle = (round(box.x + box.w / 2), round(box.y + box.h / 2))
    cv2.ellipse(image, middle, (round(box.w / 2), round(box.h / 2)), 0, 0, 360, colour, -1)
    return image
