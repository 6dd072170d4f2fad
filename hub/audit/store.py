"""Write and read the audit."""

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import datetime

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from hub.audit.read import AuditedRead, ReadKind
from hub.audit.views import AuditedReadView
from hub.db import Connection, load_queries

SQL = load_queries(__file__)
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which reads to list, the newest first; `before` is the last one that was seen.

    `subject` is part of what was read, or of the page that asked.
    """

    username: str | None = None
    kinds: tuple[ReadKind, ...] = ()
    subject: str | None = None
    address: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 100


async def insert_read(db: Connection, read: AuditedRead) -> None:
    await db.execute(SQL["insert_read"], asdict(read) | {"asked": Jsonb(read.asked)})


async def list_reads(db: Connection, wanted: AuditFilter) -> list[AuditedReadView]:
    """The newest reads first."""
    facts = asdict(wanted) | {"kinds": [str(kind) for kind in wanted.kinds] or None}
    async with db.cursor(row_factory=class_row(AuditedReadView)) as cursor:
        await cursor.execute(SQL["reads"], facts)
        return await cursor.fetchall()


async def all_reads(db: Connection, wanted: AuditFilter) -> AsyncIterator[AuditedReadView]:
    """All reads that are wanted, the newest first, page by page."""
    before = wanted.before
    while True:
        facts = {name: getattr(wanted, name) for name in AuditFilter.__dataclass_fields__}
        page = await list_reads(db, AuditFilter(**facts | {"before": before, "limit": _AT_ONCE}))
        for read in page:
            yield read
        if len(page) < _AT_ONCE:
            return
        before = page[-1].read_id


async def forget_reads(db: Connection, before: datetime, limit: int) -> int:
    """Delete some of the reads before an instant; returns how many."""
    return (await db.execute(SQL["forget_reads"], (before, limit))).rowcount
