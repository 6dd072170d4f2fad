"""GET /api/dashboard."""

from fastapi import APIRouter

from hub.accounts.access import Operator
from hub.dashboard import store
from hub.dashboard.views import Dashboard
from hub.http.requests import Db, Now

router = APIRouter(prefix="/api/dashboard", tags=["dashboard"])


@router.get("")
async def dashboard(db: Db, _account: Operator, now: Now) -> Dashboard:
    """The numbers of this moment."""
    return await store.dashboard(db, now)
