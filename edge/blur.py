"""Makes parts of a picture that nobody outside may see coarse beyond recognition."""

from collections.abc import Sequence

import cv2
import numpy as np

from edge.picture import Picture
from edge.road import Outline

_TILES = 8
"""How many patches of colour are left along the longer side of a blurred part."""


def blurred(image: Picture, outlines: Sequence[Outline]) -> Picture:
    """A copy with only patches of colour within these outlines, in fractions of the picture."""
    shown = image.copy()
    for outline in outlines:
        _blur(shown, outline)
    return shown


def _blur(image: Picture, outline: Outline) -> None:
    height, width = image.shape[:2]
    corners = np.round(np.array(outline) * (width, height)).astype(np.int32)
    left, top = np.maximum(corners.min(axis=0), 0)
    right, bottom = np.minimum(corners.max(axis=0) + 1, (width, height))
    part = image[top:bottom, left:right]
    tall, wide = part.shape[:2]
    scale = _TILES / max(tall, wide)
    few = (max(1, round(wide * scale)), max(1, round(tall * scale)))
    coarse = cv2.resize(
        cv2.resize(part, few, interpolation=cv2.INTER_AREA),
        (wide, tall),
        interpolation=cv2.INTER_LINEAR,
    )
    mask = np.zeros((tall, wide), np.uint8)
    cv2.fillPoly(mask, [corners - (left, top)], 1)
    part[mask > 0] = coarse[mask > 0]
