"""Upload photos and view them."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query, Request, Response, UploadFile
from pydantic import BaseModel

from hub.accounts.access import Anyone
from hub.accounts.account import Account
from hub.db import Connection
from hub.errors import InvalidInput, NotFound
from hub.evidence.photos import PhotoSource
from hub.evidence.store import EvidenceStore, is_seen_by_unit, photo_facts
from hub.evidence.uploads import KeptPhotoView, scaled_down, store_photo
from hub.http.requests import Db, Now
from wire.messages.base import Instant, Lat, Lon
from wire.topics import SHA256_PATTERN

router = APIRouter(prefix="/api/evidence", tags=["evidence"])


def _store(request: Request) -> EvidenceStore:
    store: EvidenceStore = request.app.state.evidence
    return store


Store = Annotated[EvidenceStore, Depends(_store)]
Sha256 = Annotated[str, Path(pattern=SHA256_PATTERN)]
Width = Annotated[int | None, Query(ge=16, le=4096)]


class PhotoForm(BaseModel):
    """A JPEG, and where and when it was taken, if known."""

    file: UploadFile
    lon: Lon | None = None
    lat: Lat | None = None
    taken_at: Instant | None = None


@router.post("", status_code=201)
async def send_photo(
    db: Db, account: Anyone, store: Store, now: Now, form: Annotated[PhotoForm, Form()]
) -> KeptPhotoView:
    """Store a JPEG; the same bytes again are the same photo."""
    if (form.lon is None) != (form.lat is None):
        raise InvalidInput("send both lon and lat, or neither", field="lon")
    source = PhotoSource(None, account.username, now, form.taken_at, form.lon, form.lat)
    return await store_photo(db, store, await form.file.read(), source)


@router.get(
    "/{sha256}",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}, 304: {"description": "Unchanged"}},
)
async def photo(
    request: Request, db: Db, account: Anyone, store: Store, sha256: Sha256, width: Width = None
) -> Response:
    """The JPEG, or a smaller one of the width asked for."""
    await _require_visible(db, account, sha256)
    headers = _headers(sha256, width)
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    data = await asyncio.to_thread(store.get, sha256)
    if width is not None:
        data = await asyncio.to_thread(scaled_down, data, width)
    return Response(data, media_type="image/jpeg", headers=headers)


@router.head("/{sha256}", include_in_schema=False)
async def photo_exists(db: Db, account: Anyone, sha256: Sha256) -> Response:
    """Whether there is such a photo."""
    await _require_visible(db, account, sha256)
    return Response(media_type="image/jpeg", headers=_headers(sha256, None))


async def _require_visible(db: Connection, account: Account, sha256: str) -> None:
    """Raises NotFound if there is no such photo, or if this account may not see it."""
    found = await photo_facts(db, sha256)
    unit = account.only_unit
    hidden = unit and not await is_seen_by_unit(db, sha256, unit, account.username)
    if found is None or hidden:
        raise NotFound(f"no photo {sha256} is stored", sha256=sha256)


def _headers(sha256: str, width: int | None) -> dict[str, str]:
    return {
        "ETag": f'"{sha256}-{width}"' if width else f'"{sha256}"',
        "Cache-Control": "private, max-age=31536000, immutable",
    }
