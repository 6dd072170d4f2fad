"""Photos for a rehearsal, from a folder; each becomes evidence when somebody takes it."""

import asyncio
import hashlib
from collections import deque
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import NamedTuple

from hub.db import Connection
from hub.errors import InvalidInput
from hub.evidence import EvidenceStore
from hub.evidence.examining import examine
from hub.evidence.photos import PhotoSource
from hub.evidence.store import record_photo
from hub.rehearsal.matter import PhotoKind

_REPAIRS, _STREETS = 0.32, 1.8
"""Pairs of photos of covers, and views of streets, that a matter needs on average, with some to spare."""


class PhotosNeeded(NamedTuple):
    """Pairs of photos of covers, and views of streets."""

    repairs: int
    streets: int


def photos_needed(matters: float) -> PhotosNeeded:
    """What a folder holds at least, so that no case is left without a photo of its repair."""
    return PhotosNeeded(ceil(matters * _REPAIRS), ceil(matters * _STREETS))


class PhotoPair(NamedTuple):
    """A place before and after its repair."""

    before: Path
    after: Path


@dataclass(frozen=True)
class PhotoFolder:
    """`cover-N-before.jpg` with `cover-N-after.jpg`, and `street-N.jpg`. Each photo is used once."""

    covers: deque[PhotoPair]
    streets: deque[Path]
    store: EvidenceStore

    def draw(self, kind: PhotoKind) -> PhotoPair | None:
        """Two photos for a matter; None if it has none, or if the folder is used up."""
        if kind is PhotoKind.COVER and self.covers:
            return self.covers.popleft()
        if kind is not PhotoKind.NONE and len(self.streets) > 1:
            return PhotoPair(self.streets.popleft(), self.streets.popleft())
        return None

    def another(self) -> Path | None:
        """One more view of a street."""
        return self.streets.popleft() if self.streets else None

    async def take(self, db: Connection, photo: Path, source: PhotoSource) -> str:
        """Store a photo as its sender's; returns its SHA-256."""
        data = await asyncio.to_thread(photo.read_bytes)
        sha256 = hashlib.sha256(data).hexdigest()
        seen = examine(data)
        self.store.put(sha256, data)
        await record_photo(
            db, sha256, len(data), seen.width, seen.height, source, seen.perceptual_hash
        )
        return sha256


def open_photo_folder(folder: Path, store: EvidenceStore, needed: PhotosNeeded) -> PhotoFolder:
    """Raises InvalidInput if there are no such photos, or too few."""
    befores = sorted(folder.glob("cover-*-before.jpg"))
    afters = [path.with_name(path.name.replace("-before", "-after")) for path in befores]
    missing = next((path for path in afters if not path.is_file()), None)
    if missing is not None:
        raise InvalidInput(
            f"{missing} is missing: a cover needs a photo before and after", file=str(missing)
        )
    streets = sorted(folder.glob("street-*.jpg"))
    if len(befores) < needed.repairs or len(streets) < needed.streets:
        raise InvalidInput(
            f"{folder} has {len(befores)} pairs such as cover-0001-before.jpg with cover-0001-after.jpg "
            f"and {len(streets)} photos such as street-0001.jpg; the days need {needed.repairs} and "
            f"{needed.streets}: `python -m firmware_sim photos --out {folder} --repairs "
            f"{needed.repairs} --streets {needed.streets}` draws them",
            file=str(folder),
        )
    pairs = deque(map(PhotoPair, befores, afters))
    return PhotoFolder(pairs, deque(streets), store)
