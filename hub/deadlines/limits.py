"""Limits, and the instants at which they end."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from hub.deadlines.calendar import WorkCalendar


class LimitType(StrEnum):
    """How time is counted: through the clock, in working hours, in working days, in calendar days."""

    URGENT_MINUTE = "urgent_minute"
    URGENT_HOUR = "urgent_hour"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"
    NATURAL_DAY = "natural_day"


class Policy(StrEnum):
    """From the very instant, or in whole days from the next day to the end of the last one."""

    ACCUMULATE = "accumulate"
    END_OF_DAY_FROM_NEXT = "end_of_day_from_next"


CONTINUOUS = frozenset({LimitType.URGENT_MINUTE, LimitType.URGENT_HOUR, LimitType.NATURAL_DAY})
IN_DAYS = frozenset({LimitType.WORK_DAY, LimitType.NATURAL_DAY})


@dataclass(frozen=True, slots=True)
class Limit:
    """`value` counts minutes, hours or days by the type and is greater than 0.

    END_OF_DAY_FROM_NEXT needs a whole number of days.
    """

    type: LimitType
    value: float
    policy: Policy = Policy.ACCUMULATE

    def __post_init__(self) -> None:
        if not 0 < self.value <= 3660:
            raise ValueError(f"a limit is more than 0 and at most 3660, not {self.value}")
        if self.policy is Policy.END_OF_DAY_FROM_NEXT and (
            self.type not in IN_DAYS or self.value != int(self.value)
        ):
            raise ValueError("end_of_day_from_next needs a whole number of days")


@dataclass(frozen=True, slots=True)
class Deadline:
    """`calendar_assumed`: a day is not in the calendar and was judged by its weekday."""

    due_at: datetime
    calendar_assumed: bool


def due_at(
    start: datetime, limit_type: LimitType, value: float, policy: Policy, calendar: WorkCalendar
) -> Deadline:
    """When a limit that starts at `start` ends, in UTC. Raises ValueError for a bad limit."""
    limit = Limit(limit_type, value, policy)
    if limit.policy is Policy.END_OF_DAY_FROM_NEXT:
        due = _end_of_day_from_next(start, limit, calendar)
    elif limit.type in CONTINUOUS:
        due = start.astimezone(UTC) + continuous_time(limit)
    else:
        due = calendar.add(start, working_time(limit, calendar))
    return Deadline(due, _assumed(limit.type, start, due, calendar))


def resumed_due_at(
    limit_type: LimitType,
    suspended_at: datetime,
    due: datetime,
    resumed_at: datetime,
    calendar: WorkCalendar,
) -> Deadline:
    """The deadline after a pause: the time left at `suspended_at` is left again at `resumed_at`."""
    if limit_type in CONTINUOUS:
        moved = due + (resumed_at - suspended_at)
    else:
        left = calendar.between(suspended_at, due)
        moved = calendar.add(resumed_at, left) if left else resumed_at
    return Deadline(moved.astimezone(UTC), _assumed(limit_type, resumed_at, moved, calendar))


def working_time(limit: Limit, calendar: WorkCalendar) -> timedelta:
    """The working time of a limit in working hours or working days."""
    if limit.type is LimitType.WORK_DAY:
        return calendar.day_length * limit.value
    return timedelta(hours=limit.value)


def continuous_time(limit: Limit) -> timedelta:
    """The time of a limit that runs through the clock."""
    if limit.type is LimitType.URGENT_MINUTE:
        return timedelta(minutes=limit.value)
    return timedelta(days=limit.value) if limit.type in IN_DAYS else timedelta(hours=limit.value)


def _end_of_day_from_next(start: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
    day = calendar.local_date(start)
    tomorrow = calendar.midnight(day + timedelta(days=1))
    if limit.type is LimitType.NATURAL_DAY:
        return calendar.midnight(day + timedelta(days=int(limit.value) + 1))
    return calendar.add(tomorrow, calendar.day_length * int(limit.value))


def _assumed(limit_type: LimitType, start: datetime, due: datetime, calendar: WorkCalendar) -> bool:
    if limit_type in CONTINUOUS:
        return False
    return calendar.is_assumed(calendar.local_date(start), calendar.local_date(due))
