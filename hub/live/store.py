"""The queries of the live line besides the journal."""

from collections.abc import Sequence
from datetime import datetime

from psycopg.rows import class_row

from hub.db import Connection, load_queries
from hub.journal import Entry
from hub.live.events import LivePosition
from hub.live.live_line import CaseUnits

SQL = load_queries(__file__)


async def case_units_of(db: Connection, entries: Sequence[Entry]) -> dict[int, CaseUnits]:
    """By journal id, the units of the case that an entry is about; not of entries without a case."""
    cursor = await db.execute(SQL["units_of_entries"], ([e.journal_id for e in entries],))
    return {row[0]: CaseUnits(row[1], frozenset(row[2])) for row in await cursor.fetchall()}


async def positions_since(db: Connection, received_after: datetime) -> list[LivePosition]:
    """Positions that came in after an instant."""
    async with db.cursor(row_factory=class_row(LivePosition)) as cursor:
        await cursor.execute(SQL["positions_since"], (received_after,))
        return await cursor.fetchall()
