"""Writes a district to a folder, and reads it back."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from firmware_sim.district.files import (
    AssetLayer,
    DeviceRecord,
    DistrictRecord,
    PlaceLayer,
    RoadLayer,
    SimulationFile,
    TerritoryLayer,
    UnitRecord,
    WatchedCamera,
    WaterLayer,
)

T = TypeVar("T")

_DISTRICT: TypeAdapter[DistrictRecord] = TypeAdapter(DistrictRecord)
_UNITS: TypeAdapter[tuple[UnitRecord, ...]] = TypeAdapter(tuple[UnitRecord, ...])
_TERRITORIES: TypeAdapter[TerritoryLayer] = TypeAdapter(TerritoryLayer)
_ROADS: TypeAdapter[RoadLayer] = TypeAdapter(RoadLayer)
_WATERS: TypeAdapter[WaterLayer] = TypeAdapter(WaterLayer)
_PLACES: TypeAdapter[PlaceLayer] = TypeAdapter(PlaceLayer)
_ASSETS: TypeAdapter[AssetLayer] = TypeAdapter(AssetLayer)
_DEVICES: TypeAdapter[tuple[DeviceRecord, ...]] = TypeAdapter(tuple[DeviceRecord, ...])
_SIMULATION: TypeAdapter[SimulationFile] = TypeAdapter(SimulationFile)
_WATCHED: TypeAdapter[tuple[WatchedCamera, ...]] = TypeAdapter(tuple[WatchedCamera, ...])


class BadFolder(ValueError):
    """A district folder that can't be used; `path` is the file, `reason` what is wrong with it."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True)
class SimulatedDistrict:
    """Everything in a district folder but the credentials."""

    info: DistrictRecord
    units: tuple[UnitRecord, ...]
    territories: TerritoryLayer
    roads: RoadLayer
    waters: WaterLayer
    places: PlaceLayer
    assets: AssetLayer
    devices: tuple[DeviceRecord, ...]
    simulation: SimulationFile


def write_district(district: SimulatedDistrict, folder: Path) -> None:
    """The same district always makes the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "district.json", _DISTRICT, district.info)
    _write(folder / "units.json", _UNITS, district.units)
    _write(folder / "territories.geojson", _TERRITORIES, district.territories)
    _write(folder / "roads.geojson", _ROADS, district.roads)
    _write(folder / "water.geojson", _WATERS, district.waters)
    _write(folder / "places.geojson", _PLACES, district.places)
    _write(folder / "assets.geojson", _ASSETS, district.assets)
    _write(folder / "devices.json", _DEVICES, district.devices)
    _write(folder / "simulation.json", _SIMULATION, district.simulation)
    _write_edges(district.devices, folder / "edges")


def _write_edges(devices: Iterable[DeviceRecord], folder: Path) -> None:
    """A cameras file for each edge node, and none of a district that was here before."""
    folder.mkdir(exist_ok=True)
    for earlier in folder.glob("*.cameras.json"):
        earlier.unlink()
    for edge_id, cameras in watched_cameras(devices).items():
        _write(folder / f"{edge_id}.cameras.json", _WATCHED, cameras)


def watched_cameras(devices: Iterable[DeviceRecord]) -> dict[str, tuple[WatchedCamera, ...]]:
    """What each edge node's cameras file holds: the node's cameras that have a place."""
    rows = {row.device_id: row for row in devices}
    return {
        edge.device_id: tuple(
            WatchedCamera(
                camera_id=camera.device_id, place=camera.place, coverage_m=camera.coverage_m
            )
            for camera in (rows[camera_id] for camera_id in edge.cameras)
            if camera.place is not None and camera.coverage_m is not None
        )
        for edge in rows.values()
        if edge.kind == "edges"
    }


def read_district(folder: Path) -> SimulatedDistrict:
    """Raises BadFolder if a file is missing or malformed."""
    return SimulatedDistrict(
        info=_read(folder / "district.json", _DISTRICT),
        units=_read(folder / "units.json", _UNITS),
        territories=_read(folder / "territories.geojson", _TERRITORIES),
        roads=_read(folder / "roads.geojson", _ROADS),
        waters=_read(folder / "water.geojson", _WATERS),
        places=_read(folder / "places.geojson", _PLACES),
        assets=_read(folder / "assets.geojson", _ASSETS),
        devices=_read(folder / "devices.json", _DEVICES),
        simulation=_read(folder / "simulation.json", _SIMULATION),
    )


def _write(path: Path, form: TypeAdapter[Any], content: object) -> None:
    path.write_bytes(form.dump_json(content, by_alias=True) + b"\n")


def _read(path: Path, form: TypeAdapter[T]) -> T:
    try:
        return form.validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BadFolder(
            path, "is missing; make the folder with `python -m firmware_sim district --out DIR`"
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        raise BadFolder(path, f"{first['loc']}: {first['msg']}") from error
