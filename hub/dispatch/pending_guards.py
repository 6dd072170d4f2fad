"""Guards that are wanted and could not be sent yet; the timers try again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from hub.db import Connection, record_row
from hub.dispatch.store import SQL
from hub.journal.unit_of_work import UnitOfWork

RETRY = timedelta(seconds=30)
ASK_AGAIN_AFTER_TRIES = 4
"""After this many failed tries, terminals that did not answer are asked again."""


@dataclass(frozen=True, slots=True)
class PendingGuard:
    """A guard that a case waits for, and how often it was looked for in vain."""

    case_id: int
    wanted_at: datetime
    try_at: datetime
    tries: int
    supersedes: UUID | None


async def pending_guard(db: Connection, case_id: int) -> PendingGuard | None:
    """The guard that a case waits for, locked; None if it waits for none."""
    async with db.cursor(row_factory=record_row(PendingGuard)) as cursor:
        await cursor.execute(SQL["pending_guard"], (case_id,))
        return await cursor.fetchone()


async def keep_pending_guard(
    work: UnitOfWork, case_id: int, supersedes: UUID | None = None
) -> None:
    """Remember that a guard is wanted, and when to try again."""
    await work.db.execute(
        SQL["put_pending_guard"],
        {
            "case_id": case_id,
            "now": work.now,
            "try_at": work.now + RETRY,
            "supersedes": supersedes,
        },
    )


async def forget_pending_guard(db: Connection, case_id: int) -> None:
    """The case waits for no guard any more."""
    await db.execute(SQL["forget_pending_guard"], (case_id,))
