"""Reports whose photos have not come: they wait for them for a while, and then go on as reports without."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hub.catalogue import Condition
from hub.db import SHARE, Connection
from hub.journal.unit_of_work import UnitOfWork
from hub.signals.photo_check import ReportVerdict
from hub.signals.settling import lock_place_of, matter
from hub.signals.signal import Signal, WaitingReason
from hub.signals.store import SQL, signal_by_id
from hub.signals.taking_up import take_up

PHOTO_WAIT = timedelta(minutes=2)
NO_WAIT = timedelta()


async def photo_doubt(
    db: Connection,
    signal: Signal,
    condition: Condition | None,
    now: datetime,
    wait: timedelta,
) -> WaitingReason | None:
    """Why a signal cannot become a case yet that needs a photo, and names some that have not come.

    None if one of them is here.
    """
    if condition is None or not condition.evidence_required or not signal.evidence:
        return None
    if await is_any_here(db, signal.evidence):
        return None
    may_come = now - signal.received_at < wait
    return WaitingReason.PHOTO_AWAITED if may_come else WaitingReason.NO_EVIDENCE


async def is_any_here(db: Connection, photos: Sequence[str]) -> bool:
    """Whether one of these photos has arrived."""
    row = await (await db.execute(SQL["is_any_photo_here"], (list(photos),))).fetchone()
    return row is not None and bool(row[0])


async def settle_awaited(work: UnitOfWork, wait: timedelta = PHOTO_WAIT) -> int:
    """Go on with the reports whose photo has come, however late, or whose time to wait is over."""
    facts = {"due": work.now - wait, "limit": SHARE}
    cursor = await work.db.execute(SQL["awaited_photos"], facts)
    waiting = {row[0]: row[0] for row in await cursor.fetchall()}

    async def go_on(signal_id: int) -> None:
        await _go_on(work, signal_id, wait)

    return await work.each("signal_id", waiting, go_on)


async def _go_on(work: UnitOfWork, signal_id: int, wait: timedelta) -> None:
    await lock_place_of(work.db, signal_id)
    signal = await signal_by_id(work.db, signal_id)
    item, condition = await matter(work.db, signal.item_key, signal.cond_key)
    if not signal.waits or item is None or signal.lon is None:
        return
    doubt = await photo_doubt(work.db, signal, condition, work.now, wait)
    verdict = (signal_id, str(ReportVerdict.AGREES))
    row = await (await work.db.execute(SQL["has_verdict"], verdict)).fetchone()
    verified = row is not None and bool(row[0])
    await take_up(work, signal, item, condition, doubt=doubt, verified=verified)
