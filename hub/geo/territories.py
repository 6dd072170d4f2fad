"""Which territory contains a place: the polygons of the district, kept while they don't change."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from shapely import Geometry, Point, STRtree
from shapely.geometry import shape

from hub.db import Connection, load_queries

SQL = load_queries(__file__)


class TerritoryLevel(StrEnum):
    DISTRICT = "district"
    TOWNSHIP = "township"
    VILLAGE = "village"


_DEEPEST_FIRST = list(reversed(TerritoryLevel))


@dataclass(frozen=True, slots=True)
class Territory:
    unit_key: str
    level: TerritoryLevel


class Boundaries:
    """Polygons with an index. The constructor only stores and indexes them."""

    def __init__(self, areas: list[tuple[Territory, Geometry]]) -> None:
        self._territories = [territory for territory, _ in areas]
        self._tree = STRtree([polygon for _, polygon in areas])

    def containing(self, lon: float, lat: float) -> tuple[Territory, ...]:
        """All that contain the place, deepest level first; a border belongs to the lower key."""
        found = [self._territories[n] for n in self._tree.query(Point(lon, lat), "intersects")]
        return tuple(
            sorted(found, key=lambda each: (_DEEPEST_FIRST.index(each.level), each.unit_key))
        )


async def load_boundaries(db: Connection) -> Boundaries:
    """The present polygons; built anew only if one of them has changed."""
    row = await (await db.execute(SQL["boundaries_version"])).fetchone()
    assert row is not None
    kept = _kept()
    if row[0] not in kept:
        cursor = await db.execute(SQL["boundaries"])
        kept.clear()
        kept[row[0]] = Boundaries([_area(*each) for each in await cursor.fetchall()])
    return kept[row[0]]


@lru_cache(maxsize=1)
def _kept() -> dict[UUID, Boundaries]:
    return {}


def _area(unit_key: str, level: str, boundary: dict[str, Any]) -> tuple[Territory, Geometry]:
    return Territory(unit_key, TerritoryLevel(level)), shape(boundary)
