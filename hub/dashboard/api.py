"""GET /api/dashboard."""

from zoneinfo import ZoneInfo

from fastapi import APIRouter

from hub.accounts.access import Operator
from hub.dashboard.store import Dashboard, count_all
from hub.http.requests import Db, HubSettings, Now

router = APIRouter(prefix="/api/dashboard", tags=["dashboard"])


@router.get("")
async def dashboard(db: Db, _account: Operator, now: Now, settings: HubSettings) -> Dashboard:
    """The numbers of this moment."""
    return await count_all(db, now, ZoneInfo(settings.timezone))
