"""Working calendars and limits: when a thing is due. Pure but for the table of days."""

from hub.deadlines.calendar import SHANGHAI, WorkCalendar
from hub.deadlines.limits import Deadline, Limit, LimitType, Policy, due_at, resumed_due_at
from hub.deadlines.store import load_calendar, seed_calendar

__all__ = [
    "SHANGHAI",
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
