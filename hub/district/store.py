"""Read the district, its units and the features of the base map."""

from dataclasses import dataclass

from psycopg.rows import class_row

from hub.db import Connection, load_queries
from hub.errors import NotFound

SQL = load_queries(__file__)

LonLat = tuple[float, float]
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class District:
    """`bounds` are west, south, east, north."""

    code: str
    name_zh: str
    name_en: str
    center: LonLat
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Unit:
    unit_key: str
    kind: str
    level: str | None
    name_zh: str
    name_en: str
    parent: str | None


async def district_by_code(db: Connection, code: str) -> District:
    """Raises NotFound where no district folder was imported yet."""
    row = await (await db.execute(SQL["district"], (code,))).fetchone()
    if row is None:
        raise NotFound(f"district {code} is not imported; run `hub district import`", code=code)
    west, south, east, north = row[5]
    return District(row[0], row[1], row[2], (row[3], row[4]), (west, south, east, north))


async def list_units(db: Connection) -> list[Unit]:
    """Departments first, then territories, by key."""
    async with db.cursor(row_factory=class_row(Unit)) as cursor:
        await cursor.execute(SQL["units"])
        return await cursor.fetchall()


async def base_map(db: Connection) -> bytes:
    """The base map as one GeoJSON FeatureCollection; each feature's `layer` says what it is."""
    rows = await (await db.execute(SQL["base_map"])).fetchall()
    features = ",".join(row[0] for row in rows)
    return f'{{"type":"FeatureCollection","features":[{features}]}}'.encode()
