"""Read the responsibility list and its versions, and import a district's own."""

import asyncio
import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Response, UploadFile
from pydantic import BaseModel, Field

from hub.accounts.access import Admin, Anyone, Observer
from hub.audit import ReadKind
from hub.audit.recording import audited
from hub.catalogue import store
from hub.catalogue.commands import ImportReport, import_list
from hub.catalogue.comparing import ItemChange, compared
from hub.catalogue.exporting import ListFormat, exported
from hub.catalogue.item import CatalogueItem, ItemKind
from hub.catalogue.mappings import UnitMapping, confirm_mappings, load_book, unit_mappings
from hub.catalogue.row_groups import BadCell
from hub.catalogue.sheet_list import UnknownName
from hub.catalogue.sheets import MAX_BYTES
from hub.catalogue.sounds import Sound, sounds_of
from hub.catalogue.store import VersionFacts
from hub.errors import InvalidInput
from hub.http.requests import Db, Work

router = APIRouter(prefix="/api/catalogue", tags=["catalogue"])

_Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such version"}}
_MEDIA = {
    ListFormat.CSV: "text/csv; charset=utf-8",
    ListFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ListFormat.YAML: "application/yaml; charset=utf-8",
}


class Catalogue(BaseModel):
    """`sounds`: how the titles are typed, by `item_key`, and the conditions, by `item_key/cond_key`."""

    version: int
    items: list[CatalogueItem]
    sounds: dict[str, Sound]


class CatalogueVersions(BaseModel):
    items: list[VersionFacts]


class CatalogueDiff(BaseModel):
    """What `after` has that `before` hasn't; `gone` are keys that only `before` has."""

    before: int
    after: int
    added: Sequence[ItemChange]
    changed: Sequence[ItemChange]
    unchanged: int
    gone: Sequence[str]


class ListForm(BaseModel):
    """A list as CSV, XLSX or YAML.

    `meanings` is a JSON object that says what names stand for which are no registered units: a unit's
    key, `territory` or `study`. They are kept, except in a dry run.
    """

    file: UploadFile
    dry_run: bool = False
    kind: ItemKind | None = None
    meanings: Annotated[str, Field(max_length=100_000)] = "{}"


class ImportView(BaseModel):
    """The result of an import. `version` is None if none was made, as in a dry run or with bad cells."""

    version: int | None
    added: Sequence[ItemChange]
    changed: Sequence[ItemChange]
    unchanged: int
    kept: int
    bad: Sequence[BadCell]
    notes: Sequence[str]
    unknown_units: Sequence[UnknownName]


class UnitMappings(BaseModel):
    items: list[UnitMapping]


class NewMapping(BaseModel):
    """`stands_for` is the key of a registered unit, `territory` or `study`."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    stands_for: Annotated[str, Field(min_length=1, max_length=64)]


class ExportQuery(BaseModel):
    format: ListFormat = ListFormat.XLSX
    version: _Version | None = None
    language: Literal["zh", "en"] = "zh"


@router.get("", responses=_NOT_FOUND)
async def catalogue(
    db: Db, _account: Anyone, version: Annotated[_Version | None, Query()] = None
) -> Catalogue:
    """All items of a version with their conditions; of the newest if none is named."""
    wanted = await store.current_version(db) if version is None else version
    items = list((await store.items_by_key(db, wanted)).values())
    sounds = await asyncio.to_thread(sounds_of, items)
    return Catalogue(version=wanted, items=items, sounds=sounds)


@router.get("/versions")
async def catalogue_versions(db: Db, _account: Observer) -> CatalogueVersions:
    """All versions, the newest first."""
    return CatalogueVersions(items=await store.versions(db))


@router.get("/diff", responses=_NOT_FOUND)
async def catalogue_diff(
    db: Db,
    _account: Observer,
    before: Annotated[_Version, Query()],
    after: Annotated[_Version, Query()],
) -> CatalogueDiff:
    """What differs between two versions, field by field."""
    found = compared(await store.items_by_key(db, before), await store.items_by_key(db, after))
    return CatalogueDiff(
        before=before,
        after=after,
        added=found.added,
        changed=found.changed,
        unchanged=len(found.unchanged),
        gone=found.kept,
    )


@router.get(
    "/export",
    responses=_NOT_FOUND,
    response_class=Response,
    dependencies=[audited(ReadKind.EXPORT)],
)
async def catalogue_export(
    db: Db, _account: Observer, wanted: Annotated[ExportQuery, Query()]
) -> Response:
    """A version as a file, which can be imported again without a change."""
    version = await store.current_version(db) if wanted.version is None else wanted.version
    items = list((await store.items_by_key(db, version)).values())
    book = await load_book(db, ())
    data = exported(items, wanted.format, book, chinese=wanted.language == "zh")
    name = f"确权清单-{version}" if wanted.language == "zh" else f"catalogue-{version}"
    called = quote(f"{name}.{wanted.format}")
    headers = {
        "Content-Disposition": f'attachment; filename="catalogue-{version}.{wanted.format}";'
        f" filename*=UTF-8''{called}",
        "Cache-Control": "no-store",
    }
    return Response(data, media_type=_MEDIA[wanted.format], headers=headers)


@router.post("/import")
async def catalogue_import(
    work: Work, account: Admin, form: Annotated[ListForm, Form()]
) -> ImportView:
    """Import a district's list as a new version, or show what it would change. Nothing is deleted."""
    data = await form.file.read(MAX_BYTES + 1)
    report = await import_list(
        work.by(account.actor),
        data,
        form.file.filename or "list",
        dry_run=form.dry_run,
        meanings=_meanings(form.meanings),
        kind=form.kind,
    )
    return _view(report)


@router.get("/mappings")
async def mappings(db: Db, _account: Observer) -> UnitMappings:
    """What names stand for that are no registered units, as a person confirmed it."""
    return UnitMappings(items=await unit_mappings(db))


@router.put("/mappings", status_code=204)
async def confirm_mapping(work: Work, account: Admin, new: NewMapping) -> None:
    """Confirm what a name stands for; it is kept for all later imports."""
    await confirm_mappings(work.by(account.actor), {new.name: new.stands_for})


def _meanings(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise InvalidInput("`meanings` must be a JSON object of texts", field="meanings")
    return found


def _view(report: ImportReport) -> ImportView:
    return ImportView(
        version=report.version,
        added=report.comparison.added,
        changed=report.comparison.changed,
        unchanged=len(report.unchanged),
        kept=len(report.kept),
        bad=report.bad,
        notes=report.notes,
        unknown_units=report.unknown_units,
    )
