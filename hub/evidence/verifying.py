"""The whole evidence store compared with what the database knows."""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from hub.clock import Clock
from hub.db import Connection, Pool
from hub.evidence.photo_library import note_damage
from hub.evidence.store import SQL, EvidenceStore, PhotoDamaged

_PAGE = 500
_PATH = re.compile(r"(?:thumbnails/)?[0-9a-f]{2}/(?P<sha256>[0-9a-f]{64})(?:-\d+)?\.jpg")


@dataclass
class EvidenceReport:
    """The photos by their hash whose file is missing or changed, and files that belong to no photo."""

    checked: int = 0
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.missing and not self.changed


async def verify_evidence(
    pool: Pool, store: EvidenceStore, clock: Clock, progress: Callable[[int, int], None]
) -> EvidenceReport:
    """Read every photo and check its hash; what is found is kept with the photo, as is its recovery.

    `progress` gets how many photos are checked, and of how many. Raises Unavailable.
    """
    report = EvidenceReport()
    async with pool.connection() as db:
        row = await (await db.execute(SQL["count_photos"])).fetchone()
    total = row[0] if row else 0
    last = ""
    while photos := await _page(pool, last):
        for sha256 in photos:
            await _check(pool, store, clock, sha256, report)
            progress(report.checked, total)
        last = photos[-1]
    report.foreign = await _foreign(pool, store)
    return report


async def _page(pool: Pool, after: str) -> list[str]:
    async with pool.connection() as db:
        cursor = await db.execute(SQL["known_photos"], (after, _PAGE))
        return [row[0] for row in await cursor.fetchall()]


async def _check(
    pool: Pool, store: EvidenceStore, clock: Clock, sha256: str, report: EvidenceReport
) -> None:
    report.checked += 1
    try:
        await asyncio.to_thread(store.get, sha256)
    except PhotoDamaged as damage:
        (report.missing if damage.fault == "missing" else report.changed).append(sha256)
        await note_damage(pool, sha256, damage.fault, clock())
        return
    async with pool.connection() as db:
        await db.execute(SQL["note_repaired"], {"sha256": sha256})


async def _foreign(pool: Pool, store: EvidenceStore) -> list[str]:
    found = []
    paths = store.paths()
    while page := await asyncio.to_thread(_take, paths):
        async with pool.connection() as db:
            found += await _unknown(db, page)
    return sorted(found)


def _take(paths: Iterator[str]) -> list[str]:
    return list(islice(paths, _PAGE))


async def _unknown(db: Connection, paths: Sequence[str]) -> list[str]:
    """Those paths that belong to no photo, nor to one that is about to be deleted."""
    photos = {path: match["sha256"] for path in paths if (match := _PATH.fullmatch(path))}
    cursor = await db.execute(SQL["known_among"], {"photos": list(set(photos.values()))})
    known = {row[0] for row in await cursor.fetchall()}
    return [path for path in paths if photos.get(path) not in known]
