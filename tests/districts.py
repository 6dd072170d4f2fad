"""The one builder of districts: units, territories, assets, devices and positions for tests."""

from datetime import datetime
from typing import NamedTuple

from psycopg import sql
from psycopg.types.json import Jsonb

from hub.db import Connection

DISTRICT = "530303"
LONG_AGO = datetime.fromisoformat("2025-01-01T00:00:00+08:00")
WHOLE_DISTRICT = ((103, 25), (104, 25), (104, 26), (103, 26), (103, 25))
"""A ring of (lon, lat) around all places of the tests."""


class KnownUnit(NamedTuple):
    kind: str
    level: str | None
    name_zh: str
    name_en: str
    parent: str | None = None


UNITS = {
    "housing_bureau": KnownUnit("department", None, "住房和城乡建设局", "Housing Bureau"),
    "power_supply": KnownUnit("department", None, "供电局", "Power Supply"),
    "sanitation": KnownUnit("department", None, "环境卫生管理站", "Sanitation"),
    "public_security": KnownUnit("department", None, "公安分局", "Public Security"),
    "labour": KnownUnit("department", None, "人力资源和社会保障局", "Labour Bureau"),
    "justice": KnownUnit("department", None, "司法局", "Justice Bureau"),
    "district_530303": KnownUnit("territory", "district", "沾益区", "Zhanyi"),
    "town_01": KnownUnit("territory", "township", "西平街道", "Xiping", "district_530303"),
    "village_001": KnownUnit("territory", "village", "玉林社区", "Yulin Community", "town_01"),
    "village_002": KnownUnit("territory", "village", "龙华社区", "Longhua Community", "town_01"),
}
"""Parents come before their children."""


async def add_district(db: Connection) -> None:
    await _insert(
        db,
        "district",
        {
            "code": DISTRICT,
            "name_zh": "沾益区（模拟）",
            "name_en": "Zhanyi (simulated)",
            "center_lon": 103.8,
            "center_lat": 25.6,
            "bounds": [103.0, 25.0, 104.0, 26.0],
        },
    )


async def add_units(db: Connection, *unit_keys: str) -> None:
    """Units of UNITS with all that they belong to, or villages of other names."""
    wanted = set(unit_keys)
    for unit_key, unit in reversed(UNITS.items()):
        if unit_key in wanted and unit.parent is not None:
            wanted.add(unit.parent)
    others = {key: KnownUnit("territory", "village", "村", key.title()) for key in unit_keys}
    for unit_key, unit in (UNITS | (others | UNITS)).items():
        if unit_key in wanted:
            await _insert(db, "unit", {"unit_key": unit_key, **unit._asdict()})


async def add_territory(db: Connection, unit_key: str, ring: object = WHOLE_DISTRICT) -> None:
    """The boundary of a unit: a ring of (lon, lat) that ends where it begins."""
    boundary = {"type": "Polygon", "coordinates": [ring]}
    await _insert(db, "territory", {"unit_key": unit_key, "boundary": Jsonb(boundary)})


async def add_cover(
    db: Connection,
    asset_id: str,
    lon: float,
    lat: float,
    *,
    kind: str = "manhole_sewage",
    owner: str = "housing_bureau",
) -> None:
    """A manhole cover of a unit."""
    names = {
        "manhole_sewage": ("污水井盖", "Sewage cover"),
        "manhole_power": ("电力井盖", "Power cover"),
        "manhole_rain": ("雨水井盖", "Rain cover"),
    }
    name_zh, name_en = names[kind]
    await _insert(
        db,
        "asset",
        {
            "asset_id": asset_id,
            "type": kind,
            "owner_unit": owner,
            "name_zh": name_zh,
            "name_en": name_en,
            "lon": lon,
            "lat": lat,
        },
    )


async def add_device(
    db: Connection, device_id: str, kind: str = "terminals", **columns: object
) -> None:
    """A registered device; a second one of the same id changes nothing."""
    defaults = {"name_zh": "", "name_en": "", "registered_at": LONG_AGO}
    await _insert(db, "device", {"device_id": device_id, "kind": kind, **defaults, **columns})


async def add_position(
    db: Connection,
    device_id: str,
    at: datetime,
    lon: float,
    lat: float,
    *,
    accuracy_m: float = 10,
    battery: float | None = 80,
) -> None:
    """Where a terminal is, in place of where it was."""
    columns = {
        "device_id": device_id,
        "order_at": at,
        "observed_at": at,
        "received_at": at,
        "lon": lon,
        "lat": lat,
        "accuracy_m": accuracy_m,
        "battery": battery,
    }
    await db.execute("DELETE FROM terminal_live WHERE device_id = %s", (device_id,))
    await _insert(db, "terminal_live", columns)


async def _insert(db: Connection, table: str, columns: dict[str, object]) -> None:
    """The first column is the key; a row that is there already stays as it is."""
    await db.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO NOTHING").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(sql.Placeholder() * len(columns)),
            sql.Identifier(next(iter(columns))),
        ),
        list(columns.values()),
    )
