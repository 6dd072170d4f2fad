"""The base map, ready to send: megabytes that rarely change, so each process compresses it once."""

import asyncio
import gzip
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.db import Pool
from hub.district.store import base_map

CACHED_FOR = timedelta(minutes=5)
"""After this, a new import of the district is noticed."""


@dataclass(frozen=True, slots=True)
class PackedMap:
    """GeoJSON, plain and as gzip; the ETag changes with the content."""

    plain: bytes
    packed: bytes
    etag: str
    read_at: datetime


class BaseMap:
    """Reads and compresses the base map on the first request, and again when it is out of date."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._map: PackedMap | None = None
        self._one_reader = asyncio.Lock()

    async def get(self, now: datetime) -> PackedMap:
        async with self._one_reader:
            if self._map is None or now - self._map.read_at >= CACHED_FOR:
                async with self._pool.connection() as db:
                    plain = await base_map(db)
                self._map = await asyncio.to_thread(_pack, plain, now)
            return self._map


def _pack(plain: bytes, now: datetime) -> PackedMap:
    etag = f'"{hashlib.sha256(plain).hexdigest()[:32]}"'
    return PackedMap(plain, gzip.compress(plain, compresslevel=6, mtime=0), etag, now)
