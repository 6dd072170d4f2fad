"""Daily counts of police calls and petitions from a CSV file; every bad cell is named."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import JsonValue

from hub.db import Connection, load_queries
from hub.devices.listing import decode_listing
from hub.errors import InvalidInput
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork

SQL = load_queries(__file__)

_HEADERS = {
    "day": "day",
    "日期": "day",
    "source": "source",
    "来源": "source",
    "unit": "unit",
    "乡镇": "unit",
    "街道": "unit",
    "属地": "unit",
    "category": "category",
    "类别": "category",
    "count": "count",
    "数量": "count",
    "件数": "count",
}
_NEEDED = ("day", "source", "unit", "count")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_MOST_SHOWN = 50


class OutsideSource(StrEnum):
    POLICE_CALL = "police_call"
    PETITION = "petition"


_SOURCES = {
    "police_call": OutsideSource.POLICE_CALL,
    "警情": OutsideSource.POLICE_CALL,
    "110警情": OutsideSource.POLICE_CALL,
    "petition": OutsideSource.PETITION,
    "信访": OutsideSource.PETITION,
    "信访件": OutsideSource.PETITION,
}


@dataclass(frozen=True, slots=True)
class OutsideCount:
    day: date
    source: OutsideSource
    unit_key: str
    category: str
    count: int


@dataclass(frozen=True, slots=True)
class CountsReport:
    """`replaced` of the counts were known before."""

    counts: int
    days: tuple[date, ...]
    replaced: int

    def text(self) -> str:
        days = ", ".join(map(str, self.days))
        return f"{self.counts} counts of {days}; {self.replaced} replaced earlier ones"


async def import_counts(work: UnitOfWork, data: bytes, source: str) -> CountsReport:
    """Take in a file, or nothing of it; a count that comes again replaces the earlier one.

    Raises InvalidInput, which names every bad cell.
    """
    names = await _territories(work.db)
    counts = read_counts(decode_listing(data), names)
    rows = [
        (each.day, str(each.source), each.unit_key, each.category, each.count) for each in counts
    ]
    columns = [list(column) for column in zip(*rows, strict=True)]
    facts = dict(zip(("days", "sources", "units", "categories", "counts"), columns, strict=True))
    known = await (await work.db.execute(SQL["known"], facts)).fetchone()
    await work.db.execute(SQL["put"], facts | {"now": work.now, "actor": work.actor})
    days = tuple(sorted({each.day for each in counts}))
    assert known is not None
    report = CountsReport(len(counts), days, int(known[0]))
    for day in days:
        said: list[JsonValue] = [
            [str(each.source), each.unit_key, each.category, each.count]
            for each in counts
            if each.day == day
        ]
        work.record(
            NewEntry(
                Subject.DIGEST,
                day.isoformat(),
                "outside_counts_imported",
                work.actor,
                work.now,
                data={"file": source, "counts": said},
            )
        )
    return report


def read_counts(text: str, units: Mapping[str, str]) -> list[OutsideCount]:
    """The counts of a CSV text; `units` are the keys of territories by key and by name.

    Raises InvalidInput with every bad cell by its name, such as C5.
    """
    rows = list(csv.reader(io.StringIO(text, newline="")))
    head = next((number for number, row in enumerate(rows) if any(map(str.strip, row))), None)
    if head is None:
        raise InvalidInput("the file is empty", field="file")
    columns = _columns(rows[head], head)
    counts: dict[tuple[date, str, str, str], OutsideCount] = {}
    bad: list[str] = []
    for number, row in enumerate(rows[head + 1 :], start=head + 2):
        if not any(map(str.strip, row)):
            continue
        found = _count(row, number, columns, units, bad)
        if found is None:
            continue
        key = (found.day, found.source, found.unit_key, found.category)
        if key in counts:
            bad.append(f"row {number}: the same day, source, unit and category occur twice")
        counts[key] = found
    if bad:
        more = f"\nand {len(bad) - _MOST_SHOWN} more" if len(bad) > _MOST_SHOWN else ""
        raise InvalidInput(
            "nothing imported:\n" + "\n".join(bad[:_MOST_SHOWN]) + more, field="file", bad=len(bad)
        )
    if not counts:
        raise InvalidInput("the file has no rows below its header", field="file")
    return list(counts.values())


def _columns(header: Sequence[str], row: int) -> dict[str, int]:
    columns: dict[str, int] = {}
    for number, title in enumerate(header):
        name = _HEADERS.get(title.strip().lower())
        if name is None:
            raise InvalidInput(
                f"{_cell(number, row + 1)}: the column “{title}” is not known; known are "
                "day, source, unit, category, count (日期、来源、乡镇、类别、数量)",
                field="file",
            )
        if name in columns:
            raise InvalidInput(f"{_cell(number, row + 1)}: {name} occurs twice", field="file")
        columns[name] = number
    if missing := [name for name in _NEEDED if name not in columns]:
        raise InvalidInput(f"the header lacks {', '.join(missing)}", field="file")
    return columns


def _count(
    row: Sequence[str],
    number: int,
    columns: Mapping[str, int],
    units: Mapping[str, str],
    bad: list[str],
) -> OutsideCount | None:
    """A row, or None with what is wrong added to `bad`."""
    cells = {name: row[at].strip() if at < len(row) else "" for name, at in columns.items()}
    day, source = _day(cells["day"]), _SOURCES.get(cells["source"].lower())
    unit, count = units.get(cells["unit"]), cells["count"]
    wrong = {
        "day": "is no day" if day is None else "",
        "source": "is neither police_call (警情) nor petition (信访)" if source is None else "",
        "unit": "is no territory of this district" if unit is None else "",
        "count": "" if count.isascii() and count.isdigit() and len(count) < 8 else "is no count",
        "category": "is longer than 100" if len(cells.get("category", "")) > 100 else "",
    }
    told = [(name, reason) for name, reason in wrong.items() if reason]
    bad += [f"{_cell(columns[name], number)}: “{cells[name][:40]}” {said}" for name, said in told]
    if told or day is None or source is None or unit is None:
        return None
    return OutsideCount(day, source, unit, cells.get("category", ""), int(count))


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None


def _cell(column: int, row: int) -> str:
    """The name of a cell as spreadsheets have it; `column` counts from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


async def _territories(db: Connection) -> dict[str, str]:
    """The keys of the territories by key, Chinese and English name."""
    rows = await (await db.execute(SQL["territories"])).fetchall()
    return {name: key for key, zh, en in rows for name in (en, zh, key)}
