"""The district, its units and its base map."""

from typing import Literal, Self

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from hub.accounts.access import Anyone
from hub.district.base_map import BaseMap
from hub.district.store import Bounds, District, LonLat, district_by_code, list_units
from hub.http.requests import Db, HubSettings, Now

router = APIRouter(prefix="/api", tags=["district"])


class DistrictView(BaseModel):
    """`bounds` are west, south, east, north; WGS-84."""

    code: str
    name_zh: str
    name_en: str
    center: LonLat
    bounds: Bounds
    timezone: str

    @classmethod
    def of(cls, district: District, timezone: str) -> Self:
        return cls(
            code=district.code,
            name_zh=district.name_zh,
            name_en=district.name_en,
            center=district.center,
            bounds=district.bounds,
            timezone=timezone,
        )


class UnitView(BaseModel):
    unit_key: str
    kind: Literal["department", "territory"]
    level: Literal["district", "township", "village"] | None
    name_zh: str
    name_en: str
    parent: str | None


class UnitList(BaseModel):
    items: list[UnitView]


@router.get("/district")
async def district(db: Db, _account: Anyone, settings: HubSettings) -> DistrictView:
    """The district that this hub serves."""
    return DistrictView.of(await district_by_code(db, settings.district), settings.timezone)


@router.get("/units")
async def units(db: Db, _account: Anyone) -> UnitList:
    """Departments and territories."""
    rows = await list_units(db)
    return UnitList(items=[UnitView.model_validate(row, from_attributes=True) for row in rows])


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
