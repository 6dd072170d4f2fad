"""The hall's time to accept what it receives: a signal that waits longer is told, once for each wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.rows import class_row

from hub.cases.moving import CLOCK
from hub.db import SHARE
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork
from hub.signals.signal import NO_MATTER_FOR_A_CASE, SignalState, WaitingReason
from hub.signals.store import SQL

ACCEPT_WITHIN = timedelta(minutes=15)
VERIFY_WITHIN = timedelta(minutes=30)
"""For a signal that a person or a terminal is asked to verify."""
ACCEPT_LATE = "accept_late"
"""The kind of the entry that tells it."""


@dataclass(frozen=True, slots=True)
class LateSignal:
    """A signal that has waited too long; `since` is when its present wait began."""

    signal_id: int
    state: SignalState
    source: str
    item_key: str | None
    since: datetime


async def flag_late_acceptance(work: UnitOfWork) -> int:
    """Tell of a share of the signals that nobody has decided about in time; returns how many.

    What waits for its photo, and what is about a device alone, waits for nobody of the hall.
    """
    facts = {
        "accept_since": work.now - ACCEPT_WITHIN,
        "verify_since": work.now - VERIFY_WITHIN,
        "left_out": [*map(str, NO_MATTER_FOR_A_CASE), str(WaitingReason.PHOTO_AWAITED)],
        "limit": SHARE,
    }
    async with work.db.cursor(row_factory=class_row(LateSignal)) as cursor:
        await cursor.execute(SQL["accept_late"], facts)
        late = {each.signal_id: each for each in await cursor.fetchall()}

    async def tell(signal: LateSignal) -> None:
        await work.db.execute(SQL["set_accept_late"], (work.now, signal.signal_id))
        work.record(_entry(signal, work.now))

    return await work.each("signal_id", late, tell)


def _entry(signal: LateSignal, now: datetime) -> NewEntry:
    within = VERIFY_WITHIN if signal.state == SignalState.VERIFYING else ACCEPT_WITHIN
    return NewEntry(
        Subject.SIGNAL,
        str(signal.signal_id),
        ACCEPT_LATE,
        CLOCK.name,
        now,
        data={
            "limit_min": within.total_seconds() / 60,
            "since": signal.since.isoformat(),
            "source": signal.source,
            "item_key": signal.item_key,
        },
    )
