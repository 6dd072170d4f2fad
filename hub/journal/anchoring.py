"""Write anchors outside of the database: to a file, and to syslog."""

import asyncio
import fcntl
import os
import syslog
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg.rows import class_row

from hub.db import Connection
from hub.errors import Conflict, Unavailable
from hub.journal.anchor import Anchor, read_anchors
from hub.journal.chain import GENESIS
from hub.journal.store import SQL
from hub.journal.unit_of_work import UnitOfWork

log = structlog.get_logger()

AT_LEAST_EVERY = timedelta(hours=1)
"""Without new entries an anchor says that there were none."""
_TAIL_BYTES = 64 * 1024
_FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class JournalHead:
    """The newest entry's place in the chain over everything."""

    position: int
    journal_id: int
    chain: str


@dataclass(frozen=True)
class AnchorLog:
    """Where anchors are written, and the key that signs them."""

    key: Ed25519PrivateKey
    file: Path
    to_syslog: bool = False

    def newest(self) -> Anchor | None:
        """The newest anchor; None without a file. Raises Unavailable."""
        try:
            with self.file.open("rb") as file:
                return _newest(file)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unavailable(error) from error

    def append(self, head: JournalHead, now: datetime, restored: str | None) -> Anchor:
        """Sign and write an anchor, and wait until it is on the disk. Raises Unavailable."""
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
        try:
            with os.fdopen(os.open(self.file, flags, 0o600), "r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                anchor = _next(_newest(file), head, now, restored).signed(self.key)
                file.seek(0, os.SEEK_END)
                file.write(_line_break_if_cut_off(file) + anchor.line.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise self._unavailable(error) from error
        if self.to_syslog:
            syslog.openlog("patrolhub-journal", facility=syslog.LOG_AUTHPRIV)
            syslog.syslog(syslog.LOG_NOTICE, anchor.line)
        return anchor

    def _unavailable(self, error: OSError) -> Unavailable:
        return Unavailable(
            f"the anchors in {self.file} can't be read and written: {error.strerror}; create the "
            "folder, and let the worker's user write there"
        )


async def anchor_journal(work: UnitOfWork, anchors: AnchorLog) -> int:
    """Write an anchor if there are new entries or the newest one is old; returns how many were written.

    Raises Conflict if the journal is no more what was anchored before.
    """
    newest = await asyncio.to_thread(anchors.newest)
    head = await head_of(work.db)
    if newest is not None:
        await _must_hold(work.db, newest)
        if newest.position == head.position and work.now - newest.at < AT_LEAST_EVERY:
            return 0
    await asyncio.to_thread(anchors.append, head, work.now, None)
    return 1


async def anchor_restored(work: UnitOfWork, anchors: AnchorLog, reason: str) -> Anchor:
    """Anchor a journal that a restored backup made shorter; the file keeps what was there before."""
    return await asyncio.to_thread(
        anchors.append, await head_of(work.db), work.now, reason.strip() or "no reason given"
    )


async def head_of(db: Connection) -> JournalHead:
    """Where the chain over everything ends."""
    async with db.cursor(row_factory=class_row(JournalHead)) as cursor:
        await cursor.execute(SQL["head"])
        return await cursor.fetchone() or JournalHead(0, 0, GENESIS)


async def _must_hold(db: Connection, newest: Anchor) -> None:
    row = await (await db.execute(SQL["chain_at"], (newest.position,))).fetchone()
    chain = row[0] if row is not None else GENESIS if newest.position == 0 else None
    if chain == newest.chain:
        return
    log.error("journal_changed", position=newest.position, anchored_at=newest.at.isoformat())
    raise Conflict(
        f"the journal is not what was anchored at {newest.at.isoformat()}: run `python -m hub "
        "journal verify`; after a restore from a backup, run `python -m hub journal anchor "
        "--restored REASON`",
        position=newest.position,
    )


def _next(before: Anchor | None, head: JournalHead, now: datetime, restored: str | None) -> Anchor:
    return Anchor(
        number=1 if before is None else before.number + 1,
        at=now,
        position=head.position,
        journal_id=head.journal_id,
        chain=head.chain,
        previous=_FIRST if before is None else before.digest,
        restored=restored,
    )


def _newest(file: BinaryIO) -> Anchor | None:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL_BYTES))
    anchors = read_anchors(file.read().decode(errors="replace").splitlines())
    return anchors[-1] if anchors else None


def _line_break_if_cut_off(file: BinaryIO) -> bytes:
    if file.tell() == 0:
        return b""
    file.seek(-1, os.SEEK_END)
    return b"" if file.read(1) == b"\n" else b"\n"
