"""The pictures that prove a detection, as the contract allows them: JPEG of at most 512 KiB."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import cv2

from edge.blur import blurred
from edge.boxes import ImageBox
from edge.frame import CameraFrame
from edge.picture import Picture
from edge.road import Outline
from wire.limits import MAX_JPEG_BYTES

_QUALITIES = (88, 80, 70, 60)
_SHRINK = 0.7
_CROP_GROWN = 2.0
_LEAST_CROP_PX = 160


@dataclass(frozen=True, slots=True)
class Evidence:
    """A picture; `sha256` is the hash of the bytes `jpeg`."""

    jpeg: bytes
    sha256: str

    @classmethod
    def of(cls, jpeg: bytes) -> "Evidence":
        return cls(jpeg, sha256(jpeg).hexdigest())


@dataclass(frozen=True)
class EvidenceFrame:
    """A frame that the detector got, as evidence; `image` is the frame's picture.

    Everything within the outlines `blur` is unrecognisable in all pictures made from it.
    """

    frame: CameraFrame
    image: Picture
    blur: Sequence[Outline] = ()

    @cached_property
    def whole(self) -> Evidence:
        """The camera's own bytes if they fit and nothing is blurred, else the picture encoded anew."""
        jpeg = b"" if self.blur else self.frame.still.jpeg()
        if 0 < len(jpeg) <= MAX_JPEG_BYTES:
            return Evidence.of(jpeg)
        return Evidence.of(fitted(self._shown))

    def crop(self, box: ImageBox) -> tuple[Evidence, ImageBox]:
        """The box and its surroundings at the camera's own resolution, and the box within that crop."""
        height, width = self.image.shape[:2]
        u, v = box.centre
        side_w = max(box.w * width * _CROP_GROWN, _LEAST_CROP_PX)
        side_h = max(box.h * height * _CROP_GROWN, _LEAST_CROP_PX)
        left, top = max(0, round(u * width - side_w / 2)), max(0, round(v * height - side_h / 2))
        part = self._shown[top : round(top + side_h), left : round(left + side_w)]
        tall, wide = part.shape[:2]
        inner = ImageBox(
            (box.x * width - left) / wide,
            (box.y * height - top) / tall,
            box.w * width / wide,
            box.h * height / tall,
        )
        return Evidence.of(fitted(part)), inner.within_picture()

    @cached_property
    def _shown(self) -> Picture:
        return blurred(self.image, self.blur) if self.blur else self.image


def fitted(picture: Picture, max_bytes: int = MAX_JPEG_BYTES) -> bytes:
    """Encode at lower and lower quality, then at smaller and smaller size, until it fits."""
    while True:
        for quality in _QUALITIES:
            _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
            if encoded.size <= max_bytes:
                return encoded.tobytes()
        picture = cv2.resize(  # type: ignore[assignment]
            picture, None, fx=_SHRINK, fy=_SHRINK, interpolation=cv2.INTER_AREA
        )
