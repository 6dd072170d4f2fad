"""The table of days: seeded with the known public holidays, loaded as a calendar."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

import chinese_calendar
import structlog
from psycopg.rows import class_row

from hub.clock import local_date
from hub.db import Connection, database_of, load_queries
from hub.deadlines.calendar import WorkCalendar

SQL = load_queries(__file__)


@dataclass(frozen=True, slots=True)
class DayEdit:
    """Whether a day is worked, as a person enters it, with a note such as the name of the holiday."""

    day: date
    is_workday: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day as the calendar counts it. `edited_by` is None for a day that nobody edited.

    `assumed`: the calendar doesn't know the day, and its weekday decides.
    """

    day: date
    is_workday: bool
    note: str
    edited_by: str | None
    assumed: bool


log = structlog.get_logger()

FIRST_KNOWN_YEAR = 2004
"""The first year whose public holidays the library knows."""
MAX_NOTE = 200
_MOST_KEPT = 12
"""Calendars in memory: of some years, in a few databases."""


async def load_calendar(db: Connection, around: datetime) -> WorkCalendar:
    """The calendar for limits that start near `around`: whole years, from two before it to four after.

    It is read only when days have changed.
    """
    row = await (await db.execute(SQL["version"])).fetchone()
    assert row is not None
    year, kept = local_date(around).year, _kept()
    key = (row[0], database_of(db), year)
    if key not in kept:
        span = (date(max(year - 2, 1), 1, 1), date(min(year + 4, 9999), 12, 31))
        cursor = await db.execute(SQL["days"], span)
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[key] = WorkCalendar({row[0]: row[1] for row in await cursor.fetchall()})
    return kept[key]


@lru_cache(maxsize=1)
def _kept() -> dict[tuple[UUID, str, int], WorkCalendar]:
    """Calendars by version, database and year."""
    return {}


async def whole_calendar(db: Connection) -> WorkCalendar:
    """The calendar with all days that are known."""
    cursor = await db.execute(SQL["days"], (date.min, date.max))
    return WorkCalendar({row[0]: row[1] for row in await cursor.fetchall()})


def known_calendar() -> WorkCalendar:
    """The calendar of the public holidays, of all years in which they are known."""
    years = range(FIRST_KNOWN_YEAR, date.max.year)
    known = itertools.takewhile(bool, map(_days_of, years))
    return WorkCalendar({day: works for days in known for day, works, _ in days})


async def write_days(db: Connection, edits: Sequence[DayEdit], editor: str) -> None:
    """Set days by hand; later seeding does not change them."""
    columns = [
        [edit.day for edit in edits],
        [edit.is_workday for edit in edits],
        [edit.note for edit in edits],
    ]
    await db.execute(SQL["write_days"], (editor, *columns))


async def days_between(db: Connection, first: date, last: date) -> list[CalendarDay]:
    """All days from `first` to `last`, both included; those that are not known by their weekday."""
    async with db.cursor(row_factory=class_row(CalendarDay)) as cursor:
        await cursor.execute(SQL["days_between"], (first, last))
        return await cursor.fetchall()


async def seed_calendar(db: Connection, years: Iterable[int], now: datetime) -> int:
    """Write the days of the years whose public holidays are known; returns how many changed.

    Other years are skipped, and limits in them are marked as assumed. Days that an admin edited are kept.
    """
    days: list[tuple[date, bool, str]] = []
    unknown: list[int] = []
    for year in years:
        known = _days_of(year)
        days += known
        if not known:
            unknown.append(year)
    columns = [list(column) for column in zip(*days, strict=True)] or [[], [], []]
    changed = (await db.execute(SQL["seed"], columns)).rowcount
    log.info("calendar_seeded", days=len(days), changed=changed, unknown_years=unknown, at=now)
    return changed


def _days_of(year: int) -> list[tuple[date, bool, str]]:
    try:
        chinese_calendar.is_workday(date(year, 7, 1))
    except NotImplementedError:
        return []
    first = date(year, 1, 1)
    count = (date(year + 1, 1, 1) - first).days
    return [_facts(first + timedelta(days=n)) for n in range(count)]


def _facts(day: date) -> tuple[date, bool, str]:
    works = chinese_calendar.is_workday(day)
    _, holiday = chinese_calendar.get_holiday_detail(day)
    return day, works, str(holiday or "")
