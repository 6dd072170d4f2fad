"""The live feed's own queries; those of the journal are in hub/journal."""

from collections.abc import Sequence
from datetime import datetime

from psycopg.rows import class_row

from hub.db import Connection, load_queries
from hub.journal import Entry
from hub.live.client import CaseUnits
from hub.live.events import LivePosition

SQL = load_queries(__file__)


async def case_units_of(db: Connection, entries: Sequence[Entry]) -> dict[int, CaseUnits]:
    """The units of the case of each entry, by journal id; entries without a case are left out."""
    cursor = await db.execute(SQL["units_of_entries"], ([e.journal_id for e in entries],))
    return {
        row[0]: CaseUnits(row[1], frozenset(row[2]), row[3], row[4], row[5], frozenset(row[6]))
        for row in await cursor.fetchall()
    }


async def positions_since(db: Connection, received_after: datetime) -> list[LivePosition]:
    """The positions received after an instant."""
    async with db.cursor(row_factory=class_row(LivePosition)) as cursor:
        await cursor.execute(SQL["positions_since"], (received_after,))
        return await cursor.fetchall()
