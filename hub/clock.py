"""The only place that reads the wall clock, and the district's time zone."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

TIMEZONE = ZoneInfo("Asia/Shanghai")
"""Local time of every district: working hours, public holidays and what people read follow it."""


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


def local_date(instant: datetime) -> date:
    """The day of an instant in the district's time zone."""
    return instant.astimezone(TIMEZONE).date()
