"""The rows of a list in a spreadsheet, grouped into items, conditions and steps. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hub.catalogue.columns import COLUMNS, ListHeader, RowLevel
from hub.catalogue.sheets import ERRORS, NO_VALUE, TextSheet, address, plain

FORMULA = "a formula without its value; save the file in a spreadsheet program"
FAILED = "is the error of a formula; write the value"


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that can't be read. `sheet` is None for a YAML file, whose `cell` is an entry's number.

    `item` is the title or key of the item that it belongs to, if that is known.
    """

    sheet: str | None
    cell: str
    item: str | None
    reason: str

    @property
    def where(self) -> str:
        return self.cell if self.sheet is None else f"{self.sheet}!{self.cell}"


@dataclass(slots=True)
class ConditionRows:
    """The rows of a condition; `first` also tells of the condition itself, `steps` have a step each."""

    first: int
    rows: list[int]
    steps: list[int] = field(default_factory=list)


@dataclass(slots=True)
class ItemRows:
    """The rows of an item, from `first` on."""

    first: int
    title: str
    conditions: list[ConditionRows] = field(default_factory=list)


class RowReader:
    """Reads the cells of a sheet by field, and collects those that are bad."""

    def __init__(self, sheet: TextSheet, header: ListHeader) -> None:
        self.sheet = sheet
        self.columns = dict(header.columns)
        self.first_row = header.first_row
        self.bad: list[BadCell] = []
        self.notes: list[str] = []

    def has(self, key: str) -> bool:
        return key in self.columns

    def text(self, row: int, key: str) -> str:
        """The text of a cell, '' if there is no such column."""
        return self.sheet.rows[row][self.columns[key]] if key in self.columns else ""

    def grouped(self, row: int, key: str) -> str:
        """The text of a cell that may be merged over several items: in a CSV file that of the last above."""
        rows = range(row, self.first_row - 1, -1) if not self.sheet.knows_merged else (row,)
        return next(filter(None, (self.text(each, key) for each in rows)), "")

    def fresh(self, row: int, key: str) -> bool:
        """Whether a cell has a text of its own, which doesn't come from a merged cell above."""
        place = self.columns.get(key)
        if place is None or (row, place) in self.sheet.continued:
            return False
        return bool(self.sheet.rows[row][place])

    def cell(self, row: int, key: str) -> str:
        return address(row, self.columns.get(key, 0))

    def refuse(self, row: int, key: str, reason: str, item: str | None) -> None:
        """Note a bad cell. A field that has no column is said to lack one."""
        if key not in self.columns:
            reason = f"there is no column for {key}: {reason}"
        self.bad.append(BadCell(self.sheet.name, self.cell(row, key), item, reason))


def item_rows(reader: RowReader) -> list[ItemRows]:
    """The items of a sheet with their conditions; rows that belong to none are bad cells."""
    found: list[ItemRows] = []
    header = [plain(each) for each in reader.sheet.rows[reader.first_row - 1]]
    for row in range(reader.first_row, len(reader.sheet.rows)):
        titles = [plain(each) for each in reader.sheet.rows[row]]
        if _says_nothing(reader, row) or titles == header:
            continue
        if _is_heading(reader, row):
            reader.notes.append(f"{reader.sheet.name}!{address(row, 0)}: a heading, left out")
            continue
        if _starts_item(reader, row, found[-1] if found else None):
            found.append(
                ItemRows(row, reader.text(row, "title_zh") or reader.text(row, "item_key"))
            )
            _add_condition(reader, found[-1], row)
        elif not found:
            reader.refuse(row, "title_zh", "the first row names no item", None)
        else:
            _continue(reader, found[-1], row)
    _refuse_formulas(reader, found)
    return found


def _is_heading(reader: RowReader, row: int) -> bool:
    """A row with one text only, which runs over several columns or tells nothing of an item."""
    texts = reader.sheet.rows[row]
    filled = [place for place, text in enumerate(texts) if text]
    if len({texts[place] for place in filled}) != 1:
        return False
    if len(filled) > 1:
        return {(row, place) for place in filled[1:]} <= reader.sheet.continued
    levels = {reader.columns[each.key]: each for each in COLUMNS if reader.has(each.key)}
    column = levels.get(filled[0])
    return column is None or (
        column.level is RowLevel.ITEM and column.key not in ("title_zh", "item_key")
    )


def _says_nothing(reader: RowReader, row: int) -> bool:
    """An empty row, or one that only has cells merged with those above."""
    texts = enumerate(reader.sheet.rows[row])
    return all(not text or (row, place) in reader.sheet.continued for place, text in texts)


def _starts_item(reader: RowReader, row: int, current: ItemRows | None) -> bool:
    key = "title_zh" if reader.has("title_zh") else "item_key"
    names = [name for name in (key, "item_key") if reader.fresh(row, name)]
    return any(current is None or _differs(reader, row, name, current) for name in names)


def _differs(reader: RowReader, row: int, key: str, current: ItemRows) -> bool:
    return plain(reader.text(row, key)) != plain(reader.text(current.first, key))


def _add_condition(reader: RowReader, item: ItemRows, row: int) -> None:
    keys = ("cond_text_zh", "cond_key")
    if reader.has("cond_text_zh") and not any(reader.text(row, key) for key in keys):
        reader.refuse(row, "cond_text_zh", "the condition is empty", item.title)
    item.conditions.append(ConditionRows(row, [row]))


def _continue(reader: RowReader, item: ItemRows, row: int) -> None:
    """A further row of an item: its next condition, or the next step of the last one."""
    said = [
        each.key for each in COLUMNS if each.level is RowLevel.ITEM and reader.fresh(row, each.key)
    ]
    for key in said:
        if _differs(reader, row, key, item):
            first = reader.cell(item.first, key)
            reason = f"differs from {first} of the same item; make it an item of its own"
            reader.refuse(row, key, reason, item.title)
    current = item.conditions[-1]
    named = [key for key in ("cond_key", "cond_text_zh") if reader.fresh(row, key)]
    if any(plain(reader.text(row, key)) != plain(reader.text(current.first, key)) for key in named):
        item.conditions.append(ConditionRows(row, [row]))
    elif named and not reader.fresh(row, "step_text_zh"):
        reader.refuse(row, named[-1], f"occurs twice, first in row {current.first + 1}", item.title)
    elif not any(map(reader.has, ("cond_text_zh", "cond_key", "step_text_zh", "step_key"))) and (
        again := next((key for key in ("item_key", "title_zh") if reader.fresh(row, key)), None)
    ):
        reader.refuse(row, again, f"occurs twice, first in row {item.first + 1}", item.title)
    elif any(_step_cells(reader, row)):
        current.rows.append(row)


def _step_cells(reader: RowReader, row: int) -> Iterator[bool]:
    for column in COLUMNS:
        if column.level is RowLevel.STEP:
            yield reader.fresh(row, column.key)


def _refuse_formulas(reader: RowReader, items: Sequence[ItemRows]) -> None:
    """Formulas without a value, and errors that stand where a value should be."""
    title = None
    starts = {item.first: item.title for item in items}
    for row in range(reader.first_row, len(reader.sheet.rows)):
        title = starts.get(row, title)
        for key, place in reader.columns.items():
            text = reader.sheet.rows[row][place]
            if text == NO_VALUE or text in ERRORS:
                reason = FORMULA if text == NO_VALUE else f"{text} {FAILED}"
                named = None if title in ERRORS or title == NO_VALUE else title
                reader.refuse(row, key, reason, named)
