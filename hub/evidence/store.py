"""The evidence store: an object store (local folder or S3, by URL) and the table of facts."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import ObjectStore, from_url
from psycopg.rows import class_row

from hub.db import Connection, load_queries
from hub.errors import NotFound, Unavailable
from hub.evidence.photos import Photo, PhotoSource

SQL = load_queries(__file__)


class EvidenceStore:
    """Photos by SHA-256; putting the same bytes twice is the same as once."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    def put(self, sha256: str, data: bytes) -> None:
        """Store the bytes; blocking. Raises Unavailable if the store cannot take them now."""
        try:
            obstore.put(self._objects, _path(sha256), data)
        except (BaseError, OSError) as error:
            reason = str(error).partition("\n")[0][:200]
            raise Unavailable(f"the evidence store takes no photo: {reason}") from error

    def get(self, sha256: str) -> bytes:
        """The bytes; blocking. Raises NotFound, and Unavailable if the store cannot be read now."""
        try:
            return bytes(obstore.get(self._objects, _path(sha256)).bytes())
        except (NotFoundError, FileNotFoundError):
            raise NotFound(f"no photo {sha256} is stored", sha256=sha256) from None
        except (BaseError, OSError) as error:
            reason = str(error).partition("\n")[0][:200]
            raise Unavailable(f"the evidence store gives no photo: {reason}") from error


def open_evidence(url: str) -> EvidenceStore:
    """`file:///folder` (created if missing) or `s3://bucket/prefix`."""
    if url.startswith("file://"):
        return EvidenceStore(from_url(url, mkdir=True))
    return EvidenceStore(from_url(url))


def _path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}.jpg"


async def record_photo(
    db: Connection, sha256: str, size: int, width: int, height: int, source: PhotoSource
) -> None:
    """Store the facts of a photo; if it is stored already, its first sender is kept."""
    facts = {"sha256": sha256, "bytes": size, "width": width, "height": height}
    await db.execute(SQL["record"], facts | asdict(source))


async def photo_facts(db: Connection, sha256: str) -> Photo | None:
    """The facts of a photo, or None if it has not arrived."""
    async with db.cursor(row_factory=class_row(Photo)) as cursor:
        await cursor.execute(SQL["facts"], (sha256,))
        return await cursor.fetchone()


async def set_perceptual_hash(db: Connection, sha256: str, value: int) -> None:
    await db.execute(SQL["set_perceptual_hash"], (value, sha256))


async def similar_photos(
    db: Connection, sha256: str, perceptual_hash: int, bits: int = 3
) -> list[tuple[str, int]]:
    """(sha256, case_id) of other photos in cases that look alike."""
    cursor = await db.execute(
        SQL["similar"], {"sha256": sha256, "perceptual_hash": perceptual_hash, "bits": bits}
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def is_seen_by_unit(db: Connection, sha256: str, unit_key: str, username: str) -> bool:
    """Whether a unit handler may see a photo: it belongs to the unit's cases or is the handler's own."""
    facts = {"sha256": sha256, "unit_key": unit_key, "username": username}
    row = await (await db.execute(SQL["seen_by_unit"], facts)).fetchone()
    return row is not None and bool(row[0])


async def place_photos(
    db: Connection,
    photos: Sequence[str],
    device_id: str,
    lon: float,
    lat: float,
    taken_at: datetime,
) -> None:
    """Store where and when a device took its photos, in WGS-84, if that is not known yet."""
    await db.execute(
        SQL["place"],
        {
            "photos": list(photos),
            "device_id": device_id,
            "lon": lon,
            "lat": lat,
            "taken_at": taken_at,
        },
    )
