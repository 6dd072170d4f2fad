"""The desk: export a list, keep filters, one step for many cases, and what helps to file by hand."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from hub.accounts.access import Anyone, Handler, Operator
from hub.audit.read import ReadKind
from hub.audit.recording import audited
from hub.casefile.asking import Search, WantedCases
from hub.casefile.batch import BatchResultList, BatchStep, carry_out_batch
from hub.casefile.exports import TableLanguage, cases_table
from hub.casefile.finding import (
    NamedPlaceList,
    NearbyOpenCaseList,
    closed_case_at,
    open_cases_near,
    places_named,
)
from hub.casefile.saved_filters import (
    FilterToSave,
    SavedFilter,
    SavedFilterList,
    delete_filter,
    list_filters,
    save_filter,
)
from hub.clock import local_date
from hub.geo.place import Spot
from hub.http.requests import Db, Now, Work
from hub.tables import TableFormat, table_download
from wire.limits import MAX_INTEGER
from wire.messages.base import Lat, Lon, Metres, Slug

router = APIRouter(prefix="/api", tags=["cases"])

FilterId = Annotated[int, Path(ge=1, le=MAX_INTEGER)]
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {form.media_type: {} for form in TableFormat},
        "description": "The table as a file",
    }
}


class CaseExport(WantedCases):
    """The list to export, and as what."""

    format: TableFormat = TableFormat.XLSX
    language: TableLanguage = TableLanguage.ZH


class FilingSurroundings(BaseModel):
    """A place, and the item and asset that are about to be filed there, if they are known."""

    lon: Lon
    lat: Lat
    error_m: Metres = 10.0
    item: Slug | None = None
    asset_id: Annotated[str | None, Field(max_length=64, pattern=r"^[^\x00]+$")] = None


class PlaceQuery(BaseModel):
    q: Annotated[Search, Field(min_length=1)]


@router.get(
    "/cases/export",
    response_class=StreamingResponse,
    responses=_FILES,
    dependencies=[audited(ReadKind.EXPORT)],
)
async def export_cases(
    db: Db, account: Anyone, now: Now, wanted: Annotated[CaseExport, Query()]
) -> StreamingResponse:
    """All cases of the list, as CSV or XLSX."""
    table = cases_table(db, account, wanted, wanted.language)
    return await table_download(table, wanted.format, f"{table.title}-{local_date(now):%Y%m%d}")


@router.post("/cases/batch")
async def batch(work: Work, account: Handler, step: BatchStep) -> BatchResultList:
    """Do one thing with many cases; each result is told, and what is refused stops none of the others."""
    items = await carry_out_batch(work, account, step)
    done = sum(each.done for each in items)
    return BatchResultList(items=items, done=done, refused=len(items) - done)


@router.get("/cases/nearby")
async def nearby(
    db: Db, account: Operator, now: Now, around: Annotated[FilingSurroundings, Query()]
) -> NearbyOpenCaseList:
    """Open cases near a place, those of the item first, and the closed one that filing here would reopen."""
    found = await open_cases_near(db, account, around.lon, around.lat, around.item)
    if around.item is None:
        return NearbyOpenCaseList(items=found, reopens=None)
    spot = Spot(around.lon, around.lat, around.error_m)
    earlier = await closed_case_at(db, account, around.item, spot, around.asset_id, now)
    return NearbyOpenCaseList(items=found, reopens=earlier)


@router.get("/places")
async def places(
    db: Db, account: Operator, wanted: Annotated[PlaceQuery, Query()]
) -> NamedPlaceList:
    """Roads, assets and terminals by a part of their names, with their places."""
    return NamedPlaceList(items=await places_named(db, account, wanted.q))


@router.get("/case-filters")
async def filters(db: Db, account: Anyone) -> SavedFilterList:
    """The account's saved filters, and those that are shared with everybody."""
    return SavedFilterList(items=await list_filters(db, account))


@router.post(
    "/case-filters", status_code=201, responses={409: {"description": "The name is taken"}}
)
async def add_filter(db: Db, account: Anyone, now: Now, body: FilterToSave) -> SavedFilter:
    """Keep a filter under a name."""
    return await save_filter(db, account, body, now)


@router.put("/case-filters/{filter_id}", responses={409: {"description": "The name is taken"}})
async def change_filter(
    db: Db, account: Anyone, now: Now, filter_id: FilterId, body: FilterToSave
) -> SavedFilter:
    """Change a filter of one's own."""
    return await save_filter(db, account, body, now, filter_id)


@router.delete("/case-filters/{filter_id}", status_code=204)
async def remove_filter(db: Db, account: Anyone, filter_id: FilterId) -> None:
    """Delete a filter of one's own."""
    await delete_filter(db, account, filter_id)
