"""A list of days off and of days made up for, as a CSV or XLSX file."""

from dataclasses import dataclass
from datetime import date

from hub.catalogue.sheets import TextSheet, address, plain, read_day, read_sheets
from hub.deadlines.store import MAX_NOTE, DayEdit
from hub.errors import InvalidInput

_COLUMNS = {
    "day": ("day", "date", "日期"),
    "is_workday": ("is_workday", "workday", "是否工作日", "是否上班", "类型", "工作日"),
    "note": ("note", "备注", "说明", "节日", "名称"),
}
_WORKED = frozenset(
    {"1", "true", "yes", "y", "是", "workday", "工作日", "上班", "班", "补班", "调休上班"}
)
_OFF = frozenset(
    {"0", "false", "no", "n", "否", "off", "dayoff", "休息日", "休息", "休", "放假", "节假日"}
)


@dataclass(frozen=True, slots=True)
class DayList:
    """The days of a file, and its bad cells, each with its reason."""

    edits: tuple[DayEdit, ...]
    bad: tuple[str, ...]


def parse_days(data: bytes, name: str) -> DayList:
    """Read a list with the columns day, is_workday and note. Raises InvalidInput if it is none."""
    for sheet in read_sheets(data, name):
        found = _header(sheet)
        if found is not None:
            return _read(sheet, *found)
    raise InvalidInput(
        f"{name} has no header with day (日期) and is_workday (是否工作日)", file=name
    )


def _header(sheet: TextSheet) -> tuple[int, dict[str, int]] | None:
    for number, row in enumerate(sheet.rows[:20]):
        titles = [plain(cell) for cell in row]
        columns = {
            key: titles.index(title)
            for key, known in _COLUMNS.items()
            for title in known[::-1]
            if title in titles
        }
        if {"day", "is_workday"} <= columns.keys():
            return number, columns
    return None


def _read(sheet: TextSheet, header: int, columns: dict[str, int]) -> DayList:
    edits: dict[date, DayEdit] = {}
    bad: list[str] = []

    def refuse(number: int, key: str, reason: str) -> None:
        bad.append(f"{sheet.name}!{address(number, columns[key])}: {reason}")

    for number, row in enumerate(sheet.rows[header + 1 :], start=header + 1):
        if not any(row):
            continue
        day = read_day(row[columns["day"]])
        works = _works(row[columns["is_workday"]])
        note = row[columns["note"]] if "note" in columns else ""
        if day is None:
            refuse(number, "day", f"{row[columns['day']]!r} is no day such as 2026-10-01")
        elif day in edits:
            refuse(number, "day", f"{day} occurs twice")
        if works is None:
            text = row[columns["is_workday"]]
            refuse(number, "is_workday", f"{text!r} is neither a workday (是) nor a day off (否)")
        if len(note) > MAX_NOTE or "\x00" in note:
            refuse(number, "note", f"a note has {MAX_NOTE} characters or fewer")
        if day is not None and works is not None:
            edits[day] = DayEdit(day, works, note)
    return DayList(tuple(edits.values()), tuple(bad))


def _works(text: str) -> bool | None:
    word = plain(text)
    if word in _WORKED:
        return True
    return False if word in _OFF else None
