"""What is known of a photo besides its bytes."""

from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PhotoSource:
    """Who sent a photo, when, and where it says it was taken. One of device and user is set."""

    device_id: str | None
    username: str | None
    received_at: datetime
    taken_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class Photo:
    """A stored photo's facts. `perceptual_hash` is None where it could not be decoded."""

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
    """A 64-bit difference hash (signed, for PostgreSQL): neighbours compared on a 9x8 grey picture.

    `image` is H x W x 3, BGR. Two encodings of one picture differ in few bits.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(cv2.GaussianBlur(grey, (0, 0), 3), (9, 8), interpolation=cv2.INTER_AREA)
    bits = (small[:, 1:] > small[:, :-1]).flatten()
    unsigned = int.from_bytes(np.packbits(bits).tobytes(), "big")
    return unsigned - (1 << 64) if unsigned >= 1 << 63 else unsigned


def hash_distance(first: int, second: int) -> int:
    """The number of differing bits, 0..64."""
    return ((first ^ second) & (1 << 64) - 1).bit_count()
