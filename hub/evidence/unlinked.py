"""Uploads that belong to nothing are deleted; a photo of a case or a signal never is."""

import asyncio
from datetime import timedelta

import structlog

from hub.evidence.store import SQL, EvidenceStore
from hub.evidence.thumbnails import KEPT_WIDTHS
from hub.journal.unit_of_work import UnitOfWork

log = structlog.get_logger()

KEEP_UNLINKED = timedelta(days=1)
SHARE = 200


async def delete_unlinked_photos(work: UnitOfWork) -> int:
    """Delete the rows of a share of what accounts uploaded a day ago and nothing names."""
    due = {"before": work.now - KEEP_UNLINKED, "share": SHARE}
    cursor = await work.db.execute(SQL["lock_unlinked"], due)
    photos = [row[0] for row in await cursor.fetchall()]
    if photos:
        facts = {"photos": photos, "now": work.now}
        cursor = await work.db.execute(SQL["delete_unlinked"], facts)
        log.info("unlinked_photos_deleted", photos=cursor.rowcount)
    return len(photos)


async def delete_bytes(work: UnitOfWork, evidence: EvidenceStore) -> int:
    """Delete the bytes of a share of the photos whose rows are gone. Raises Unavailable.

    An upload of the same photo waits for this transaction before it stores its bytes.
    """
    rows = await (await work.db.execute(SQL["bytes_to_delete"], (SHARE,))).fetchall()
    for (sha256,) in rows:
        await asyncio.to_thread(evidence.delete, sha256, KEPT_WIDTHS)
    return len(rows)
