"""The facts of a photo, apart from its bytes."""

from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PhotoSource:
    """Who sent a photo and when, and where it was taken if known. Either device or user is set."""

    device_id: str | None
    username: str | None
    received_at: datetime
    taken_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class Photo:
    """The facts of a stored photo. `perceptual_hash` is None if it was never computed."""

    sha256: str
    bytes: int
    width: int
    height: int
    device_id: str | None
    username: str | None
    received_at: datetime
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    perceptual_hash: int | None


def perceptual_hash(image: NDArray[np.uint8]) -> int:
    """A 64-bit difference hash (signed, for PostgreSQL): neighbouring pixels of a 9x8 grey image compared.

    `image` is H x W x 3, BGR. Two encodings or sizes of one photo differ in few bits.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (9, 8), interpolation=cv2.INTER_AREA)
    bits = (small[:, 1:] > small[:, :-1]).flatten()
    unsigned = int.from_bytes(np.packbits(bits).tobytes(), "big")
    return unsigned - (1 << 64) if unsigned >= 1 << 63 else unsigned
