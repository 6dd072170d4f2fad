"""GET /api/dashboard."""

from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from pydantic import BaseModel

from hub.accounts.access import Operator
from hub.dashboard.store import figures
from hub.http.requests import Db, HubSettings, Now

router = APIRouter(prefix="/api/dashboard", tags=["dashboard"])


class Dashboard(BaseModel):
    """Counts at `at`; "today" begins at the district's midnight."""

    at: datetime
    open_cases: int
    overdue: int
    filed_today: int
    closed_today: int
    closed_in_time_today: int
    signals_waiting: int
    commands_active: int
    videos_live: int
    terminals_total: int
    terminals_online: int
    cameras_total: int
    cameras_online: int
    edges_total: int
    edges_online: int


@router.get("")
async def dashboard(db: Db, _account: Operator, now: Now, settings: HubSettings) -> Dashboard:
    """The numbers of this moment."""
    found = await figures(db, now, ZoneInfo(settings.timezone))
    counts = {name: getattr(found, name) for name in found.__slots__}
    return Dashboard(at=now, **counts)
