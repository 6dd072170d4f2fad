"""Read the figures of a period, and the cases behind each number."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from psycopg.rows import class_row

from hub.accounts.scope import WHOLE_DISTRICT, Scope
from hub.db import Connection, load_queries
from hub.indicators.definitions import (
    KEPT_MARKS,
    OF_FIRST_UNIT,
    Count,
    Mark,
    SatisfactionBase,
    counts_in,
)
from hub.indicators.figures import Figures, MarkedGroup, figures_of
from hub.indicators.periods import Period

SQL = load_queries(__file__)

WITHOUT = "-"
"""As a filter: those that have none."""


class Grouping(StrEnum):
    """By what figures are set apart."""

    UNIT = "unit"
    TOWNSHIP = "township"
    ITEM = "item"
    SOURCE = "source"
    SEVERITY = "severity"
    REPORTER = "reporter"
    """The device that reported first."""
    RECEIVER = "receiver"
    """The person who filed."""
    DISPATCHER = "dispatcher"
    """The person who routed."""
    SHIFT_LEAD = "shift_lead"
    """The person who accepted the repair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSet:
    """The cases that are counted: any combination; None asks for no particular one.

    `territory` is a territory with all below it. `scope` is that of the account that asks.
    """

    unit: str | None = None
    territory: str | None = None
    item: str | None = None
    source: str | None = None
    severity: str | None = None
    scope: Scope = WHOLE_DISTRICT

    def sees_unit(self, unit: str) -> bool:
        """Whether what concerns a unit as such, besides its cases, is part of the set."""
        units = self.scope.units
        return (units is None or unit in units) and self.unit in (None, unit)


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit of the registry."""

    unit_key: str
    kind: str
    level: str | None
    parent: str | None
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class UnitTree:
    """All units, to find who lies below whom."""

    units: Mapping[str, UnitFacts]

    @property
    def local(self) -> list[str]:
        """Townships and what is below them."""
        return [key for key, unit in self.units.items() if unit.level in ("township", "village")]

    def below(self, top: str) -> list[str]:
        """A unit with all below it."""
        return [key for key in self.units if top in self._line(key)] or [top]

    def township_of(self, key: str | None) -> str | None:
        """The township of a territory; None for what lies in none."""
        levels = ((each, self.units[each].level) for each in self._line(key))
        return next((each for each, level in levels if level == "township"), None)

    def _line(self, key: str | None) -> list[str]:
        """A unit and all above it."""
        line: list[str] = []
        while key is not None and key in self.units and key not in line:
            line.append(key)
            key = self.units[key].parent
        return line


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


async def unit_tree(db: Connection) -> UnitTree:
    async with db.cursor(row_factory=class_row(UnitFacts)) as cursor:
        await cursor.execute(SQL["units"])
        return UnitTree({unit.unit_key: unit async for unit in cursor})


async def figures(
    db: Connection,
    period: Period,
    of: CaseSet,
    now: datetime,
    satisfaction: SatisfactionBase,
    tree: UnitTree,
) -> Figures:
    """The figures of a set of cases in a period."""
    found = figures_of(await _groups(db, period, of, None, now, tree), satisfaction)
    return found.get(None, Figures(satisfaction=satisfaction))


async def figures_by(
    db: Connection,
    by: Grouping,
    period: Period,
    of: CaseSet,
    now: datetime,
    satisfaction: SatisfactionBase,
    tree: UnitTree,
) -> dict[str | None, Figures]:
    """The figures of a set of cases in a period, set apart; None has those that have no such thing."""
    return figures_of(await _groups(db, period, of, by, now, tree), satisfaction)


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
    marks: list[int] | None = None
    if count is not None:
        groups = await _groups(db, period, of, None, now, tree)
        marks = sorted({group.marks for group in groups if counts_in(count, group.marks)})
    return await _rows(db, count, marks, period, of, now, tree, limit, offset)


async def number_and_rows(
    db: Connection,
    count: Count,
    period: Period,
    of: CaseSet,
    now: datetime,
    tree: UnitTree,
    *,
    limit: int,
    offset: int = 0,
) -> tuple[int, list[CountedRow]]:
    """A number, and the rows behind it, the newest first."""
    groups = await _groups(db, period, of, None, now, tree)
    number = figures_of(groups).get(None, Figures())[count]
    marks = sorted({group.marks for group in groups if counts_in(count, group.marks)})
    return number, await _rows(db, count, marks, period, of, now, tree, limit, offset)


async def _rows(
    db: Connection,
    count: Count | None,
    marks: list[int] | None,
    period: Period,
    of: CaseSet,
    now: datetime,
    tree: UnitTree,
    limit: int,
    offset: int,
) -> list[CountedRow]:
    kept = None if marks is None else sorted({mark & KEPT_MARKS for mark in marks})
    facts = _facts(period, of, now, tree) | {
        "kept": kept,
        "of_first": count in OF_FIRST_UNIT,
        "with_signals": marks is None or any(mark & Mark.RECEIVED_IN for mark in marks),
        "marks": marks,
        "limit": limit,
        "offset": offset,
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


async def _groups(
    db: Connection,
    period: Period,
    of: CaseSet,
    by: Grouping | None,
    now: datetime,
    tree: UnitTree,
) -> Sequence[MarkedGroup]:
    facts = _facts(period, of, now, tree) | {"by": None if by is None else str(by)}
    found: list[MarkedGroup] = []
    for query in ("groups", "signal_groups"):
        cursor = await db.execute(SQL[query], facts, prepare=False)
        found += map(MarkedGroup._make, await cursor.fetchall())
    if by is not Grouping.TOWNSHIP:
        return found
    return [_of_township(group, tree) for group in found]


def _of_township(group: MarkedGroup, tree: UnitTree) -> MarkedGroup:
    town = tree.township_of(group.key)
    return MarkedGroup(town, town, group.marks, group.number, group.leads, group.was_first)


def _facts(period: Period, of: CaseSet, now: datetime, tree: UnitTree) -> dict[str, Any]:
    return {
        "from": period.from_at,
        "until": period.until_at,
        "as_of": period.end_as_of(now),
        "local": tree.local,
        "of_unit": of.unit is not None,
        "unit": None if of.unit == WITHOUT else of.unit,
        "territories": _territories(of.territory, tree),
        "item": of.item,
        "source": "" if of.source == WITHOUT else of.source,
        "severity": of.severity,
        **of.scope.facts,
    }


def _territories(territory: str | None, tree: UnitTree) -> list[str] | None:
    if territory is None:
        return None
    if territory == WITHOUT:
        return ["", *(key for key in tree.units if tree.township_of(key) is None)]
    return tree.below(territory)
