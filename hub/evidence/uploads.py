"""Photos that people upload: checked, stored by their hash, and scaled down on request."""

import asyncio
import hashlib

import cv2
from pydantic import BaseModel

from hub.db import Connection
from hub.errors import InvalidInput
from hub.evidence.examining import examine
from hub.evidence.photos import PhotoSource
from hub.evidence.store import EvidenceStore, record_photo, set_perceptual_hash
from models import NotAPicture, decode_jpeg
from wire import jpeg

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
    if len(data) > MAX_UPLOAD_BYTES:
        raise _bad_photo(f"is larger than {MAX_UPLOAD_BYTES} bytes")
    try:
        photo = await asyncio.to_thread(examine, data)
    except NotAPicture as error:
        raise _bad_photo(error.detail) from None
    sha256 = hashlib.sha256(data).hexdigest()
    await asyncio.to_thread(store.put, sha256, data)
    await record_photo(db, sha256, len(data), photo.width, photo.height, source)
    await set_perceptual_hash(db, sha256, photo.perceptual_hash)
    return KeptPhotoView(sha256=sha256, width=photo.width, height=photo.height)


def _bad_photo(reason: str) -> InvalidInput:
    return InvalidInput(f"send a JPEG photo; this file {reason}", field="file", reason=reason)


def scaled_down(data: bytes, width: int) -> bytes:
    """The JPEG at most `width` pixels wide; unchanged if it is not wider. Blocking."""
    stored_width, _ = jpeg.size(data)
    if stored_width <= width:
        return data
    image = decode_jpeg(data, least_width=width)
    height = max(1, round(image.shape[0] * width / image.shape[1]))
    scaled = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    done, encoded = cv2.imencode(".jpg", scaled, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return encoded.tobytes() if done else data
