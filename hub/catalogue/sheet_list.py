"""A district's list in a spreadsheet, read into items; what can't be read is a bad cell. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from hub.catalogue.columns import ListHeader, find_header, value_of
from hub.catalogue.condition_rows import ConditionCells
from hub.catalogue.item import CatalogueItem, ItemKind, wrong_fields
from hub.catalogue.item_cells import ItemCells
from hub.catalogue.keys import key_of
from hub.catalogue.row_groups import FAILED, FORMULA, BadCell, ItemRows, RowReader, item_rows
from hub.catalogue.sheets import TextSheet, address, plain
from hub.catalogue.unit_book import UnitBook
from hub.errors import InvalidInput

_MAJOR = "大类"
_WORDS_OF_KINDS = {
    "部件": ItemKind.COMPONENT,
    "事件": ItemKind.EVENT,
    "纠纷": ItemKind.DISPUTE,
    "隐患": ItemKind.HAZARD,
    "服务": ItemKind.SERVICE,
}


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A name in a column of units that is no registered unit, and the units that may be meant."""

    name: str
    suggestions: tuple[str, ...]
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParsedList:
    """The good items of a file, its bad cells, and what a person should know of its reading.

    `unknown_units` are the names that wait for a person to confirm what they stand for.
    """

    items: tuple[CatalogueItem, ...]
    bad: tuple[BadCell, ...]
    notes: tuple[str, ...] = ()
    unknown_units: tuple[UnknownName, ...] = ()


@dataclass(slots=True)
class _Found:
    items: dict[str, CatalogueItem] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    bad: list[BadCell] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unknown: dict[str, tuple[tuple[str, ...], list[str]]] = field(default_factory=dict)
    by_title: dict[str, list[str]] = field(default_factory=dict)


def read_list(
    sheets: Sequence[TextSheet],
    present: Mapping[str, CatalogueItem],
    book: UnitBook,
    *,
    kind: ItemKind | None = None,
) -> ParsedList:
    """Read the lists of all sheets that have a header. `present` are the items of the newest version.

    A field that has no column keeps the value of the present item, or has its default in a new one.
    `kind` is that of lists that don't name it. Raises InvalidInput if no sheet has a header.
    """
    found = _Found()
    for known in present.values():
        found.by_title.setdefault(plain(known.title_zh), []).append(known.item_key)
    headers = [(sheet, find_header(sheet)) for sheet in sheets]
    if not any(header for _, header in headers):
        names = ", ".join(sheet.name for sheet in sheets) or "the file"
        raise InvalidInput(
            f"no header in {names}: a row must have 事项名称 (title_zh) and other titles, see"
            " docs/catalogue.md"
        )
    for sheet, header in headers:
        if header is None:
            if any(map(any, sheet.rows)):
                found.notes.append(f"sheet {sheet.name} has no header and was left out")
            continue
        found.notes += _notes_of_titles(sheet, header)
        reader = RowReader(sheet, header)
        _drop_major_kinds(reader)
        _read_sheet(reader, present, book, kind or _kind_of(sheet.name), found)
    return ParsedList(
        tuple(found.items.values()),
        tuple(found.bad),
        tuple(found.notes),
        tuple(UnknownName(name, near, tuple(at)) for name, (near, at) in found.unknown.items()),
    )


def _notes_of_titles(sheet: TextSheet, header: ListHeader) -> Iterator[str]:
    """Which columns are not read, and which are read for a title that is only like a known one."""
    for place, title in header.unknown.items():
        where = address(header.first_row - 1, place)
        yield f"{sheet.name}!{where}: column {title!r} is not read"
    for place, key in header.guessed.items():
        where, title = address(header.first_row - 1, place), sheet.rows[header.first_row - 1][place]
        yield f"{sheet.name}!{where}: column {title!r} is read as {key}"


def _kind_of(name: str) -> ItemKind | None:
    """The kind that the name of a sheet tells, such as 部件清单."""
    told = {kind for word, kind in _WORDS_OF_KINDS.items() if word in name}
    return told.pop() if len(told) == 1 else None


def _drop_major_kinds(reader: RowReader) -> None:
    """A column 大类 may have the kind, or the major class of the standard, which is not read."""
    place = reader.columns.get("kind")
    if place is None:
        return
    title = reader.sheet.rows[reader.first_row - 1][place]
    texts = [row[place] for row in reader.sheet.rows[reader.first_row :] if row[place]]
    if _MAJOR in plain(title) and not any(value_of("kind", text) for text in texts):
        del reader.columns["kind"]
        reader.notes.append(f"{reader.sheet.name}: column {title!r} has no kinds and is not read")


def _read_sheet(
    reader: RowReader,
    present: Mapping[str, CatalogueItem],
    book: UnitBook,
    kind: ItemKind | None,
    found: _Found,
) -> None:
    cells = ItemCells(reader, book, kind)
    conditions = ConditionCells(reader)
    grouped = item_rows(reader)
    unread: dict[int, list[BadCell]] = defaultdict(list)
    for each in reader.bad:
        unread[_place(each)[0] - 1].append(each)
    for rows in grouped:
        key = _key(reader, rows, found.by_title, found.cells.keys() | present.keys())
        if key is None:
            continue
        if key not in found.by_title.setdefault(plain(rows.title), []):
            found.by_title[plain(rows.title)].append(key)
        where = f"{reader.sheet.name}!{reader.cell(rows.first, 'title_zh')}"
        if key in found.cells:
            reason = f"{key} occurs twice, first in {found.cells[key]}"
            reader.refuse(rows.first, "title_zh", reason, rows.title)
            continue
        found.cells[key] = where
        before, same = len(reader.bad), present.get(key)
        body = cells.body(rows, key, same)
        body["conditions"] = conditions.bodies(rows, same)
        own = [bad for each in rows.conditions for row in each.rows for bad in unread[row]]
        item = _built(reader, rows, body, [*own, *reader.bad[before:]])
        if item is not None:
            found.items[key] = item
    found.bad += sorted(_without_consequences(reader.bad), key=_place)
    found.notes += reader.notes
    for name, near, cell in cells.unknown:
        found.unknown.setdefault(name, (near, []))[1].append(f"{reader.sheet.name}!{cell}")


def _without_consequences(bad: Sequence[BadCell]) -> list[BadCell]:
    """A cell with a formula that has no value is named for that only."""
    formulas = {each.cell: each for each in bad if each.reason.endswith((FORMULA, FAILED))}
    return [each for each in bad if formulas.get(each.cell, each) == each]


def _place(bad: BadCell) -> tuple[int, int, str]:
    digits = bad.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    letters = bad.cell.removesuffix(digits)
    return int(digits), len(letters), letters


def _key(
    reader: RowReader,
    rows: ItemRows,
    by_title: Mapping[str, Sequence[str]],
    taken: Collection[str],
) -> str | None:
    """The key of an item: as written, or that of the present item of this title, or a new one."""
    written = reader.text(rows.first, "item_key")
    if written:
        return written
    same = by_title.get(plain(rows.title), [])
    if len(same) > 1:
        reason = f"several items have this title ({', '.join(same)}): write the key of one"
        reader.refuse(rows.first, "title_zh", reason, rows.title)
        return None
    return same[0] if same else key_of(rows.title, taken)


def _built(
    reader: RowReader, rows: ItemRows, body: Mapping[str, Any], refused: Sequence[BadCell]
) -> CatalogueItem | None:
    """The item, unless a cell of it was refused or is wrong. What only follows from that isn't named."""
    try:
        item = CatalogueItem.model_validate(body)
        return None if refused else item
    except ValidationError as error:
        fields = wrong_fields(error, only_own=bool(refused))
        wrong = [(*_cell_of(reader, place, rows), reason) for place, reason in fields]
        named = {bad.cell for bad in refused}
        wrong = [each for each in wrong if reader.cell(each[0], each[1]) not in named]
        # A text that stands in for one without a column, such as the English title, is wrong with it.
        written = [each for each in wrong if reader.has(each[1])]
        for row, key, reason in written or wrong:
            reader.refuse(row, key, reason, rows.title)
        return None


_COLUMN_OF = {"text_zh": "cond_text_zh", "text_en": "cond_text_en", "conditions": "cond_text_zh"}


def _cell_of(reader: RowReader, loc: Sequence[int | str], rows: ItemRows) -> tuple[int, str]:
    """The row and the field of a place in an item's body."""
    names = [str(each) for each in loc if isinstance(each, str)]
    numbers = [each for each in loc if isinstance(each, int)]
    if not names:
        return rows.first, "title_zh"
    if names[0] != "conditions" or not numbers:
        name = {"dedup": names[-1]}.get(names[0], names[0])
        if name == "std_codes" and not reader.has(name):
            name = "minor_code"
        return rows.first, name
    condition = rows.conditions[min(numbers[0], len(rows.conditions) - 1)]
    if "steps" in names:
        step = numbers[1] if len(numbers) > 1 else 0
        own = condition.steps or condition.rows
        row = own[min(step, len(own) - 1)]
        field_name = names[-1] if names[-1] != "steps" else "step_key"
        return row, {"text_zh": "step_text_zh", "text_en": "step_text_en"}.get(
            field_name, field_name
        )
    last = names[-1]
    return condition.first, _COLUMN_OF.get(last, last)
