"""Read the catalogue."""

from dataclasses import dataclass

from psycopg.types.json import Jsonb

from hub.catalogue.item import CatalogueItem, Condition, DetectorRule
from hub.db import Connection, load_queries
from hub.errors import NotFound, Unavailable

SQL = load_queries(__file__)


@dataclass(frozen=True, slots=True)
class DetectorMatch:
    """The condition that a model's class shows, and the detections that confirm it."""

    item: CatalogueItem
    condition: Condition
    detector: DetectorRule


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
    row = await (await db.execute(SQL["item"], (version, item_key))).fetchone()
    return None if row is None else CatalogueItem.model_validate(row[0])


async def items(db: Connection, version: int) -> list[CatalogueItem]:
    """All items of a version, by key."""
    cursor = await db.execute(SQL["items"], (version,))
    return [CatalogueItem.model_validate(row[0]) for row in await cursor.fetchall()]


async def unit_names(db: Connection, unit_key: str) -> tuple[str, str]:
    """Chinese and English name of a unit. Raises NotFound."""
    row = await (await db.execute(SQL["names_of_unit"], (unit_key,))).fetchone()
    if row is None:
        raise NotFound(f"there is no unit {unit_key}", unit_key=unit_key)
    return row[0], row[1]


async def by_detector(db: Connection, label: str) -> DetectorMatch | None:
    """The condition that a model's class shows in the newest version, or None."""
    version = await current_version(db)
    cursor = await db.execute(SQL["items_by_label"], (version, Jsonb({"label": label})))
    for row in await cursor.fetchall():
        candidate = CatalogueItem.model_validate(row[0])
        for condition in candidate.conditions:
            for detector in condition.detectors:
                if detector.label == label:
                    return DetectorMatch(candidate, condition, detector)
    return None
