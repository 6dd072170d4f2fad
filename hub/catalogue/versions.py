"""Write versions of the catalogue. A version never changes, and nothing is ever deleted."""

from collections.abc import Mapping, Sequence

import structlog
from psycopg.types.json import Jsonb

from hub.catalogue.item import CatalogueItem
from hub.catalogue.store import SQL, items, newest_version
from hub.errors import InvalidInput
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork

log = structlog.get_logger()


async def lock_newest(work: UnitOfWork) -> tuple[int, Mapping[str, CatalogueItem]]:
    """Lock the list against other writers; the newest version with its items, 0 if there is none."""
    await work.db.execute(SQL["one_importer"])
    newest = await newest_version(work.db)
    if newest is None:
        return 0, {}
    return newest, {each.item_key: each for each in await items(work.db, newest)}


def with_kept_rulings(
    items: Sequence[CatalogueItem], present: Mapping[str, CatalogueItem]
) -> list[CatalogueItem]:
    """The items with the rulings that they have in `present`, unless they name rulings themselves.

    A district's own list knows nothing of the rulings that the hub has learned.
    """
    return [
        item.model_copy(update={"rulings": present[item.item_key].rulings})
        if item.item_key in present and "rulings" not in item.model_fields_set
        else item
        for item in items
    ]


async def new_version(
    work: UnitOfWork, changed: Sequence[CatalogueItem], *, source: str, reason: str
) -> int:
    """Write a version in which the `changed` items are new or replaced; returns its number.

    All other items stay as they are, and an item that names no rulings keeps those that it has.
    If nothing differs, no version is written and the number is
    that of the newest. `source` is the file or the part of the hub that the items come from,
    `reason` says for people why. Raises InvalidInput if an item is given twice, or none at all.
    """
    keys = [each.item_key for each in changed]
    if not keys:
        raise InvalidInput("a version of the catalogue needs at least one item", field="items")
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise InvalidInput(f"given twice: {', '.join(twice)}", field="items")
    newest, present = await lock_newest(work)
    incoming = {
        each.item_key: each
        for each in with_kept_rulings(changed, present)
        if present.get(each.item_key) != each
    }
    if not incoming:
        return newest
    version = newest + 1
    facts = (version, work.now, work.actor, source, reason)
    await work.db.execute(SQL["add_version"], facts)
    rows = [
        (version, key, Jsonb(item.model_dump(mode="json", by_alias=True)))
        for key, item in sorted((dict(present) | incoming).items())
    ]
    async with work.db.cursor() as cursor:
        await cursor.executemany(SQL["add_item"], rows)
    _tell(work, version, incoming, present, source, reason)
    return version


def _tell(
    work: UnitOfWork,
    version: int,
    incoming: Mapping[str, CatalogueItem],
    present: Mapping[str, CatalogueItem],
    source: str,
    reason: str,
) -> None:
    entry = NewEntry(
        Subject.CATALOGUE,
        "catalogue",
        "catalogue_imported",
        work.actor,
        work.now,
        reason=reason or None,
        data={
            "version": version,
            "source": source,
            "added": [key for key in incoming if key not in present],
            "changed": [key for key in incoming if key in present],
        },
    )
    work.record(entry)
    log.info("catalogue_imported", version=version, items=len(incoming))
