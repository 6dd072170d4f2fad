"""Import a district's list: show the difference, and make a new version."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hub.catalogue.item import CatalogueItem
from hub.catalogue.listing import BadRow, parse_yaml
from hub.catalogue.store import SQL, find_item, newest_version
from hub.catalogue.versions import lock_newest, new_version, with_kept_rulings
from hub.errors import InvalidInput
from hub.journal.unit_of_work import UnitOfWork

STARTER = Path(__file__).with_name("starter.yaml")
STARTER_SOURCE = "starter catalogue"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The result of an import or a dry run. `version` is None if nothing was written.

    `kept` are items that are not in the file: they stay as they are, since nothing is deleted.
    """

    version: int | None
    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    kept: tuple[str, ...]
    bad: tuple[BadRow, ...]

    def text(self) -> str:
        """The difference, for a person."""
        lines = [f"+ {key}" for key in self.added] + [f"~ {key}" for key in self.changed]
        lines += [f"! row {bad.row} ({bad.item_key or '?'}): {bad.reason}" for bad in self.bad]
        counts = f"{len(self.unchanged)} unchanged, {len(self.kept)} kept that are not in the file"
        if self.bad:
            result = f"nothing imported: {len(self.bad)} bad rows"
        elif self.version is None:
            result = "nothing written"
        else:
            result = f"version {self.version} created"
        return "\n".join([*lines, f"{counts}; {result}"])


async def import_catalogue(work: UnitOfWork, file: Path, *, dry_run: bool = False) -> ImportReport:
    """Import a list from a YAML file. With a bad row, or in a dry run, nothing is written.

    Raises InvalidInput if the file can't be read as a list.
    """
    try:
        text = await asyncio.to_thread(file.read_text, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file.name} can't be read: {error}", file=file.name) from None
    return await import_text(work, text, source=file.name, dry_run=dry_run)


async def import_starter(work: UnitOfWork) -> ImportReport | None:
    """Import the starter catalogue; None if there is a catalogue."""
    await work.db.execute(SQL["one_importer"])
    if await newest_version(work.db) is not None:
        return None
    text = STARTER.read_text(encoding="utf-8")
    return await import_text(
        work.by("system:catalogue"), text, source=STARTER_SOURCE, dry_run=False
    )


async def import_text(work: UnitOfWork, text: str, *, source: str, dry_run: bool) -> ImportReport:
    """Import a list given as YAML text; see import_catalogue."""
    parsed = parse_yaml(text)
    _, present = await lock_newest(work)
    incoming = {each.item_key: each for each in with_kept_rulings(parsed.items, present)}
    report = _compared(present, incoming, parsed.bad)
    if dry_run or report.bad or not (report.added or report.changed):
        return report
    version = await new_version(work, parsed.items, source=source, reason="")
    return replace(report, version=version)


def _compared(
    present: Mapping[str, CatalogueItem],
    incoming: Mapping[str, CatalogueItem],
    bad: tuple[BadRow, ...],
) -> ImportReport:
    return ImportReport(
        version=None,
        added=tuple(key for key in incoming if key not in present),
        changed=tuple(k for k in incoming if k in present and present[k] != incoming[k]),
        unchanged=tuple(k for k in incoming if present.get(k) == incoming[k]),
        kept=tuple(key for key in present if key not in incoming),
        bad=bad,
    )


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
