"""Photos that people upload: checked, then stored by their hash."""

import asyncio
import hashlib

from pydantic import BaseModel

from hub.db import Pool
from hub.errors import InvalidInput, TooManyRequests
from hub.evidence.examining import ExaminedPhoto, examine
from hub.evidence.photo_library import PhotoLibrary
from hub.evidence.photos import PhotoSource
from hub.evidence.store import SQL, record_photo
from models import NotAPicture

MAX_UPLOAD_BYTES = 2 * 1024 * 1024
_RETRY_AFTER_S = 3600.0


class KeptPhotoView(BaseModel):
    """A photo is named by the SHA-256 of its bytes."""

    sha256: str
    width: int
    height: int


async def store_photo(
    library: PhotoLibrary, data: bytes, source: PhotoSource, most_unlinked: int
) -> KeptPhotoView:
    """Store a JPEG that a person uploaded; equal bytes are one photo.

    Raises InvalidInput, TooManyRequests if the account has `most_unlinked` photos that belong to
    nothing, and as `PhotoDecoder.run`.
    """
    account = str(source.username)
    photo = await _examined(library, account, data)
    sha256 = hashlib.sha256(data).hexdigest()
    await _make_room(library.pool, account, sha256, most_unlinked)
    await asyncio.to_thread(library.store.put, sha256, data)
    async with library.pool.connection() as db:
        await record_photo(
            db, sha256, len(data), photo.width, photo.height, source, photo.perceptual_hash
        )
    return KeptPhotoView(sha256=sha256, width=photo.width, height=photo.height)


async def _examined(library: PhotoLibrary, account: str, data: bytes) -> ExaminedPhoto:
    if len(data) > MAX_UPLOAD_BYTES:
        raise _bad_photo(f"is larger than {MAX_UPLOAD_BYTES} bytes")
    try:
        return await library.decoder.run(account, examine, data)
    except NotAPicture as error:
        raise _bad_photo(error.detail) from None


async def _make_room(pool: Pool, account: str, sha256: str, most_unlinked: int) -> None:
    """Raise TooManyRequests if the account has too many photos that no case or signal has."""
    async with pool.connection() as db:
        await db.execute(SQL["keep_bytes"], (sha256,))
        facts = {"username": account, "sha256": sha256}
        row = await (await db.execute(SQL["unlinked_of_account"], facts)).fetchone()
    if row is not None and row[0] >= most_unlinked:
        raise TooManyRequests(
            f"{row[0]} photos of this account belong to no case or signal; use them first, "
            "or wait: they are deleted after a day",
            retry_after_s=_RETRY_AFTER_S,
        )


def _bad_photo(reason: str) -> InvalidInput:
    return InvalidInput(f"send a JPEG photo; this file {reason}", field="file", reason=reason)
