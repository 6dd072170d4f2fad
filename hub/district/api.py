"""The district, its units and its base map."""

from fastapi import APIRouter, Request, Response

from hub.accounts.access import AnyAccount, Anyone
from hub.district.base_map import BaseMap
from hub.district.store import district_by_code, list_units
from hub.district.views import DistrictView, UnitList
from hub.http.requests import Db, HubSettings, Now

router = APIRouter(prefix="/api", tags=["district"])


@router.get("/district")
async def district(db: Db, _account: AnyAccount, settings: HubSettings) -> DistrictView:
    """The district that this hub serves."""
    return await district_by_code(db, settings.district)


@router.get("/units")
async def units(db: Db, _account: Anyone) -> UnitList:
    """Departments and territories."""
    return UnitList(items=await list_units(db))


@router.get(
    "/map/base",
    response_class=Response,
    responses={200: {"content": {"application/geo+json": {}}}, 304: {"description": "Unchanged"}},
)
async def base_map(request: Request, _account: Anyone, now: Now) -> Response:
    """Territories, waters, roads and places as GeoJSON; `layer` says which a feature is."""
    held: BaseMap = request.app.state.base_map
    found = await held.get(now)
    headers = {
        "ETag": found.etag,
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == found.etag:
        return Response(status_code=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(found.plain, headers=headers, media_type="application/geo+json")
    headers["Content-Encoding"] = "gzip"
    return Response(found.packed, headers=headers, media_type="application/geo+json")
