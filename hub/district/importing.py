"""Read a district folder: units and their territories, the base map, assets and devices."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from psycopg.types.json import Jsonb
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from hub.db import Connection
from hub.devices.listing import RegistryRow
from hub.devices.registry import put_devices
from hub.district.store import SQL
from hub.errors import InvalidInput
from wire.messages.base import Lat, Lon
from wire.topics import DISTRICT_PATTERN

Properties = TypeVar("Properties", bound=BaseModel)
LonLat = tuple[Lon, Lat]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class DistrictFile(_Row):
    """Without `place_margin_m`, the district keeps the margin that it has."""

    code: Annotated[str, Field(pattern=DISTRICT_PATTERN)]
    name_zh: str
    name_en: str
    center: LonLat
    bounds: tuple[Lon, Lat, Lon, Lat]
    place_margin_m: Annotated[float, Field(ge=0, le=1_000_000)] | None = None


class UnitRow(_Row):
    unit_key: str
    kind: str
    level: str | None = None
    name_zh: str
    name_en: str
    parent: str | None = None


class TerritoryProperties(_Row):
    unit_key: str


class AssetProperties(_Row):
    asset_id: str
    type: str
    owner_unit: str | None = None
    name_zh: str
    name_en: str


class MapProperties(_Row):
    model_config = ConfigDict(frozen=True, extra="allow")


class Geometry(_Row):
    model_config = ConfigDict(frozen=True, extra="allow")
    type: str
    coordinates: Any


class Feature(_Row, Generic[Properties]):
    properties: Properties
    geometry: Geometry


class Features(_Row, Generic[Properties]):
    features: tuple[Feature[Properties], ...]


MAP_LAYERS = {"road": "roads.geojson", "water": "water.geojson", "place": "places.geojson"}
_UNITS, _DEVICES = TypeAdapter(list[UnitRow]), TypeAdapter(list[RegistryRow])


async def import_district(db: Connection, folder: Path, now: datetime) -> dict[str, int]:
    """Bring the registry to the state of the folder; returns how many of each were read.

    Nothing is deleted. Raises InvalidInput naming the file, the row and the reason.
    """
    district = _read(folder / "district.json", DistrictFile.model_validate)
    units = _read(folder / "units.json", _UNITS.validate_python)
    devices = _read(folder / "devices.json", _DEVICES.validate_python)
    territories = _read(
        folder / "territories.geojson", Features[TerritoryProperties].model_validate
    ).features
    assets = _read(folder / "assets.geojson", Features[AssetProperties].model_validate).features
    await _put_district(db, district)
    cursor = db.cursor()
    for unit in _parents_first(units):
        await cursor.execute(SQL["put_unit"], tuple(unit.model_dump().values()))
    await cursor.executemany(
        SQL["put_territory"],
        [(t.properties.unit_key, Jsonb(t.geometry.model_dump())) for t in territories],
    )
    await cursor.execute(SQL["note_place_units"])
    await cursor.executemany(
        SQL["put_asset"],
        [(*a.properties.model_dump().values(), *a.geometry.coordinates) for a in assets],
    )
    features = 0
    for layer, name in MAP_LAYERS.items():
        features += await _import_layer(db, layer, folder / name)
    await cursor.execute(SQL["note_roads"])
    await put_devices(db, devices, now)
    return {
        "units": len(units),
        "territories": len(territories),
        "assets": len(assets),
        "map_features": features,
        "devices": len(devices),
    }


async def _put_district(db: Connection, district: DistrictFile) -> None:
    lon, lat = district.center
    columns = {"center_lon": lon, "center_lat": lat, "bounds": [*district.bounds]}
    facts = district.model_dump(exclude={"center", "bounds"})
    await db.execute(SQL["put_district"], facts | columns)


async def _import_layer(db: Connection, layer: str, path: Path) -> int:
    features = _read(path, Features[MapProperties].model_validate).features
    await db.execute(SQL["clear_map"], (layer,))
    await db.cursor().executemany(
        SQL["put_map_feature"],
        [
            (layer, Jsonb(f.properties.model_dump()), Jsonb(f.geometry.model_dump()))
            for f in features
        ],
    )
    return len(features)


def read_devices(folder: Path) -> list[RegistryRow]:
    """The devices of a district folder. Raises InvalidInput."""
    return _read(folder / "devices.json", _DEVICES.validate_python)


_T = TypeVar("_T")


def _read(path: Path, check: Callable[[object], _T]) -> _T:
    try:
        return check(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise InvalidInput(f"{path} is missing", file=str(path)) from None
    except json.JSONDecodeError as error:
        raise InvalidInput(f"{path} is not JSON: {error}", file=str(path)) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{path}: {where}: {first['msg']}", file=str(path)) from None


def _parents_first(units: list[UnitRow]) -> list[UnitRow]:
    """Parents before their children. Raises InvalidInput for a missing parent."""
    done: dict[str | None, UnitRow | None] = {None: None}
    waiting = list(units)
    while waiting:
        ready = [unit for unit in waiting if unit.parent in done]
        if not ready:
            lost = waiting[0]
            raise InvalidInput(f"unit {lost.unit_key}: there is no parent {lost.parent}")
        done |= {unit.unit_key: unit for unit in ready}
        waiting = [unit for unit in waiting if unit.unit_key not in done]
    return [unit for unit in done.values() if unit is not None]
