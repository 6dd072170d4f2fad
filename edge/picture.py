"""Decodes JPEG: small and grey for the gate, complete for the detector."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.gate import HEIGHT, WIDTH, Thumbnail
from models import NotAPicture, decode_jpeg
from wire import jpeg
from wire.limits import MAX_JPEG_PIXELS

Picture = NDArray[np.uint8]
"""H x W x 3, BGR."""


_LEAST_SIDE = 32


class BadPicture(ValueError):
    """The bytes are not a JPEG that the node can use; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"this picture {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A picture that came as JPEG, decoded anew at each call."""

    data: bytes

    def thumbnail(self) -> Thumbnail:
        return thumbnail(self.data)

    def picture(self) -> Picture:
        return picture(self.data)

    def jpeg(self) -> bytes:
        return self.data


def size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels, from the header alone. Raises BadPicture."""
    try:
        width, height = jpeg.size(data)
    except jpeg.NotJpeg as error:
        raise BadPicture(str(error)) from None
    check_size(width, height)
    return width, height


def check_size(width: int, height: int) -> None:
    """Raises BadPicture if the picture is too small to show anything, or too large to decode."""
    if min(width, height) < _LEAST_SIDE:
        raise BadPicture(f"has {width} x {height} pixels, a side must have {_LEAST_SIDE}")
    if width * height > MAX_JPEG_PIXELS:
        raise BadPicture(f"has {width} x {height} pixels, at most {MAX_JPEG_PIXELS} are allowed")


def thumbnail(data: bytes) -> Thumbnail:
    """The picture as the gate needs it, decoded no further than that. Raises BadPicture."""
    width, height = size(data)
    small = _decoded(data, _grey_mode(width, height))
    if small.shape == (HEIGHT, WIDTH):
        return small
    return np.asarray(cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def picture(data: bytes) -> Picture:
    """The whole picture, upright. Raises BadPicture."""
    size(data)
    try:
        return decode_jpeg(data, max_pixels=MAX_JPEG_PIXELS)
    except NotAPicture as error:
        raise BadPicture(f"cannot be decoded: {error}") from None


def _grey_mode(width: int, height: int) -> int:
    """The coarsest decoding that still has all the pixels that the gate needs."""
    if width >= 8 * WIDTH and height >= 8 * HEIGHT:
        return cv2.IMREAD_REDUCED_GRAYSCALE_8 | cv2.IMREAD_IGNORE_ORIENTATION
    if width >= 4 * WIDTH and height >= 4 * HEIGHT:
        return cv2.IMREAD_REDUCED_GRAYSCALE_4 | cv2.IMREAD_IGNORE_ORIENTATION
    return cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION


def _decoded(data: bytes, mode: int) -> Picture:
    try:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), mode)
    except cv2.error as error:
        raise BadPicture(f"cannot be decoded: {error.err}") from None
    if decoded is None:
        raise BadPicture("cannot be decoded")
    return np.asarray(decoded, np.uint8)
