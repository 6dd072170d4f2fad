"""Decodes JPEG: small and grey for the gate, complete for the detector."""

import zlib
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.gate import HEIGHT, WIDTH, Thumbnail
from models import NotAPicture, decode_grey, decode_jpeg
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

    def mark(self) -> int:
        return zlib.crc32(self.data)

    def jpeg(self) -> bytes:
        return self.data


def check_size(width: int, height: int) -> None:
    """Raises BadPicture if the picture is too small to show anything, or too large to decode."""
    if min(width, height) < _LEAST_SIDE:
        raise BadPicture(f"has {width} x {height} pixels, a side must have {_LEAST_SIDE}")
    if width * height > MAX_JPEG_PIXELS:
        raise BadPicture(f"has {width} x {height} pixels, at most {MAX_JPEG_PIXELS} are allowed")


def thumbnail(data: bytes) -> Thumbnail:
    """The picture as the gate needs it, decoded no further than that. Raises BadPicture."""
    try:
        small = decode_grey(data, WIDTH, HEIGHT)
    except NotAPicture as error:
        raise BadPicture(error.detail) from None
    check_size(small.shape[1], small.shape[0])
    if small.shape == (HEIGHT, WIDTH):
        return small
    return np.asarray(cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def picture(data: bytes) -> Picture:
    """The whole picture, upright. Raises BadPicture."""
    try:
        whole = decode_jpeg(data)
    except NotAPicture as error:
        raise BadPicture(error.detail) from None
    check_size(whole.shape[1], whole.shape[0])
    return whole
