"""Read the district, its units and the features of the base map."""

from psycopg.rows import class_row, dict_row

from hub.clock import TIMEZONE
from hub.db import Connection, load_queries
from hub.district.views import DistrictView, UnitView
from hub.errors import NotFound

SQL = load_queries(__file__)


async def district_by_code(db: Connection, code: str) -> DistrictView:
    """Raises NotFound if the district is not imported yet."""
    async with db.cursor(row_factory=dict_row) as cursor:
        row = await (await cursor.execute(SQL["district"], (code,))).fetchone()
    if row is None:
        raise NotFound(f"district {code} is not imported; run `hub district import`", code=code)
    return DistrictView(**row, timezone=TIMEZONE.key)


async def list_units(db: Connection) -> list[UnitView]:
    """Departments first, then territories, by key."""
    async with db.cursor(row_factory=class_row(UnitView)) as cursor:
        await cursor.execute(SQL["units"])
        return await cursor.fetchall()


async def base_map(db: Connection) -> bytes:
    """The base map as one GeoJSON FeatureCollection; each feature's `layer` says what it is."""
    rows = await (await db.execute(SQL["base_map"])).fetchall()
    features = ",".join(row[0] for row in rows)
    return f'{{"type":"FeatureCollection","features":[{features}]}}'.encode()
