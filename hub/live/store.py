"""The live feed's own queries; those of the journal are in hub/journal."""

from collections.abc import Sequence
from datetime import datetime

from psycopg.rows import class_row

from hub.db import Connection, load_queries
from hub.journal import Entry
from hub.live.client import Belonging, CaseUnits
from hub.live.events import LivePosition

SQL = load_queries(__file__)


async def belongings_of(db: Connection, entries: Sequence[Entry]) -> dict[int, Belonging]:
    """What each entry is about, by journal id; entries about no case, device or signal are left out."""
    cursor = await db.execute(SQL["belongings_of_entries"], ([e.journal_id for e in entries],))
    return {row[0]: _belonging(*row[1:]) for row in await cursor.fetchall()}


async def positions_since(db: Connection, received_after: datetime) -> list[LivePosition]:
    """The positions received after an instant."""
    async with db.cursor(row_factory=class_row(LivePosition)) as cursor:
        await cursor.execute(SQL["positions_since"], (received_after,))
        return await cursor.fetchall()


def _belonging(
    is_of_case: bool,
    lead_unit: str | None,
    assist_units: list[str] | None,
    territory_unit: str | None,
    place_unit: str | None,
    state: str | None,
    invited_units: list[str] | None,
    units: list[str],
    places: list[str],
) -> Belonging:
    case = None
    if is_of_case:
        case = CaseUnits(
            lead_unit,
            frozenset(assist_units or ()),
            territory_unit,
            place_unit,
            state,
            frozenset(invited_units or ()),
        )
    return Belonging(case, frozenset(units), frozenset(places))
