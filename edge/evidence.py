"""The picture that proves a detection, as the contract takes it: a JPEG of at most 512 KiB."""

from dataclasses import dataclass
from hashlib import sha256

import cv2

from edge.picture import Picture
from wire.limits import MAX_JPEG_BYTES

_QUALITIES = (88, 80, 70, 60)
_SHRINK = 0.7


@dataclass(frozen=True, slots=True)
class Evidence:
    """`jpeg` are the bytes whose hash is `sha256`."""

    jpeg: bytes
    sha256: str


def evidence(jpeg: bytes, picture: Picture, max_bytes: int = MAX_JPEG_BYTES) -> Evidence:
    """The camera's own bytes where they fit, else the picture encoded again until it does."""
    fitting = jpeg if len(jpeg) <= max_bytes else _fitted(picture, max_bytes)
    return Evidence(fitting, sha256(fitting).hexdigest())


def _fitted(picture: Picture, max_bytes: int) -> bytes:
    """Encode with falling quality, then at falling size; a picture of a few pixels always fits."""
    while True:
        for quality in _QUALITIES:
            _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
            if encoded.size <= max_bytes:
                return encoded.tobytes()
        picture = cv2.resize(  # type: ignore[assignment]
            picture, None, fx=_SHRINK, fy=_SHRINK, interpolation=cv2.INTER_AREA
        )
