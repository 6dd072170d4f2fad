"""The part of a camera's picture that shows the road, where tiles look for small faults."""

from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

Outline = tuple[tuple[float, float], ...]
"""Corners (u, v) of a polygon, in fractions of the picture."""

LOWER_PART: Outline = ((0.0, 0.3), (1.0, 0.3), (1.0, 1.0), (0.0, 1.0))
"""Where a camera on a pole usually shows the road, if nothing better is known."""

_COLUMNS, _ROWS = 160, 90
_STEPS = 50


class GroundCoverage(Protocol):
    """Tells which points of the picture lie on ground that the camera covers."""

    def covers(self, u: float, v: float) -> bool: ...


def road_of(ground: GroundCoverage) -> Outline:
    """The covered ground by the calibration, else the lower part of the picture."""
    tops = [(column / 10, _top(ground, column / 10)) for column in range(11)]
    if min(top for _, top in tops) >= 1.0:
        return LOWER_PART
    return (*tops, (1.0, 1.0), (0.0, 1.0))


def _top(ground: GroundCoverage, u: float) -> float:
    """How far up from the lower edge the column shows ground without a gap."""
    top = 1.0
    for step in range(_STEPS, -1, -1):
        if not ground.covers(u, step / _STEPS):
            break
        top = step / _STEPS
    return top


def surrounds(outline: Outline, point: tuple[float, float]) -> bool:
    """Whether the point (u, v) lies within the outline or on it."""
    return cv2.pointPolygonTest(np.array(outline, np.float32), point, measureDist=False) >= 0


def drawn(road: Outline) -> NDArray[np.bool_]:
    """The road as a mask of 90 x 160."""
    mask = np.zeros((_ROWS, _COLUMNS), np.uint8)
    corners = np.array(road) * (_COLUMNS, _ROWS) - 0.5
    cv2.fillPoly(mask, [np.round(corners).astype(np.int32)], 1)
    return mask.astype(bool)
