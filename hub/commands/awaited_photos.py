"""A snapshot has succeeded once its photo is here, whatever its terminal says."""

from collections.abc import Sequence
from uuid import UUID

from hub.commands.command import CommandState, MovedBy
from hub.commands.moving import move
from hub.commands.store import SQL, CommandRow, select_locked
from hub.db import SHARE, Connection
from hub.journal.unit_of_work import UnitOfWork
from wire.messages import Ack, AckState, CommandType

AWAITED = "photo_awaited"


async def lacking_photos(db: Connection, acks: Sequence[tuple[CommandRow, Ack]]) -> set[UUID]:
    """The snapshots of terminals that are said to have succeeded, and none of whose photos is here.

    Cameras send theirs as frames, and name none.
    """
    claimed = {
        row.command_id: [] if ack.result is None else list(ack.result.evidence)
        for row, ack in acks
        if row.type is CommandType.SNAPSHOT and ack.state is AckState.SUCCEEDED
    }
    if not claimed:
        return set()
    photos = sorted({photo for named in claimed.values() for photo in named})
    cursor = await db.execute(SQL["arrived_photos"], (photos,))
    here = {row[0] for row in await cursor.fetchall()}
    cursor = await db.execute(SQL["terminals_snapshots"], (list(claimed),))
    of_terminals = {row[0] for row in await cursor.fetchall()}
    return {each for each in of_terminals if here.isdisjoint(claimed[each])}


async def end_snapshots(work: UnitOfWork) -> int:
    """Let the snapshots succeed whose photo has come since; returns how many there were."""
    rows = await select_locked(work.db, "snapshots_with_photo", (SHARE,))
    for row in rows:
        await move(work, row, CommandState.SUCCEEDED, by=MovedBy.HUB, reason="photo_came")
    return len(rows)
