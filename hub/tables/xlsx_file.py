"""A table as a workbook: real dates and numbers, text that stays text, and a total row of formulas."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import Cell as _SheetCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from hub.clock import TIMEZONE
from hub.errors import InvalidInput
from hub.tables.table import NO_RATE, Cell, Column, ColumnKind, Ratio, Row, Sum, Table, rounded

MOST_ROWS = 1_048_576
"""A sheet has no more, its header and total row included."""
_MEASURED_ROWS = 200
_NARROWEST, _WIDEST = 6.0, 60.0
_LONGEST_TEXT = 32_767
_SHADE = "FFE8EDF3"
_FORMATS = {
    ColumnKind.TEXT: "@",
    ColumnKind.COUNT: "0",
    ColumnKind.NUMBER: "0.00",
    ColumnKind.RATE: "0.00%",
    ColumnKind.DATE: "yyyy-mm-dd",
    ColumnKind.INSTANT: "yyyy-mm-dd hh:mm",
}
_LEAST_WIDTH = {ColumnKind.DATE: 11.0, ColumnKind.INSTANT: 16.0, ColumnKind.RATE: 9.0}
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class _Live:
    """A formula of our own; text of a row never becomes one."""

    formula: str


@dataclass(frozen=True, slots=True)
class _ColumnCells:
    """The cells of a column, formatted once and filled anew for each row: for text, and for the rest."""

    text: _SheetCell
    other: _SheetCell


class XlsxFile:
    """Writes a table's rows as they come; `finish` writes the total row and the workbook into the file."""

    def __init__(self, file: IO[bytes], table: Table) -> None:
        self._file = file
        self._table = table
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet(sheet_title(table.title))
        self._sheet.freeze_panes = "A2"
        self._first: list[Row] | None = []
        self._count = 0
        self._cells = [self._column_cells(column.kind) for column in table.columns]

    def add(self, rows: Sequence[Row]) -> None:
        """Raises InvalidInput if a sheet cannot hold so many rows."""
        for row in rows:
            if self._first is None:
                self._append(row)
                continue
            self._first.append(row)
            if len(self._first) == _MEASURED_ROWS:
                self._begin()

    def finish(self) -> None:
        self._begin()
        last = get_column_letter(len(self._table.columns))
        self._sheet.auto_filter.ref = f"A1:{last}{self._count + 1}"
        if self._table.total_title is not None:
            columns = enumerate(self._table.columns)
            self._sheet.append([self._total(number, column) for number, column in columns])
        self._book.save(self._file)

    def give_up(self) -> None:
        """Leave nothing behind of a table that could not be written."""
        if not self._sheet.closed:
            self._sheet.close()
            self._sheet._writer.cleanup()  # noqa: SLF001

    def _begin(self) -> None:
        """Once the first rows are known, the widths are; these stand at the top of the sheet's file."""
        if self._first is None:
            return
        first, self._first = self._first, None
        for number, column in enumerate(self._table.columns):
            letter = get_column_letter(number + 1)
            cells = [row[number] for row in first]
            self._sheet.column_dimensions[letter].width = width_of(column, cells)
        titles = [each.title for each in self._table.columns]
        self._sheet.append([self._strong(title, ColumnKind.TEXT) for title in titles])
        for row in first:
            self._append(row)

    def _append(self, row: Row) -> None:
        self._count += 1
        if self._count + 2 > MOST_ROWS:
            raise InvalidInput(
                f"a sheet has no more than {MOST_ROWS} rows: take CSV, or filter for fewer",
                field="format",
            )
        columns = zip(row, self._table.columns, self._cells, strict=True)
        self._sheet.append([_filled(cells, value, column.kind) for value, column, cells in columns])

    def _column_cells(self, kind: ColumnKind) -> _ColumnCells:
        text, other = WriteOnlyCell(self._sheet), WriteOnlyCell(self._sheet)
        text.number_format, other.number_format = _FORMATS[ColumnKind.TEXT], _FORMATS[kind]
        if kind is ColumnKind.RATE:
            text.alignment = Alignment(horizontal="right")
        return _ColumnCells(text, other)

    def _strong(self, value: Cell | _Live, kind: ColumnKind) -> _SheetCell | None:
        """A cell of the titles or of the total row."""
        cells = self._column_cells(kind)
        for cell in (cells.text, cells.other):
            cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor=_SHADE)
        if isinstance(value, _Live):
            cells.other.value = value.formula
            return cells.other
        return _filled(cells, value, kind)

    def _total(self, number: int, column: Column) -> _SheetCell | None:
        match column.total:
            case Sum():
                live = _Live(f"={self._sum(number)}") if self._count else 0
                return self._strong(live, column.kind)
            case Ratio(above, below):
                ratio = self._ratio(self._table.place_of(above), self._table.place_of(below))
                return self._strong(ratio, column.kind)
            case _:
                title = self._table.total_title if number == 0 else None
                return self._strong(title, ColumnKind.TEXT)

    def _ratio(self, above: int, below: int) -> _Live | None:
        if not self._count:
            return None
        divided = f"ROUND({self._sum(above)}/{self._sum(below)},4)"
        return _Live(f'=IF({self._sum(below)}=0,"{NO_RATE}",{divided})')

    def _sum(self, number: int) -> str:
        letter = get_column_letter(number + 1)
        return f"SUM({letter}2:{letter}{self._count + 1})"


def _filled(cells: _ColumnCells, value: Cell, kind: ColumnKind) -> _SheetCell | None:
    """The cell of a column with a value; text is text, also if it looks like a formula."""
    if value is None and kind is ColumnKind.RATE:
        value = NO_RATE
    if value is None:
        return None
    cell = cells.text if isinstance(value, str) else cells.other
    cell.value = _stored(value, kind)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def sheet_title(title: str) -> str:
    """A name that a sheet may have: 31 characters, none of those that formulas need."""
    return _NOT_IN_TITLES.sub(" ", _NOT_IN_XML.sub("", title)).strip(" '")[:31] or "1"


def width_of(column: Column, cells: Sequence[Cell]) -> float:
    """The width of a column in characters; Chinese ones count twice."""
    if column.width is not None:
        return column.width
    texts = [cell for cell in cells if isinstance(cell, str)]
    longest = max((_shown_width(text) for text in _lines([column.title, *texts])), default=0)
    least = _LEAST_WIDTH.get(column.kind, _NARROWEST)
    return min(_WIDEST, max(least, longest + 2.0))


def _lines(texts: Sequence[str]) -> Iterator[str]:
    return (line for text in texts for line in text.splitlines())


def _shown_width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _stored(value: Cell, kind: ColumnKind) -> Cell:
    match value:
        case str():
            return _NOT_IN_XML.sub("\ufffd", value)[:_LONGEST_TEXT]
        case datetime():
            local = value.astimezone(TIMEZONE).replace(tzinfo=None)
            return local.date() if kind is ColumnKind.DATE else local.replace(microsecond=0)
        case date() | None:
            return value
        case int() | float() | Decimal():
            return rounded(value, 4) if kind is ColumnKind.RATE else value
