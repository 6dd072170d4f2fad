"""Read the catalogue."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from psycopg.rows import class_row

from hub.catalogue.item import CatalogueItem, Condition, DetectorRule
from hub.db import Connection, database_of, load_queries
from hub.errors import NotFound, Unavailable

SQL = load_queries(__file__)


@dataclass(frozen=True, slots=True)
class DetectorMatch:
    """The condition that a model's class shows, and the detections that confirm it."""

    item: CatalogueItem
    condition: Condition
    detector: DetectorRule


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """A version of the catalogue: when, by whom and from what it was made, and its number of items."""

    version: int
    imported_at: datetime
    imported_by: str
    source: str
    reason: str
    items: int


async def versions(db: Connection) -> list[VersionFacts]:
    """All versions, the newest first."""
    async with db.cursor(row_factory=class_row(VersionFacts)) as cursor:
        await cursor.execute(SQL["versions"])
        return await cursor.fetchall()


async def items_by_key(db: Connection, version: int) -> Mapping[str, CatalogueItem]:
    """The items of a version by key. Raises NotFound if there is no such version."""
    found = await _items(db, version)
    if not found:
        raise NotFound(f"the catalogue has no version {version}", version=version)
    return found


async def newest_version(db: Connection) -> int | None:
    """The number of the newest version, or None before the first import."""
    row = await (await db.execute(SQL["current_version"])).fetchone()
    return None if row is None or row[0] is None else int(row[0])


async def current_version(db: Connection) -> int:
    """The number of the newest version. Raises Unavailable before the first import."""
    version = await newest_version(db)
    if version is None:
        raise Unavailable("the catalogue is empty; import one with `hub catalogue import`")
    return version


async def item(db: Connection, version: int, item_key: str) -> CatalogueItem:
    """One item of a version. Raises NotFound."""
    found = await find_item(db, version, item_key)
    if found is None:
        raise NotFound(
            f"version {version} of the catalogue has no item {item_key}", item_key=item_key
        )
    return found


async def find_item(db: Connection, version: int, item_key: str) -> CatalogueItem | None:
    return (await _items(db, version)).get(item_key)


async def items(db: Connection, version: int) -> list[CatalogueItem]:
    """All items of a version, by key."""
    return list((await _items(db, version)).values())


async def unit_names(db: Connection, unit_key: str) -> tuple[str, str]:
    """Chinese and English name of a unit. Raises NotFound."""
    row = await (await db.execute(SQL["names_of_unit"], (unit_key,))).fetchone()
    if row is None:
        raise NotFound(f"there is no unit {unit_key}", unit_key=unit_key)
    return row[0], row[1]


async def by_detector(db: Connection, label: str, day: date) -> DetectorMatch | None:
    """The condition that a model's class shows, or None.

    It is one of the newest version, of an item that is in force on the local `day`.
    """
    for candidate in await items(db, await current_version(db)):
        if not candidate.in_force(day):
            continue
        for condition in candidate.conditions:
            for detector in condition.detectors:
                if detector.label == label:
                    return DetectorMatch(candidate, condition, detector)
    return None


_KEPT_VERSIONS = 8
_Key: TypeAlias = tuple[str, int, datetime]
_kept: OrderedDict[_Key, Mapping[str, CatalogueItem]] = OrderedDict()


async def _items(db: Connection, version: int) -> Mapping[str, CatalogueItem]:
    """The items of a version by key. A version never changes, so the newest few stay in memory.

    A restored database may give a known number to another import, which has another time.
    """
    row = await (await db.execute(SQL["imported_at"], (version,))).fetchone()
    if row is None:
        return {}
    key = (database_of(db), version, row[0])
    if key not in _kept:
        cursor = await db.execute(SQL["items"], (version,))
        found = [CatalogueItem.model_validate(row[0]) for row in await cursor.fetchall()]
        if not found:
            return {}
        _kept[key] = {each.item_key: each for each in found}
        if len(_kept) > _KEPT_VERSIONS:
            _kept.popitem(last=False)
    return _kept[key]
