"""Read what was refused of a device; for operators only."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from hub.accounts.access import Observer
from hub.devices.reading import view_device
from hub.errors import NotFound
from hub.http.requests import Db
from hub.refusals.reading import refusals_of
from hub.refusals.views import RefusalList
from wire.topics import DEVICE_ID_PATTERN

router = APIRouter(prefix="/api/devices", tags=["devices"])


@router.get("/{device_id}/refusals")
async def refusals_of_device(
    db: Db,
    _account: Observer,
    device_id: Annotated[str, Path(pattern=DEVICE_ID_PATTERN)],
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> RefusalList:
    """What was refused of a device's messages, same-key conflicts and answers that did not count with it."""
    if await view_device(db, device_id) is None:
        raise NotFound(f"device {device_id} is not registered", device_id=device_id)
    return await refusals_of(db, device_id, limit)
