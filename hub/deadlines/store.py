"""The table of days: seeded with the known public holidays, loaded as a calendar."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import chinese_calendar
import structlog

from hub.clock import local_date
from hub.db import Connection, load_queries
from hub.deadlines.calendar import WorkCalendar

SQL = load_queries(__file__)
log = structlog.get_logger()

_BACK = timedelta(days=400)
_AHEAD = timedelta(days=1100)


async def load_calendar(db: Connection, around: datetime) -> WorkCalendar:
    """The calendar for limits that start near `around`: from a year before it to three years after."""
    day = local_date(around)
    cursor = await db.execute(SQL["days"], (day - _BACK, day + _AHEAD))
    return WorkCalendar({row[0]: row[1] for row in await cursor.fetchall()})


async def write_day(db: Connection, day: date, is_workday: bool, text: str, editor: str) -> None:
    """Set one day by hand; later seeding does not change it."""
    await db.execute(SQL["write_day"], (day, is_workday, text, editor))


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
