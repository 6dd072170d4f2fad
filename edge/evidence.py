"""The pictures that prove a detection, as the contract takes them: JPEG of at most 512 KiB."""

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
    """`jpeg` are the bytes whose hash is `sha256`."""

    jpeg: bytes
    sha256: str

    @classmethod
    def of(cls, jpeg: bytes) -> "Evidence":
        return cls(jpeg, sha256(jpeg).hexdigest())


@dataclass(frozen=True)
class EvidenceFrame:
    """A frame that was looked at, as evidence; `image` is the frame's picture.

    What lies in the outlines `blur` is made unrecognisable in all that comes out of here.
    """

    frame: CameraFrame
    image: Picture
    blur: Sequence[Outline] = ()

    @cached_property
    def whole(self) -> Evidence:
        """The camera's own bytes where they fit and hide nothing, else the picture encoded anew."""
        jpeg = b"" if self.blur else self.frame.still.jpeg()
        if 0 < len(jpeg) <= MAX_JPEG_BYTES:
            return Evidence.of(jpeg)
        return Evidence.of(fitted(self._shown))

    def crop(self, box: ImageBox) -> tuple[Evidence, ImageBox]:
        """The box with its surroundings at the camera's own resolution, and where it lies there."""
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
    """Encode with falling quality, then at falling size; a picture of a few pixels always fits."""
    while True:
        for quality in _QUALITIES:
            _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
            if encoded.size <= max_bytes:
                return encoded.tobytes()
        picture = cv2.resize(  # type: ignore[assignment]
            picture, None, fx=_SHRINK, fy=_SHRINK, interpolation=cv2.INTER_AREA
        )
