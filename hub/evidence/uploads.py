"""Photos that people upload: checked, stored by their hash, and scaled down on request."""

import asyncio
import hashlib
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from hub.db import Connection
from hub.errors import InvalidInput
from hub.evidence.photos import PhotoSource, perceptual_hash
from hub.evidence.store import EvidenceStore, record_photo, set_perceptual_hash
from wire import jpeg
from wire.limits import MAX_JPEG_PIXELS

MAX_UPLOAD_BYTES = 2 * 1024 * 1024
_QUALITY = 82


class KeptPhotoView(BaseModel):
    """A photo is named by the SHA-256 of its bytes."""

    sha256: str
    width: int
    height: int


async def store_photo(
    db: Connection, store: EvidenceStore, data: bytes, source: PhotoSource
) -> KeptPhotoView:
    """Store a JPEG that a person uploaded; equal bytes are one photo. Raises InvalidInput."""
    width, height = _checked_size(data)
    image = await asyncio.to_thread(_decode, data, cv2.IMREAD_COLOR)
    if image is None:
        raise _bad_photo("cannot be decoded")
    sha256 = hashlib.sha256(data).hexdigest()
    await asyncio.to_thread(store.put, sha256, data)
    await record_photo(db, sha256, len(data), width, height, source)
    await set_perceptual_hash(db, sha256, await asyncio.to_thread(perceptual_hash, image))
    return KeptPhotoView(sha256=sha256, width=width, height=height)


def _checked_size(data: bytes) -> tuple[int, int]:
    if len(data) > MAX_UPLOAD_BYTES:
        raise _bad_photo(f"is larger than {MAX_UPLOAD_BYTES} bytes")
    try:
        width, height = jpeg.size(data)
    except jpeg.NotJpeg as error:
        raise _bad_photo(str(error)) from None
    if width * height > MAX_JPEG_PIXELS:
        raise _bad_photo(f"has more than {MAX_JPEG_PIXELS} pixels")
    return width, height


def _bad_photo(reason: str) -> InvalidInput:
    return InvalidInput(f"send a JPEG photo; this file {reason}", field="file", reason=reason)


def scaled_down(data: bytes, width: int) -> bytes:
    """The JPEG at most `width` pixels wide; unchanged if it is not wider. Blocking."""
    stored_width, _ = jpeg.size(data)
    if stored_width <= width:
        return data
    image = _decode(data, _decoding_mode(stored_width // width))
    if image is None:
        return data
    height = max(1, round(image.shape[0] * width / image.shape[1]))
    scaled = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    done, encoded = cv2.imencode(".jpg", scaled, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return encoded.tobytes() if done else data


def _decoding_mode(times_smaller: int) -> int:
    """Decoding a JPEG at a half, quarter or eighth of its size costs a fraction of the time."""
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
