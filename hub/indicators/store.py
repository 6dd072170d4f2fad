"""Read the cases behind a number, and names."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from hub.db import Connection, load_queries
from hub.indicators.case_sets import CaseSet, UnitTree
from hub.indicators.definitions import (
    EVERY_EVENT,
    KEPT_MARKS,
    OF_FIRST_UNIT,
    Count,
    Mark,
    MarkCondition,
    conditions_of,
)
from hub.indicators.periods import Period

SQL = load_queries(__file__)


@dataclass(frozen=True, slots=True)
class CountedRow:
    """A round of a case, or a signal, behind a number."""

    case_id: int | None
    round: int
    signal_id: int | None
    case_no: str | None
    item_key: str
    severity: str
    source: str
    state: str | None
    lead_unit: str | None
    first_unit: str | None
    territory_unit: str | None
    filed_at: datetime
    dispatched_at: datetime | None
    due_at: datetime | None
    handled_at: datetime | None
    closed_at: datetime | None
    exempt_at: datetime | None
    called_back_at: datetime | None
    marks: int

    @property
    def is_late(self) -> bool:
        """Whether a deadline was missed, also if no entry has told it yet."""
        marks = Mark(self.marks)
        passed = Mark.PAST_DUE in marks and Mark.HANDLED_BY not in marks
        return Mark.LATE in marks or passed


async def counted_rows(
    db: Connection,
    count: Count | None,
    period: Period,
    of: CaseSet,
    now: datetime,
    tree: UnitTree,
    *,
    limit: int,
    offset: int = 0,
) -> list[CountedRow]:
    """The rows behind a number, or all that have to do with the period; the newest first."""
    facts = {
        "from": period.from_at,
        "until": period.until_at,
        "as_of": period.end_as_of(now),
        "of_first": count in OF_FIRST_UNIT,
        "limit": limit,
        "offset": offset,
        **_wanted(count),
        **of.facts(tree),
    }
    async with db.cursor(row_factory=class_row(CountedRow)) as cursor:
        await cursor.execute(SQL["counted_rows"], facts, prepare=False)
        return await cursor.fetchall()


async def titles(db: Connection, item_keys: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The newest titles of items, in Chinese and English."""
    cursor = await db.execute(SQL["titles"], (list(item_keys),))
    return {row[0]: (row[1] or row[0], row[2] or row[0]) for row in await cursor.fetchall()}


async def people(db: Connection) -> dict[str, str]:
    """The names of the accounts."""
    cursor = await db.execute(SQL["people"])
    return {row[0]: row[1] for row in await cursor.fetchall()}


async def entries_behind(db: Connection) -> int:
    """How many entries of the journal are not measured yet; no more than 10,000 are counted."""
    row = await (await db.execute(SQL["stands_at"])).fetchone()
    return 0 if row is None else int(row[1])


def _wanted(count: Count | None) -> dict[str, int]:
    """The events that count, the kept marks that rows must have or not, in one of two ways, and how they
    must lie to the period or not.
    """
    [one, *others] = [MarkCondition(Mark(0))] if count is None else conditions_of(count)
    other = others[0] if others else one
    events = EVERY_EVENT if count is None else EVERY_EVENT & (one.wanted | other.wanted)
    # A mark of a signal that is wanted keeps out all rounds, and the other way round.
    kept = Mark(KEPT_MARKS) | Mark.RECEIVED_IN
    lying = Mark.HANDLED_BY | Mark.CLOSED_BY | Mark.PAST_DUE | Mark.LOCAL
    marks = {
        "events": events,
        "wanted": one.wanted & kept,
        "unwanted": one.unwanted & kept,
        "or_wanted": other.wanted & kept,
        "or_unwanted": other.unwanted & kept,
        "lies": one.wanted & lying,
        "lies_not": one.unwanted & lying,
    }
    return {name: int(value) for name, value in marks.items()}
