"""GET /api/dashboard."""

from fastapi import APIRouter

from hub.accounts.access import Observer
from hub.http.requests import Db, Now
from hub.supervision.dashboard import store
from hub.supervision.dashboard.views import Dashboard

router = APIRouter(prefix="/api/dashboard", tags=["dashboard"])


@router.get("")
async def dashboard(db: Db, account: Observer, now: Now) -> Dashboard:
    """The numbers of this moment."""
    return await store.dashboard(db, now, account.scope)
