"""The files of a district folder, as they are written and read."""

from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from firmware_sim.geometry import LonLat


class FileRecord(BaseModel):
    """Unknown fields are an error: a folder of another version should say so."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class DistrictRecord(FileRecord):
    code: str
    name_zh: str
    name_en: str
    center: LonLat
    bounds: tuple[float, float, float, float]


class UnitRecord(FileRecord):
    unit_key: str
    kind: Literal["department", "territory"]
    level: Literal["district", "township", "village"] | None
    name_zh: str
    name_en: str
    parent: str | None


class DeviceRecord(FileRecord):
    """`holder` is who carries a terminal; `cameras` are those that an edge node looks at."""

    device_id: str
    kind: Literal["terminals", "cameras", "edges"]
    name_zh: str
    name_en: str
    unit_key: str
    holder: str | None = None
    capabilities: tuple[str, ...] = ()
    place: LonLat | None = None
    coverage_m: float | None = None
    heading_deg: float | None = None
    cameras: tuple[str, ...] = ()
    gb28181_id: str | None = None


class WatchedCamera(FileRecord):
    """A camera in an edge node's cameras file, as `python -m edge run --help` shows it."""

    camera_id: str
    source: str = "mqtt"
    place: LonLat
    coverage_m: float


class TerminalPlan(FileRecord):
    """A closed route, and the terminal's start on it."""

    device_id: str
    route: tuple[LonLat, ...]
    start_m: float


class CameraPlan(FileRecord):
    """The street that a camera shows, and the cover that lies in it."""

    device_id: str
    scene_seed: int
    asset_id: str | None


class SimulationFile(FileRecord):
    seed: int
    terminals: tuple[TerminalPlan, ...]
    cameras: tuple[CameraPlan, ...]


class UnitTag(FileRecord):
    unit_key: str


class NameTag(FileRecord):
    name_zh: str
    name_en: str


class RoadTag(NameTag):
    grade: Literal["primary", "secondary", "street"] = Field(alias="class")


class PlaceTag(NameTag):
    level: Literal["district", "township", "village"]


class AssetTag(FileRecord):
    asset_id: str
    type: str
    owner_unit: str
    name_zh: str
    name_en: str


class PointShape(FileRecord):
    type: Literal["Point"] = "Point"
    coordinates: LonLat


class LineShape(FileRecord):
    type: Literal["LineString"] = "LineString"
    coordinates: tuple[LonLat, ...]


class AreaShape(FileRecord):
    type: Literal["Polygon"] = "Polygon"
    coordinates: tuple[tuple[LonLat, ...], ...]


Shape = TypeVar("Shape", PointShape, LineShape, AreaShape)
Tag = TypeVar("Tag", UnitTag, NameTag, RoadTag, PlaceTag, AssetTag)


class GeoJsonFeature(FileRecord, Generic[Shape, Tag]):
    type: Literal["Feature"] = "Feature"
    properties: Tag
    geometry: Shape


class GeoJsonLayer(FileRecord, Generic[Shape, Tag]):
    """A GeoJSON FeatureCollection (RFC 7946)."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: tuple[GeoJsonFeature[Shape, Tag], ...]


TerritoryLayer = GeoJsonLayer[AreaShape, UnitTag]
RoadLayer = GeoJsonLayer[LineShape, RoadTag]
WaterLayer = GeoJsonLayer[AreaShape, NameTag]
PlaceLayer = GeoJsonLayer[PointShape, PlaceTag]
AssetLayer = GeoJsonLayer[PointShape, AssetTag]
