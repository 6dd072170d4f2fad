"""Upload photos and view them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query, Request, Response, UploadFile
from pydantic import BaseModel

from hub.accounts.access import AnyoneBriefly, HandlerBriefly
from hub.audit import ReadKind
from hub.audit.recording import audited_briefly
from hub.db import Pool
from hub.errors import InvalidInput, NotFound
from hub.evidence.photo_library import PhotoLibrary
from hub.evidence.photos import PhotoSource
from hub.evidence.store import photo_facts
from hub.evidence.thumbnails import kept_width
from hub.evidence.uploads import KeptPhotoView, store_photo
from hub.http.requests import HubSettings, Now
from wire.messages.base import Instant, Lat, Lon
from wire.topics import SHA256_PATTERN

router = APIRouter(prefix="/api/evidence", tags=["evidence"])


def _library(request: Request) -> PhotoLibrary:
    library: PhotoLibrary = request.app.state.photos
    return library


Library = Annotated[PhotoLibrary, Depends(_library)]
Sha256 = Annotated[str, Path(pattern=SHA256_PATTERN)]
Width = Annotated[int | None, Query(ge=16, le=4096)]


class PhotoForm(BaseModel):
    """A JPEG, and where and when it was taken, if known."""

    file: UploadFile
    lon: Lon | None = None
    lat: Lat | None = None
    taken_at: Instant | None = None


@router.post("", status_code=201, responses={429: {}})
async def send_photo(
    account: HandlerBriefly,
    library: Library,
    now: Now,
    settings: HubSettings,
    form: Annotated[PhotoForm, Form()],
) -> KeptPhotoView:
    """Store a JPEG; the same bytes again are the same photo. It is deleted after a day if nothing uses it."""
    if (form.lon is None) != (form.lat is None):
        raise InvalidInput("send both lon and lat, or neither", field="lon")
    source = PhotoSource(None, account.username, now, form.taken_at, form.lon, form.lat)
    return await store_photo(library, await form.file.read(), source, settings.unlinked_photos)


@router.get(
    "/{sha256}",
    response_class=Response,
    dependencies=[audited_briefly(ReadKind.PHOTO)],
    responses={
        200: {"content": {"image/jpeg": {}}},
        304: {"description": "Unchanged"},
        500: {"description": "The file is missing or changed"},
    },
)
async def photo(
    request: Request,
    account: AnyoneBriefly,
    library: Library,
    sha256: Sha256,
    width: Width = None,
) -> Response:
    """The JPEG, or a smaller one at least as wide as asked for; its bytes are checked against its hash."""
    await _require_photo(library.pool, sha256)
    kept = None if width is None else kept_width(width)
    headers = _headers(sha256, kept)
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    data = await library.read(account.username, sha256, kept)
    return Response(data, media_type="image/jpeg", headers=headers)


@router.head("/{sha256}", include_in_schema=False, dependencies=[audited_briefly(ReadKind.PHOTO)])
async def photo_exists(account: AnyoneBriefly, library: Library, sha256: Sha256) -> Response:
    """Whether there is such a photo, whole: the same answer as to GET, without the bytes."""
    await _require_photo(library.pool, sha256)
    data = await library.read(account.username, sha256)
    headers = {**_headers(sha256, None), "Content-Length": str(len(data))}
    return Response(media_type="image/jpeg", headers=headers)


async def _require_photo(pool: Pool, sha256: str) -> None:
    """Raises NotFound if there is no such photo; whether the account may see it, its dependency tells."""
    async with pool.connection() as db:
        if await photo_facts(db, sha256) is None:
            raise NotFound(f"no photo {sha256} is stored", sha256=sha256)


def _headers(sha256: str, width: int | None) -> dict[str, str]:
    """A browser asks each time whether it may show what it has: seats are shared."""
    return {
        "ETag": f'"{sha256}-{width}"' if width else f'"{sha256}"',
        "Cache-Control": "private, no-cache",
    }
