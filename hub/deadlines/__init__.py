"""Working calendars and limits: when something is due. Pure except for the table of days."""

from hub.deadlines.calendar import WorkCalendar
from hub.deadlines.limits import Deadline, Limit, LimitType, Policy, due_at, resumed_due_at
from hub.deadlines.store import load_calendar, seed_calendar

__all__ = [
    "Deadline",
    "Limit",
    "LimitType",
    "Policy",
    "WorkCalendar",
    "due_at",
    "load_calendar",
    "resumed_due_at",
    "seed_calendar",
]
