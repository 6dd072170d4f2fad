"""Photos that people send: checked, stored under their hash, and shown smaller where asked."""

import asyncio
import hashlib
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from hub.db import Connection
from hub.errors import InvalidInput
from hub.evidence.photos import PhotoSource, perceptual_hash
from hub.evidence.store import EvidenceStore, record_photo, set_perceptual_hash
from wire import jpeg
from wire.limits import MAX_JPEG_PIXELS

MAX_UPLOAD_BYTES = 2 * 1024 * 1024
_QUALITY = 82


@dataclass(frozen=True, slots=True)
class KeptPhoto:
    sha256: str
    width: int
    height: int


async def keep_photo(
    db: Connection, store: EvidenceStore, data: bytes, source: PhotoSource
) -> KeptPhoto:
    """Store a JPEG that a person sent; the same bytes twice are one photo. Raises InvalidInput."""
    width, height = _checked_size(data)
    image = await asyncio.to_thread(_decode, data, cv2.IMREAD_COLOR)
    if image is None:
        raise _not_a_picture("cannot be decoded")
    sha256 = hashlib.sha256(data).hexdigest()
    await asyncio.to_thread(store.put, sha256, data)
    await record_photo(db, sha256, len(data), width, height, source)
    await set_perceptual_hash(db, sha256, await asyncio.to_thread(perceptual_hash, image))
    return KeptPhoto(sha256, width, height)


def _checked_size(data: bytes) -> tuple[int, int]:
    if len(data) > MAX_UPLOAD_BYTES:
        raise _not_a_picture(f"is larger than {MAX_UPLOAD_BYTES} bytes")
    try:
        width, height = jpeg.size(data)
    except jpeg.NotJpeg as error:
        raise _not_a_picture(str(error)) from None
    if width * height > MAX_JPEG_PIXELS:
        raise _not_a_picture(f"has more than {MAX_JPEG_PIXELS} pixels")
    return width, height


def _not_a_picture(reason: str) -> InvalidInput:
    return InvalidInput(f"send a JPEG photo; this file {reason}", field="file", reason=reason)


def smaller(data: bytes, width: int) -> bytes:
    """The JPEG at most `width` pixels wide; as it is where it isn't wider. Blocking."""
    stored_width, _ = jpeg.size(data)
    if stored_width <= width:
        return data
    image = _decode(data, _reading_mode(stored_width // width))
    if image is None:
        return data
    height = max(1, round(image.shape[0] * width / image.shape[1]))
    scaled = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    done, encoded = cv2.imencode(".jpg", scaled, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return encoded.tobytes() if done else data


def _reading_mode(times_smaller: int) -> int:
    """JPEG decodes to a half, quarter or eighth at a fraction of the cost."""
    for factor, mode in (
        (8, cv2.IMREAD_REDUCED_COLOR_8),
        (4, cv2.IMREAD_REDUCED_COLOR_4),
        (2, cv2.IMREAD_REDUCED_COLOR_2),
    ):
        if times_smaller >= factor:
            return mode
    return cv2.IMREAD_COLOR


def _decode(data: bytes, mode: int) -> NDArray[np.uint8] | None:
    return cast("NDArray[np.uint8] | None", cv2.imdecode(np.frombuffer(data, np.uint8), mode))
