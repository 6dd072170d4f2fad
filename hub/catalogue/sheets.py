"""Spreadsheet files as texts: CSV in UTF-8, UTF-16 or GB 18030, and XLSX with its merged cells."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import PurePath
from zipfile import BadZipFile, ZipFile

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from hub.errors import InvalidInput

MAX_BYTES = 20 * 1024 * 1024
_MAX_UNPACKED = 200 * 1024 * 1024
_MAX_CELLS = 2_000_000
_DELIMITERS = (",", "\t", ";")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
NO_VALUE = "\x00formula"
"""The text of a formula whose value the file doesn't have."""
ERRORS = frozenset({"#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#N/A"})
"""What spreadsheet programs write into a cell whose formula fails."""
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class TextSheet:
    """The texts of a sheet, row by row; all rows are of equal length, and an empty cell is ''.

    A merged cell's text stands in all cells that it covers; `continued` has those but the first, as
    (row, column) from 0. Without `knows_merged` the cells below a merged one are empty.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    continued: frozenset[tuple[int, int]] = frozenset()
    knows_merged: bool = True


def address(row: int, column: int) -> str:
    """The name of a cell as spreadsheet programs show it, such as C5; both count from 0."""
    letters, left = "", column + 1
    while left:
        left, digit = divmod(left - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return f"{letters}{row + 1}"


def plain(text: str) -> str:
    """A text for comparison: full-width signs made narrow, without any blanks, in small letters."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def read_day(text: str) -> date | None:
    """A day as lists write it: 2026-10-01, 2026/10/1, 2026.10.1, 2026年10月1日 or 20261001."""
    clean = plain(text).replace("/", "-").replace(".", "-")
    clean = clean.replace("年", "-").replace("月", "-").removesuffix("日")
    parts = clean.split("-")
    if len(parts) == 1:
        parts = [clean[:4], clean[4:6], clean[6:]]
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day) if year > 1900 else None
    except ValueError:
        return None


def read_sheets(data: bytes, name: str) -> tuple[TextSheet, ...]:
    """The sheets of a file, by the ending of its name. Raises InvalidInput if it can't be read."""
    if len(data) > MAX_BYTES:
        raise InvalidInput(f"{name} has more than {MAX_BYTES >> 20} MB", file=name)
    match PurePath(name).suffix.lower():
        case ".xlsx" | ".xlsm":
            return tuple(_xlsx(data, name))
        case ".csv" | ".tsv" | ".txt":
            return (_csv(data, name),)
        case ".xls" | ".et" | ".ods" as old:
            raise InvalidInput(f"{name}: save {old} as .xlsx or .csv, then import that", file=name)
    raise InvalidInput(f"{name} is no .csv or .xlsx file", file=name)


def decoded(data: bytes, name: str) -> str:
    """A file's text: UTF-8 with or without a byte order mark, UTF-16 with one, or GB 18030 (GBK)."""
    encodings = ["utf-8-sig", "gb18030"]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput(f"{name} is neither UTF-8 nor GBK; save it as UTF-8", file=name)


def _csv(data: bytes, name: str) -> TextSheet:
    text = decoded(data, name)
    if "\x00" in text:
        raise InvalidInput(f"{name} is no text file", file=name)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise InvalidInput(f"{name} can't be read as CSV: {error}", file=name) from None
    sheet = _sheet(PurePath(name).name, [[_unquoted(cell) for cell in row] for row in rows])
    return replace(sheet, knows_merged=False)


def _delimiter(text: str) -> str:
    """The one that occurs most in the first lines."""
    head = text[:4000]
    return max(_DELIMITERS, key=head.count)


def _unquoted(cell: str) -> str:
    """A text that was exported with a ' before it, so that no program takes it for a formula."""
    rest = cell[1:].lstrip()
    return cell[1:] if cell.startswith("'") and rest.startswith(_STARTS_A_FORMULA) else cell


def _xlsx(data: bytes, name: str) -> Iterator[TextSheet]:
    try:
        with ZipFile(io.BytesIO(data)) as packed:
            if sum(each.file_size for each in packed.infolist()) > _MAX_UNPACKED:
                raise InvalidInput(f"{name} is too large once unpacked", file=name)
        values = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        formulas = openpyxl.load_workbook(io.BytesIO(data))
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, SyntaxError):
        raise InvalidInput(f"{name} is no XLSX file, or it is damaged", file=name) from None
    for sheet in values.worksheets:
        if sheet.sheet_state == "visible":
            yield _worksheet(sheet, formulas[sheet.title], name)


def _worksheet(sheet: Worksheet, formulas: Worksheet, name: str) -> TextSheet:
    if sheet.max_row * sheet.max_column > _MAX_CELLS:
        raise InvalidInput(f"{name}: sheet {sheet.title} has too many cells", file=name)
    rows = [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    for row_no, row in enumerate(formulas.iter_rows()):
        for column, cell in enumerate(row):
            if cell.data_type == "f" and not rows[row_no][column]:
                rows[row_no][column] = NO_VALUE
    continued = set()
    for area in sheet.merged_cells.ranges:
        first = rows[area.min_row - 1][area.min_col - 1]
        for row_no in range(area.min_row - 1, min(area.max_row, len(rows))):
            for column in range(area.min_col - 1, min(area.max_col, len(rows[row_no]))):
                rows[row_no][column] = first
                continued.add((row_no, column))
        continued.discard((area.min_row - 1, area.min_col - 1))
    return _sheet(sheet.title, rows, frozenset(continued))


def _sheet(
    name: str,
    rows: Sequence[Sequence[str]],
    continued: frozenset[tuple[int, int]] = frozenset(),
) -> TextSheet:
    width = max(map(len, rows), default=0)
    padded = (tuple(row) + ("",) * (width - len(row)) for row in rows)
    return TextSheet(name, tuple(tuple(map(_clean, row)) for row in padded), continued)


def _clean(text: str) -> str:
    """A cell's text without blanks around it, and without signs that nobody sees."""
    return _UNSEEN.sub("", text).strip()


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case float() if value.is_integer():
            return str(int(value))
        case datetime():
            at_midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
            return value.date().isoformat() if at_midnight else value.isoformat(" ")
        case date():
            return value.isoformat()
    return str(value)
