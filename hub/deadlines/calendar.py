"""The working calendar: which days are worked, and between which hours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hub.clock import TIMEZONE

Hours = tuple[tuple[int, int], ...]
DEFAULT_HOURS: Hours = ((8, 12), (14, 18))
_LONGEST_CLOSURE = timedelta(days=366)


class NoWorkingTime(ValueError):
    """The calendar has no working day for a whole year; correct its days."""


@dataclass(frozen=True)
class WorkCalendar:
    """`days` says whether known days are worked; of other days, Monday to Friday are assumed to be.

    `hours` are the working hours of a local day, in order and not overlapping; `tz` is the local zone.
    """

    days: Mapping[date, bool] = field(default_factory=dict)
    hours: Hours = DEFAULT_HOURS
    tz: ZoneInfo = TIMEZONE

    def __post_init__(self) -> None:
        edges = [edge for pair in self.hours for edge in pair]
        if not edges or edges[0] < 0 or edges[-1] > 24 or sorted(set(edges)) != edges:
            raise ValueError(
                f"working hours must be in order, apart and within a day: {self.hours}"
            )

    @property
    def day_length(self) -> timedelta:
        """The working time of one working day."""
        return timedelta(hours=sum(end - begin for begin, end in self.hours))

    def is_workday(self, day: date) -> bool:
        return self.days.get(day, day.weekday() < 5)

    def is_assumed(self, first: date, last: date) -> bool:
        """Whether any day from `first` to `last`, both included, is not in the calendar."""
        count = (last - first).days + 1
        return any(first + timedelta(days=n) not in self.days for n in range(count))

    def local_date(self, instant: datetime) -> date:
        return instant.astimezone(self.tz).date()

    def midnight(self, day: date) -> datetime:
        """The first instant of a local day."""
        return datetime.combine(day, time(), self.tz).astimezone(UTC)

    def shifts(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the working intervals after `start`, the first one cut at it, for ever.

        Raises NoWorkingTime if a whole year has none.
        """
        day = self.local_date(start)
        last_worked = day
        while day - last_worked < _LONGEST_CLOSURE:
            if self.is_workday(day):
                last_worked = day
                for begin, end in self._shifts_of(day):
                    if end > start:
                        yield max(begin, start), end
            day += timedelta(days=1)
        raise NoWorkingTime(f"no working day in the year before {day}")

    def add(self, start: datetime, worked: timedelta) -> datetime:
        """The instant at which `worked` (> 0) working time has passed since `start`."""
        left = worked
        for begin, end in self.shifts(start):
            if left <= end - begin:
                return begin + left
            left -= end - begin
        raise AssertionError("shifts never end")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` to `end`; zero if `end` is earlier."""
        total = timedelta()
        for begin, until in self.shifts(start):
            if begin >= end:
                break
            total += min(until, end) - begin
        return total

    def _shifts_of(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        midnight = datetime.combine(day, time(), self.tz)
        for begin, end in self.hours:
            yield (
                (midnight + timedelta(hours=begin)).astimezone(UTC),
                (midnight + timedelta(hours=end)).astimezone(UTC),
            )
