"""The evidence store: an object store (local folder or S3, by URL) and the table of facts."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
import structlog
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import ObjectStore, from_url
from psycopg.rows import class_row

from hub.db import Connection, load_queries
from hub.errors import Damaged, Unavailable
from hub.evidence.metrics import DAMAGED
from hub.evidence.photos import Photo, PhotoSource

log = structlog.get_logger()

SQL = load_queries(__file__)


class PhotoDamaged(Damaged):
    """The file of a photo that the database knows is not what was stored; `fault` says how."""

    fault: str


class PhotoMissing(PhotoDamaged):
    """Its file is gone."""

    kind, fault = "photo-missing", "missing"


class PhotoChanged(PhotoDamaged):
    """Its file has other bytes."""

    kind, fault = "photo-changed", "changed"


class EvidenceStore:
    """Photos by SHA-256; putting the same bytes twice is the same as once. All methods block.

    A local `folder` that is removed while the hub runs is not made again. All raise Unavailable if the
    store can't be used now.
    """

    def __init__(self, objects: ObjectStore, folder: Path | None = None) -> None:
        self._objects = objects
        self._folder = folder

    def put(self, sha256: str, data: bytes) -> None:
        """Store a photo."""
        self._write(_path(sha256), data)

    def get(self, sha256: str) -> bytes:
        """A photo that the database knows, whose hash is checked. Raises PhotoDamaged, and says so."""
        data = self._read(_path(sha256))
        damage = _damage_of(sha256, data)
        if damage is not None:
            DAMAGED.labels(damage.fault).inc()
            log.error("photo_damaged", sha256=sha256, fault=damage.fault)
            raise damage
        assert data is not None
        return data

    def put_thumbnail(self, sha256: str, width: int, data: bytes) -> None:
        """Keep a smaller version of a photo beside it."""
        self._write(_thumbnail_path(sha256, width), data)

    def thumbnail(self, sha256: str, width: int) -> bytes | None:
        """A smaller version that was kept, unchecked; None if there is none."""
        return self._read(_thumbnail_path(sha256, width))

    def delete(self, sha256: str, widths: Sequence[int]) -> None:
        """Delete a photo and its thumbnails; what isn't there is no error."""
        for path in (_path(sha256), *(_thumbnail_path(sha256, width) for width in widths)):
            with _unavailable("deletes"), suppress(NotFoundError, FileNotFoundError):
                obstore.delete(self._objects, path)

    def paths(self) -> Iterator[str]:
        """The path of every object in the store."""
        with _unavailable("lists"):
            for chunk in obstore.list(self._objects):
                yield from (each["path"] for each in chunk)

    def _write(self, path: str, data: bytes) -> None:
        self._require_folder()
        with _unavailable("takes"):
            obstore.put(self._objects, path, data)

    def _read(self, path: str) -> bytes | None:
        with _unavailable("gives"), suppress(NotFoundError, FileNotFoundError):
            return bytes(obstore.get(self._objects, path).bytes())
        self._require_folder()
        return None

    def _require_folder(self) -> None:
        """The object store would make a missing folder again, as if nothing had been in it."""
        if self._folder is not None and not self._folder.is_dir():
            raise Unavailable(_folder_missing(self._folder))


@contextmanager
def _unavailable(does: str) -> Iterator[None]:
    try:
        yield
    except (NotFoundError, FileNotFoundError):
        raise
    except (BaseError, OSError) as error:
        reason = str(error).partition("\n")[0][:200]
        raise Unavailable(f"the evidence store {does} no photo: {reason}") from error


def _damage_of(sha256: str, data: bytes | None) -> PhotoDamaged | None:
    if data is None:
        detail = f"the file of photo {sha256} is missing; restore it from a backup"
        return PhotoMissing(detail, sha256=sha256)
    if hashlib.sha256(data).hexdigest() == sha256:
        return None
    detail = (
        f"the file of photo {sha256} is not what was stored; restore it from a backup, "
        "and find out who changed it"
    )
    return PhotoChanged(detail, sha256=sha256)


def _folder_missing(folder: Path) -> str:
    return (
        f"the evidence folder {folder} is missing: mount or restore it; "
        "for a new hub, `python -m hub migrate` makes it"
    )


def open_evidence(url: str, *, create: bool = False) -> EvidenceStore:
    """`file:///folder` or `s3://bucket/prefix`. Raises Unavailable if the folder is missing.

    With `create` it is made instead, which is only for a hub that has no photos yet.
    """
    if not url.startswith("file://"):
        return EvidenceStore(from_url(url))
    folder = Path(unquote(urlsplit(url).path))
    if not create and not folder.is_dir():
        raise Unavailable(_folder_missing(folder))
    return EvidenceStore(from_url(url, mkdir=create), folder)


async def make_store(db: Connection, url: str) -> None:
    """Make the store of a hub that has no photos yet. Raises Unavailable if it has some and no store."""
    row = await (await db.execute(SQL["count_photos"])).fetchone()
    open_evidence(url, create=row is None or row[0] == 0)


def _path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}.jpg"


def _thumbnail_path(sha256: str, width: int) -> str:
    return f"thumbnails/{sha256[:2]}/{sha256}-{width}.jpg"


async def record_photo(
    db: Connection,
    sha256: str,
    size: int,
    width: int,
    height: int,
    source: PhotoSource,
    perceptual_hash: int | None = None,
) -> None:
    """Store the facts of a photo; if it is stored already, its first sender is kept."""
    facts = {
        "sha256": sha256,
        "bytes": size,
        "width": width,
        "height": height,
        "perceptual_hash": perceptual_hash,
    }
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
