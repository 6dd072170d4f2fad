"""A table as CSV that spreadsheet programs open: UTF-8 with a byte order mark, and no live cells."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO

from hub.clock import TIMEZONE
from hub.tables.table import NO_RATE, Cell, ColumnKind, Row, Table, Totals, rounded

_STARTS_A_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_STRIPPED_BEFORE = " \t\r\n\v\f\u00a0\u3000\ufeff"


class CsvFile:
    """Writes a table's rows into a file as they come; `finish` writes the total row."""

    def __init__(self, file: IO[bytes], table: Table) -> None:
        self._file = file
        self._table = table
        self._totals = Totals(table)
        self._file.write(b"\xef\xbb\xbf")
        self._write([[harmless(column.title) for column in table.columns]])

    def add(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self._totals.add(row)
        self._write([self._texts(row) for row in rows])

    def finish(self) -> None:
        if self._table.total_title is not None:
            self._write([self._texts(self._totals.row(), is_total=True)])

    def give_up(self) -> None:
        """Nothing is kept but the file, which the caller has."""

    def _texts(self, row: Row, *, is_total: bool = False) -> list[str]:
        columns = self._table.columns
        return [
            "" if is_total and number and columns[number].total is None else text_of(cell, kind)
            for number, (cell, kind) in enumerate(
                zip(row, (column.kind for column in columns), strict=True)
            )
        ]

    def _write(self, rows: list[list[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerows(rows)
        self._file.write(text.getvalue().encode("utf-8", "replace"))


def text_of(cell: Cell, kind: ColumnKind) -> str:
    """A cell as text: in local time, rounded half up, and never a formula."""
    match cell:
        case None:
            return NO_RATE if kind is ColumnKind.RATE else ""
        case str():
            return harmless(cell)
        case datetime():
            local = cell.astimezone(TIMEZONE)
            return f"{local:%Y-%m-%d}" if kind is ColumnKind.DATE else f"{local:%Y-%m-%d %H:%M}"
        case date():
            return cell.isoformat()
        case _:
            return _number(cell, kind)


def harmless(text: str) -> str:
    """Text that no spreadsheet program takes for a formula: a ' goes before what could start one."""
    clean = text.replace("\x00", "")
    return f"'{clean}" if clean.lstrip(_STRIPPED_BEFORE).startswith(_STARTS_A_FORMULA) else clean


def _number(value: float | Decimal, kind: ColumnKind) -> str:
    if kind is ColumnKind.RATE:
        return f"{rounded(Decimal(str(value)) * 100, 2)}%"
    return str(rounded(value, 0 if kind is ColumnKind.COUNT else 2))
