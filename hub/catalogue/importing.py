"""Bring a district's list in: every row checked, the difference shown, a new version made."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
import yaml
from psycopg.types.json import Jsonb
from pydantic import ValidationError

from hub.catalogue.item import CatalogueItem
from hub.catalogue.store import SQL, items, newest_version
from hub.db import Connection
from hub.errors import InvalidInput
from hub.journal import NewEntry, Subject, append

log = structlog.get_logger()

STARTER = Path(__file__).with_name("starter.yaml")


@dataclass(frozen=True, slots=True)
class BadRow:
    """`row` counts from 1; `item_key` is what the row calls itself, where it does."""

    row: int
    item_key: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or in a dry run would do. `version` is None where nothing was written.

    `kept` are items that the file doesn't name: they stay as they are, since nothing is deleted.
    """

    version: int | None
    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    kept: tuple[str, ...]
    bad: tuple[BadRow, ...]


@dataclass(frozen=True, slots=True)
class ParsedList:
    items: tuple[CatalogueItem, ...]
    bad: tuple[BadRow, ...]


def parse_yaml(text: str) -> ParsedList:
    """Read a list of items. Bad rows are named, good ones kept. Raises InvalidInput for no list."""
    try:
        rows = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidInput(f"the file is not YAML: {error}") from None
    if isinstance(rows, Mapping):
        rows = rows.get("items")
    if not isinstance(rows, list):
        raise InvalidInput("the file must be a list of items, or have one under `items`")
    return _checked(rows)


def _checked(rows: Sequence[object]) -> ParsedList:
    good: dict[str, CatalogueItem] = {}
    bad: list[BadRow] = []
    for number, row in enumerate(rows, start=1):
        key = row.get("item_key") if isinstance(row, Mapping) else None
        name = key if isinstance(key, str) else None
        try:
            item = CatalogueItem.model_validate(row)
        except ValidationError as error:
            bad.append(BadRow(number, name, "; ".join(_complaints(error))))
            continue
        if item.item_key in good:
            bad.append(BadRow(number, name, "item_key: occurs twice in the file"))
        else:
            good[item.item_key] = item
    return ParsedList(tuple(good.values()), tuple(bad))


def _complaints(error: ValidationError) -> Iterator[str]:
    for each in error.errors(include_url=False, include_input=False):
        where = ".".join(str(part) for part in each["loc"]) or "item"
        yield f"{where}: {each['msg']}"


async def import_catalogue(
    db: Connection, text: str, *, source: str, actor: str, now: datetime, dry_run: bool = False
) -> ImportReport:
    """Import a list given as YAML. With a bad row, or in a dry run, nothing is written."""
    parsed = parse_yaml(text)
    await db.execute(SQL["one_importer"])
    newest = await newest_version(db)
    present = {} if newest is None else {each.item_key: each for each in await items(db, newest)}
    incoming = {each.item_key: each for each in parsed.items}
    merged = present | incoming
    report = ImportReport(
        version=None,
        added=tuple(key for key in incoming if key not in present),
        changed=tuple(k for k in incoming if k in present and present[k] != incoming[k]),
        unchanged=tuple(k for k in incoming if present.get(k) == incoming[k]),
        kept=tuple(key for key in present if key not in incoming),
        bad=parsed.bad,
    )
    if dry_run or report.bad or not (report.added or report.changed):
        return report
    version = (newest or 0) + 1
    await _write(db, version, merged, source=source, actor=actor, now=now)
    return await _journaled(db, report, version, source=source, actor=actor, now=now)


async def _write(
    db: Connection,
    version: int,
    merged: Mapping[str, CatalogueItem],
    *,
    source: str,
    actor: str,
    now: datetime,
) -> None:
    await db.execute(SQL["add_version"], (version, now, actor, source))
    async with db.cursor() as cursor:
        await cursor.executemany(
            SQL["add_item"],
            [
                (version, key, Jsonb(item.model_dump(mode="json", by_alias=True)))
                for key, item in sorted(merged.items())
            ],
        )


async def _journaled(
    db: Connection, report: ImportReport, version: int, *, source: str, actor: str, now: datetime
) -> ImportReport:
    entry = NewEntry(
        Subject.CATALOGUE,
        "catalogue",
        "catalogue_imported",
        actor,
        now,
        data={
            "version": version,
            "source": source,
            "added": list(report.added),
            "changed": list(report.changed),
        },
    )
    await append(db, entry)
    log.info("catalogue_imported", version=version, items=len(report.added + report.changed))
    return ImportReport(
        version, report.added, report.changed, report.unchanged, report.kept, report.bad
    )
