"""Reading photos: checked against their hash, smaller where asked, and damage is kept in mind."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime

from hub.clock import Clock
from hub.db import Pool
from hub.evidence.decoder import PhotoDecoder
from hub.evidence.store import SQL, EvidenceStore, PhotoDamaged
from hub.evidence.thumbnails import scaled_down


@dataclass(frozen=True)
class PhotoLibrary:
    """The evidence store with what is kept about it; it holds no connection while it reads or decodes."""

    pool: Pool
    store: EvidenceStore
    decoder: PhotoDecoder
    clock: Clock

    async def read(self, account: str, sha256: str, width: int | None = None) -> bytes:
        """A photo that the database knows, or its version of one of the KEPT_WIDTHS, made once.

        Raises PhotoMissing, PhotoChanged, Unavailable, and as `PhotoDecoder.run`.
        """
        try:
            if width is None:
                return await asyncio.to_thread(self.store.get, sha256)
            return await self._thumbnail(account, sha256, width)
        except PhotoDamaged as damage:
            await note_damage(self.pool, sha256, damage.fault, self.clock())
            raise

    async def _thumbnail(self, account: str, sha256: str, width: int) -> bytes:
        key = {"sha256": sha256, "width": width}
        async with self.pool.connection() as db:
            row = await (await db.execute(SQL["thumbnail"], key)).fetchone()
        if row is not None:
            kept = await asyncio.to_thread(self.store.thumbnail, sha256, width)
            if kept is not None and hashlib.sha256(kept).hexdigest() == row[0]:
                return kept
        whole = await asyncio.to_thread(self.store.get, sha256)
        small = await self.decoder.run(account, scaled_down, whole, width)
        if small is whole:
            return whole
        await asyncio.to_thread(self.store.put_thumbnail, sha256, width, small)
        made = key | {"thumbnail_sha256": hashlib.sha256(small).hexdigest()}
        async with self.pool.connection() as db:
            await db.execute(SQL["record_thumbnail"], made)
        return small


async def note_damage(pool: Pool, sha256: str, fault: str, now: datetime) -> None:
    """Keep since when a photo's file is missing or changed; an earlier note stays."""
    async with pool.connection() as db:
        await db.execute(SQL["note_damage"], {"sha256": sha256, "damage": fault, "at": now})
