"""Import a district's list: show the difference, and make a new version."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hub.catalogue.comparing import ListComparison, compared
from hub.catalogue.item import CatalogueItem, ItemKind
from hub.catalogue.listing import parse_list, parse_yaml
from hub.catalogue.mappings import check_meanings, confirm_mappings, load_book
from hub.catalogue.row_groups import BadCell
from hub.catalogue.sheet_list import UnknownName
from hub.catalogue.store import SQL, find_item, newest_version
from hub.catalogue.unit_book import UnitBook
from hub.catalogue.versions import lock_newest, new_version, with_kept_rulings
from hub.errors import InvalidInput
from hub.journal.unit_of_work import UnitOfWork

STARTER = Path(__file__).with_name("starter.yaml")
STARTER_SOURCE = "starter catalogue"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The result of an import or a dry run. `version` is None if nothing was written.

    `notes` say what a person should know of the reading, `unknown_units` which names of units wait to
    be confirmed. Items of the catalogue that are not in the file are kept: nothing is deleted.
    """

    version: int | None
    comparison: ListComparison
    bad: tuple[BadCell, ...]
    notes: tuple[str, ...] = ()
    unknown_units: tuple[UnknownName, ...] = ()

    @property
    def added(self) -> tuple[str, ...]:
        return tuple(each.item_key for each in self.comparison.added)

    @property
    def changed(self) -> tuple[str, ...]:
        return tuple(each.item_key for each in self.comparison.changed)

    @property
    def unchanged(self) -> tuple[str, ...]:
        return self.comparison.unchanged

    @property
    def kept(self) -> tuple[str, ...]:
        return self.comparison.kept

    def text(self) -> str:
        """The difference, for a person."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield from self.comparison.lines()
        yield from (f"* {note}" for note in self.notes)
        yield from (f"! {each.where} ({each.item or '?'}): {each.reason}" for each in self.bad)
        for name in self.unknown_units:
            where = f"{len(name.cells)} cells, first {name.cells[0]}"
            yield f"? {name.name} ({where}): say --map {name.name}=UNIT, study or territory"
        counts = (
            f"{len(self.added)} new, {len(self.changed)} changed, {len(self.unchanged)} unchanged"
        )
        kept = f"{len(self.kept)} kept that are not in the file"
        if self.bad:
            result = f"nothing imported: {len(self.bad)} bad cells"
        elif self.version is None:
            result = "nothing written"
        else:
            result = f"version {self.version} created"
        yield f"{counts}, {kept}; {result}"


async def import_catalogue(
    work: UnitOfWork,
    file: Path,
    *,
    dry_run: bool = False,
    meanings: Mapping[str, str] | None = None,
    kind: ItemKind | None = None,
) -> ImportReport:
    """Import a list from a CSV, XLSX or YAML file; see `import_list`.

    Raises InvalidInput if the file can't be read as a list.
    """
    try:
        data = await asyncio.to_thread(file.read_bytes)
    except OSError as error:
        raise InvalidInput(f"{file.name} can't be read: {error}", file=file.name) from None
    return await import_list(work, data, file.name, dry_run=dry_run, meanings=meanings, kind=kind)


async def import_list(
    work: UnitOfWork,
    data: bytes,
    name: str,
    *,
    dry_run: bool,
    meanings: Mapping[str, str] | None = None,
    kind: ItemKind | None = None,
) -> ImportReport:
    """Import a list as a new version. With a bad cell, or in a dry run, no version is written.

    `meanings` say what names stand for that are no units; they are kept, except in a dry run. `kind`
    is that of a list that doesn't name kinds. Raises InvalidInput if the file can't be read as a list,
    or for a meaning that doesn't exist.
    """
    _, present = await lock_newest(work)
    await check_meanings(work.db, meanings or {})
    if meanings and not dry_run:
        await confirm_mappings(work, meanings)
    book = await _book(work, present, meanings or {})
    parsed = await asyncio.to_thread(parse_list, data, name, present, book, kind=kind)
    incoming = {each.item_key: each for each in with_kept_rulings(parsed.items, present)}
    report = ImportReport(
        None, compared(present, incoming), parsed.bad, parsed.notes, parsed.unknown_units
    )
    if dry_run or report.bad or not (report.added or report.changed):
        return report
    version = await new_version(work, parsed.items, source=name, reason="")
    return replace(report, version=version)


async def import_starter(work: UnitOfWork) -> ImportReport | None:
    """Import the starter catalogue; None if there is a catalogue."""
    await work.db.execute(SQL["one_importer"])
    if await newest_version(work.db) is not None:
        return None
    work = work.by("system:catalogue")
    return await import_list(work, STARTER.read_bytes(), STARTER.name, dry_run=False)


async def ensure_starter_item(work: UnitOfWork, item_key: str) -> CatalogueItem:
    """An item of the newest version. If that has none, a new version takes it from the starter."""
    newest = await newest_version(work.db)
    present = None if newest is None else await find_item(work.db, newest, item_key)
    if present is not None:
        return present
    _, known = await lock_newest(work)
    if item_key in known:
        return known[item_key]
    starter = parse_yaml(STARTER.read_text(encoding="utf-8")).items
    missing = [each for each in starter if not known or each.item_key == item_key]
    await new_version(
        work.by("system:catalogue"), missing, source=STARTER_SOURCE, reason="an alarm needs it"
    )
    return next(each for each in missing if each.item_key == item_key)


async def _book(
    work: UnitOfWork, present: Mapping[str, CatalogueItem], meanings: Mapping[str, str]
) -> UnitBook:
    used = {key for each in present.values() for key in (each.lead_unit, *each.assist_units) if key}
    book = await load_book(work.db, sorted(used))
    return book.with_meanings(meanings)
