"""Append to the journal and read it."""

import json
from collections.abc import Sequence
from dataclasses import replace

from psycopg.rows import class_row

from hub.db import Connection, load_queries
from hub.journal.chain import GENESIS, entry_hash
from hub.journal.cursor import MARK_LENGTH, Cursor
from hub.journal.entry import Entry, NewEntry, Subject

SQL = load_queries(__file__)


async def append_all(db: Connection, entries: Sequence[NewEntry]) -> None:
    """Append entries in the caller's transaction, each to its subject's chain.

    Appending serialises writers until they commit, so lock your own rows first and append last: see
    `hub.journal.unit_of_work`.
    """
    if not entries:
        return
    await db.execute(SQL["one_writer"])
    subjects = sorted({(str(entry.subject), entry.subject_id) for entry in entries})
    cursor = await db.execute(
        SQL["last_hashes"], [list(column) for column in zip(*subjects, strict=True)]
    )
    last = {(row[0], row[1]): str(row[2]) for row in await cursor.fetchall()}
    rows = []
    for given in entries:
        entry = replace(given, data=json.loads(json.dumps(given.data)))
        subject = (str(entry.subject), entry.subject_id)
        prev_hash = last.get(subject, GENESIS)
        last[subject] = entry_hash(prev_hash, entry)
        made = {"data": json.dumps(entry.data), "prev_hash": prev_hash, "hash": last[subject]}
        rows.append(_columns(entry) | made)
    await db.execute(SQL["append_all"], {name: [row[name] for row in rows] for name in rows[0]})


def _columns(entry: NewEntry) -> dict[str, object]:
    return {
        "at": entry.at,
        "subject": str(entry.subject),
        "subject_id": entry.subject_id,
        "kind": entry.kind,
        "actor": entry.actor,
        "event": entry.event,
        "from_state": entry.from_state,
        "to_state": entry.to_state,
        "reason": entry.reason,
        "data": entry.data,
    }


async def entries_of(db: Connection, subject: Subject, subject_id: str) -> list[Entry]:
    """All entries of one subject, oldest first."""
    async with db.cursor(row_factory=class_row(Entry)) as cursor:
        await cursor.execute(SQL["entries_of"], (str(subject), subject_id))
        return await cursor.fetchall()


async def entries_after(db: Connection, journal_id: int, limit: int = 500) -> list[Entry]:
    """Entries after a cursor, oldest first, at most `limit`."""
    async with db.cursor(row_factory=class_row(Entry)) as cursor:
        await cursor.execute(SQL["entries_after"], (journal_id, limit))
        return await cursor.fetchall()


async def newest_cursor(db: Connection) -> Cursor:
    """The cursor of a reader that wants only new entries."""
    row = await (await db.execute(SQL["newest"])).fetchone()
    return Cursor(0) if row is None else Cursor(row[0], row[1][:MARK_LENGTH])


async def is_known(db: Connection, cursor: Cursor) -> bool:
    """Whether this journal is the one that the cursor was given for, and has come as far."""
    facts = {"journal_id": cursor.journal_id, "mark": cursor.mark}
    row = await (await db.execute(SQL["is_known"], facts)).fetchone()
    return row is not None and bool(row[0])
