"""Fitting a picture of any shape into the square that a network takes."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_GREY = 114


@dataclass(frozen=True)
class Letterbox:
    """How a picture lies in the input: scaled, then shifted by whole pixels."""

    scale: float
    left: int
    top: int

    @classmethod
    def fitting(cls, width: int, height: int, input_width: int, input_height: int) -> "Letterbox":
        """Centre a picture of this size in the input, as large as it goes."""
        scale = min(input_width / width, input_height / height)
        left = (input_width - max(1, round(width * scale))) // 2
        top = (input_height - max(1, round(height * scale))) // 2
        return cls(scale, left, top)

    def fill(self, image: NDArray[np.uint8], target: NDArray[np.uint8]) -> None:
        """Draw the picture [H, W, 3] into the input [h, w, 3], grey around it."""
        height, width = image.shape[:2]
        size = (max(1, round(width * self.scale)), max(1, round(height * self.scale)))
        right, bottom = self.left + size[0], self.top + size[1]
        for border in (
            target[: self.top],
            target[bottom:],
            target[:, : self.left],
            target[:, right:],
        ):
            border[:] = _GREY
        inner = target[self.top : bottom, self.left : right]
        cv2.resize(image, size, dst=inner, interpolation=cv2.INTER_LINEAR)

    def to_picture(
        self, boxes: NDArray[np.float32], width: int, height: int
    ) -> NDArray[np.float32]:
        """Carry boxes xyxy [N, 4] from the input back to the picture, and clip them to it."""
        shift = np.array([self.left, self.top, self.left, self.top], np.float32)
        back = (boxes - shift) / np.float32(self.scale)
        return np.asarray(np.clip(back, 0, [width, height, width, height]), np.float32)
