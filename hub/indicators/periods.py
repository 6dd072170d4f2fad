"""Periods between local midnights: a day, week, month, year, any days, or all time. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Self

from hub.clock import TIMEZONE, local_date
from hub.errors import InvalidInput

FIRST_DAY = date(1970, 1, 1)
END_OF_TIME = date(9999, 1, 1)
"""All time is from the first day up to this one."""
_YEARS = range(1970, 9998)
_MOST_PARTS = 62


class PeriodKind(StrEnum):
    DAY = "day"
    WEEK = "week"
    """From Monday to Sunday."""
    MONTH = "month"
    YEAR = "year"
    DAYS = "days"
    """From any day to any day."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Period:
    """Local days from `first` up to and without `end`."""

    kind: PeriodKind
    first: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.first:
            raise InvalidInput("a period must end after it begins", field="until")

    @property
    def from_at(self) -> datetime:
        """The local midnight at which it begins."""
        return _midnight(self.first)

    @property
    def until_at(self) -> datetime:
        """The local midnight at which it has ended."""
        return _midnight(self.end)

    @property
    def days(self) -> int:
        return (self.end - self.first).days

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def key(self) -> str:
        """Such as 2025-08-07, 2025-W32, 2025-08, 2025, 2025-08-01..2025-08-07 or all."""
        match self.kind:
            case PeriodKind.DAY:
                return self.first.isoformat()
            case PeriodKind.WEEK:
                year, week, _ = self.first.isocalendar()
                return f"{year}-W{week:02}"
            case PeriodKind.MONTH:
                return f"{self.first:%Y-%m}"
            case PeriodKind.YEAR:
                return f"{self.first:%Y}"
            case PeriodKind.DAYS:
                return f"{self.first}..{self.last}"
            case PeriodKind.ALL:
                return "all"

    @classmethod
    def around(cls, kind: PeriodKind, day: date) -> Self:
        """The day, week, month or year with the day in it. All time has every day in it."""
        match kind:
            case PeriodKind.DAY:
                return cls(kind, day, day + timedelta(days=1))
            case PeriodKind.WEEK:
                monday = day - timedelta(days=day.weekday())
                return cls(kind, monday, monday + timedelta(days=7))
            case PeriodKind.MONTH:
                first = day.replace(day=1)
                return cls(kind, first, _months_after(first, 1))
            case PeriodKind.YEAR:
                first = day.replace(month=1, day=1)
                return cls(kind, first, first.replace(year=first.year + 1))
            case PeriodKind.ALL:
                return cls(kind, FIRST_DAY, END_OF_TIME)
            case PeriodKind.DAYS:
                raise InvalidInput("say from which day until which day", field="from")

    @classmethod
    def between(cls, first: date, last: date) -> Self:
        """From one day to another, with both. Raises InvalidInput."""
        if last < first:
            raise InvalidInput(f"{last} is before {first}", field="until")
        return cls(PeriodKind.DAYS, first, last + timedelta(days=1))

    def before(self) -> "Period | None":
        """The period before it (环比); None before all time."""
        if self.kind is PeriodKind.ALL:
            return None
        if self.kind is PeriodKind.DAYS:
            return Period(self.kind, self.first - timedelta(days=self.days), self.first)
        return Period.around(self.kind, self.first - timedelta(days=1))

    def year_before(self) -> "Period | None":
        """The same period of the year before (同比): a week by its number; None for all time."""
        match self.kind:
            case PeriodKind.ALL:
                return None
            case PeriodKind.WEEK:
                return _week(*_week_of_year_before(self.first))
            case PeriodKind.DAYS:
                last = max(_year_before(self.last), _year_before(self.first))
                return Period.between(_year_before(self.first), last)
            case _:
                return Period.around(self.kind, _year_before(self.first))

    def parts(self) -> list["Period"]:
        """What a trend shows: the days of a week or month, the months of a year, …"""
        if self.kind is PeriodKind.ALL:
            return []
        if self.kind is PeriodKind.DAY:
            week = [self.first - timedelta(days=back) for back in range(6, -1, -1)]
            return [Period.around(PeriodKind.DAY, day) for day in week]
        kind = PeriodKind.DAY if self.days <= _MOST_PARTS else PeriodKind.MONTH
        if kind is PeriodKind.MONTH and self.days > _MOST_PARTS * 28:
            kind = PeriodKind.YEAR
        found, day = [], self.first
        while day < self.end:
            part = Period.around(kind, day)
            found.append(Period(kind, max(part.first, self.first), min(part.end, self.end)))
            day = part.end
        return found

    def end_as_of(self, now: datetime) -> datetime:
        """The instant up to which the period has been: its end, or now if it still runs."""
        return min(self.until_at, now)


_FORMS = (
    (PeriodKind.DAY, re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)),
    (PeriodKind.WEEK, re.compile(r"(\d{4})-W(\d{2})", re.ASCII)),
    (PeriodKind.MONTH, re.compile(r"(\d{4})-(\d{2})", re.ASCII)),
    (PeriodKind.YEAR, re.compile(r"(\d{4})", re.ASCII)),
)
_BETWEEN = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", re.ASCII)


def read_period(text: str, now: datetime) -> Period:
    """A period from its key, or the running one from its kind (`day`, `month`, …). Raises InvalidInput."""
    if text in set(PeriodKind) - {PeriodKind.DAYS}:
        return Period.around(PeriodKind(text), local_date(now))
    try:
        if found := _BETWEEN.fullmatch(text):
            first, last = map(date.fromisoformat, found.groups())
            if first.year in _YEARS and last.year in _YEARS:
                return Period.between(first, last)
        for kind, form in _FORMS:
            if (found := form.fullmatch(text)) and int(found[1]) in _YEARS:
                return _read(kind, *map(int, found.groups()))
    except (ValueError, OverflowError):
        pass
    raise InvalidInput(
        f"{text!r} is no period: write 2025-08-07, 2025-W32, 2025-08, 2025, "
        "2025-08-01..2025-08-07, day, week, month, year or all",
        field="period",
    )


def _read(kind: PeriodKind, year: int, part: int = 1, day: int = 1) -> Period:
    if kind is PeriodKind.WEEK:
        return _week(year, part)
    return Period.around(kind, date(year, part, day))


def _week(year: int, week: int) -> Period:
    return Period.around(PeriodKind.WEEK, date.fromisocalendar(year, week, 1))


def _week_of_year_before(monday: date) -> tuple[int, int]:
    year, week, _ = monday.isocalendar()
    most = date(year - 1, 12, 28).isocalendar()[1]
    return year - 1, min(week, most)


def _year_before(day: date) -> date:
    """29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _months_after(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), TIMEZONE)
