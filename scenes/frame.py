"""The renderer's output: pictures with labelled boxes."""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Picture = NDArray[np.uint8]
"""H x W x 3, BGR."""

Plane = NDArray[np.floating]
"""H x W or H x W x 3 numbers; colours run from 0 to 255."""


def plane(values: ArrayLike) -> Plane:
    """Take values as a plane of 32-bit numbers."""
    return np.asarray(values, np.float32)


def picture(values: ArrayLike) -> Picture:
    """Take whole numbers from 0 to 255 as a picture."""
    return np.asarray(values, np.uint8)


class CoverState(StrEnum):
    """Condition of a manhole cover."""

    GOOD = "good"
    BROKEN = "broken"
    OPEN = "open"

    @property
    def label(self) -> str:
        """Name of the detector's class for this condition."""
        return f"manhole_{self.value}"


@dataclass(frozen=True)
class LabelledBox:
    """A box in pixels, origin at the top left corner of the picture."""

    label: str
    x: float
    y: float
    w: float
    h: float

    def clipped(self, width: int, height: int) -> "LabelledBox":
        """Return the part of the box that lies inside a picture of this size."""
        left, top = max(0.0, self.x), max(0.0, self.y)
        right, bottom = min(float(width), self.x + self.w), min(float(height), self.y + self.h)
        return LabelledBox(self.label, left, top, max(0.0, right - left), max(0.0, bottom - top))

    @property
    def area(self) -> float:
        """Area in square pixels."""
        return self.w * self.h


@dataclass(frozen=True)
class RenderedFrame:
    """A picture and everything labelled in it."""

    image: Picture
    boxes: tuple[LabelledBox, ...]
    ignored: tuple[LabelledBox, ...] = ()
    """Places to leave out of training and counting, for example a lid beside its hole."""


def encode_jpeg(image: Picture, quality: int = 88) -> bytes:
    """Encode a BGR picture as JPEG."""
    ok, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not ok:
        raise ValueError(f"cannot encode a picture of shape {image.shape}")
    return data.tobytes()
