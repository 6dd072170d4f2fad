"""A table: its columns, its rows, and how its total row is made. Pure."""

from collections.abc import AsyncIterable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TypeAlias

Cell: TypeAlias = str | int | float | Decimal | date | datetime | None
Row: TypeAlias = Sequence[Cell]

NO_RATE = "—"
"""A rate without a denominator: neither 0 % nor an error."""


class ColumnKind(StrEnum):
    TEXT = "text"
    COUNT = "count"
    """A whole number."""
    NUMBER = "number"
    """Shown with two digits."""
    RATE = "rate"
    """A fraction of one, shown in per cent with two digits; None is a rate without a denominator."""
    DATE = "date"
    INSTANT = "instant"
    """An aware datetime, shown in local time to the minute."""


NUMERIC = frozenset({ColumnKind.COUNT, ColumnKind.NUMBER})


@dataclass(frozen=True, slots=True)
class Sum:
    """The total is the sum of the column."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """The total is the sum of one column over the sum of another; both are named by key."""

    numerator: str
    denominator: str


@dataclass(frozen=True, slots=True)
class Column:
    """`width` is in characters; without it, it follows from the title and the first rows."""

    key: str
    title: str
    kind: ColumnKind = ColumnKind.TEXT
    total: Sum | Ratio | None = None
    width: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` are read once and may come as they are found; each has a cell for each column.

    With a `total_title` the table ends with a total row, which has it in its first column. `title` names
    the sheet. Raises ValueError for columns that don't fit together.
    """

    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Row] | AsyncIterable[Row]
    total_title: str | None = None

    def __post_init__(self) -> None:
        keys = [column.key for column in self.columns]
        if not keys or len(set(keys)) != len(keys):
            raise ValueError(f"a table needs columns with different keys, not {keys}")
        for column in self.columns:
            self._check_total(column)
        if self.total_title is not None and self.columns[0].total is not None:
            raise ValueError("the first column has the title of the total row, and no total")

    def place_of(self, key: str) -> int:
        """The number of a column, from 0."""
        return [column.key for column in self.columns].index(key)

    def _check_total(self, column: Column) -> None:
        match column.total:
            case None:
                return
            case Sum():
                summed, wanted = [column.key], column.kind in NUMERIC
            case Ratio(numerator, denominator):
                summed, wanted = [numerator, denominator], column.kind is ColumnKind.RATE
        kinds = {each.key: each.kind for each in self.columns}
        if not wanted or any(kinds.get(key) not in NUMERIC for key in summed):
            raise ValueError(f"column {column.key} cannot have the total {column.total}")


class Totals:
    """The sums of a table's columns, as its rows go by."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._numeric = [n for n, each in enumerate(table.columns) if each.kind in NUMERIC]
        self._sums = {number: Decimal(0) for number in self._numeric}

    def add(self, row: Row) -> None:
        for number in self._numeric:
            value = row[number]
            if isinstance(value, int | float | Decimal):
                self._sums[number] += value if isinstance(value, Decimal) else Decimal(str(value))

    def row(self) -> Row:
        """The total row."""
        return [self._cell(number, each) for number, each in enumerate(self._table.columns)]

    def _cell(self, number: int, column: Column) -> Cell:
        match column.total:
            case Sum():
                return self._sums[number]
            case Ratio(numerator, denominator):
                below = self._sums[self._table.place_of(denominator)]
                above = self._sums[self._table.place_of(numerator)]
                return above / below if below else None
            case _:
                return self._table.total_title if number == 0 else None


def rounded(value: float | Decimal, digits: int) -> Decimal:
    """A number rounded half up, as people do it."""
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
