"""The dashboard, as the API shows it."""

from datetime import datetime

from pydantic import BaseModel


class Dashboard(BaseModel):
    """Counts at `at`; "today" begins at the district's midnight.

    `signals_late` wait longer for a person, and `dispatch_late` for a unit, than the hall has for it.
    """

    at: datetime
    open_cases: int
    overdue: int
    filed_today: int
    closed_today: int
    closed_in_time_today: int
    signals_waiting: int
    signals_late: int
    dispatch_late: int
    commands_active: int
    videos_live: int
    terminals_total: int
    terminals_online: int
    cameras_total: int
    cameras_online: int
    edges_total: int
    edges_online: int
