"""A picture with distances, on which solid things hide what stands behind them."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from scenes.frame import Picture, Plane, picture

Outline = NDArray[np.float64]
Colour = tuple[float, float, float]

_FAR = np.float32(1e6)
_SUBPIXEL_BITS = 4


@dataclass(frozen=True)
class Patch:
    """A filled outline in pixels."""

    outline: Outline
    colour: Colour


def bgr(values: ArrayLike) -> Colour:
    """Take three numbers as a colour."""
    blue, green, red = (float(v) for v in np.clip(values, 0, 255))
    return blue, green, red


class Canvas:
    """A BGR picture and, per pixel, how far away the thing drawn there stands (ground and walls: far)."""

    def __init__(self, image: Picture, distance: Plane | None = None) -> None:
        self.image = image
        self.distance = np.full(image.shape[:2], _FAR, np.float32) if distance is None else distance

    def over(self) -> "Canvas":
        """Return a canvas with a copy of the picture to draw on; distances are shared, not written."""
        return Canvas(self.image.copy(), self.distance)

    def draw(self, patches: Sequence[Patch], distance_m: float, *, keep: bool = False) -> None:
        """Fill outlines, in order, where nothing nearer stands; `keep` remembers the distance."""
        if not patches:
            return
        height, width = self.image.shape[:2]
        points = np.vstack([p.outline for p in patches])
        left, top = np.floor(np.clip(points.min(0) - 1, 0, [width, height])).astype(int)
        right, bottom = np.ceil(np.clip(points.max(0) + 2, 0, [width, height])).astype(int)
        if right - left < 1 or bottom - top < 1:
            return
        region = (slice(top, bottom), slice(left, right))
        part, mask = self.image[region].copy(), np.zeros((bottom - top, right - left), np.uint8)
        for patch in patches:
            outline = _fixed(patch.outline - [left, top])
            cv2.fillPoly(part, [outline], patch.colour, cv2.LINE_AA, _SUBPIXEL_BITS)
            cv2.fillPoly(mask, [outline], 255, cv2.LINE_AA, _SUBPIXEL_BITS)
        shown = (mask > 0) & (self.distance[region] > distance_m)
        np.copyto(self.image[region], part, where=shown[..., None])
        if keep:
            np.copyto(self.distance[region], np.float32(distance_m), where=shown & (mask > 127))

    def darken(self, outline: Outline, share: float) -> None:
        """Lay a shadow of this depth (0..1) on the ground inside an outline."""
        height, width = self.image.shape[:2]
        left, top = np.floor(np.clip(outline.min(0) - 1, 0, [width, height])).astype(int)
        right, bottom = np.ceil(np.clip(outline.max(0) + 2, 0, [width, height])).astype(int)
        if right - left < 1 or bottom - top < 1:
            return
        region = (slice(top, bottom), slice(left, right))
        mask = np.zeros((bottom - top, right - left), np.uint8)
        cv2.fillPoly(
            mask, [_fixed(outline - [left, top])], int(255 * share), cv2.LINE_AA, _SUBPIXEL_BITS
        )
        mask[self.distance[region] < _FAR] = 0
        keep = cv2.merge([255 - mask] * 3)
        self.image[region] = picture(cv2.multiply(self.image[region], keep, scale=1 / 255))


def _fixed(outline: Outline) -> NDArray[np.int32]:
    limit = 1 << 14
    return np.round(np.clip(outline, -limit, limit) * (1 << _SUBPIXEL_BITS)).astype(np.int32)
