"""The territories of the district: those that contain a place, and the area of each."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from shapely import Geometry, Point, STRtree
from shapely.geometry import shape

from hub.db import Connection, load_queries
from hub.geo.area import Area

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
    """The polygons of the territories, with a spatial index."""

    def __init__(self, areas: list[tuple[Territory, Geometry]]) -> None:
        self._territories = [territory for territory, _ in areas]
        self._tree = STRtree([polygon for _, polygon in areas])
        self._polygons = {territory.unit_key: polygon for territory, polygon in areas}
        self._areas: dict[str, Area] = {}

    def containing(self, lon: float, lat: float) -> tuple[Territory, ...]:
        """All that contain the place, deepest level first; a border belongs to the lower key."""
        found = [self._territories[n] for n in self._tree.query(Point(lon, lat), "intersects")]
        return tuple(
            sorted(found, key=lambda each: (_DEEPEST_FIRST.index(each.level), each.unit_key))
        )

    def area_of(self, unit_key: str) -> Area:
        """The area of a unit's territory, computed once. Raises KeyError without a territory."""
        if unit_key not in self._areas:
            self._areas[unit_key] = Area.within(self._polygons[unit_key])
        return self._areas[unit_key]


async def load_boundaries(db: Connection) -> Boundaries:
    """The present polygons; rebuilt only if one of them has changed."""
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
