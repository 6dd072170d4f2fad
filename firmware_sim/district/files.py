"""The files of a district folder, as they are written and read."""

from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from firmware_sim.plane import LonLat


class Row(BaseModel):
    """Unknown fields are an error: a folder of another version should say so."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class DistrictRow(Row):
    code: str
    name_zh: str
    name_en: str
    center: LonLat
    bounds: tuple[float, float, float, float]


class UnitRow(Row):
    unit_key: str
    kind: Literal["department", "territory"]
    level: Literal["district", "township", "village"] | None
    name_zh: str
    name_en: str
    parent: str | None


class DeviceRow(Row):
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


class WatchedCamera(Row):
    """A camera in an edge node's cameras file, as `python -m edge run --help` shows it."""

    camera_id: str
    source: str = "mqtt"
    place: LonLat
    coverage_m: float


class TerminalPlan(Row):
    """A closed route and where on it the terminal starts."""

    device_id: str
    route: tuple[LonLat, ...]
    start_m: float


class CameraPlan(Row):
    """The street that a camera shows, and the cover that lies in it."""

    device_id: str
    scene_seed: int
    asset_id: str | None


class SimulationFile(Row):
    seed: int
    terminals: tuple[TerminalPlan, ...]
    cameras: tuple[CameraPlan, ...]


class UnitTag(Row):
    unit_key: str


class NameTag(Row):
    name_zh: str
    name_en: str


class RoadTag(NameTag):
    grade: Literal["primary", "secondary", "street"] = Field(alias="class")


class PlaceTag(NameTag):
    level: Literal["district", "township", "village"]


class AssetTag(Row):
    asset_id: str
    type: str
    owner_unit: str
    name_zh: str
    name_en: str


class PointShape(Row):
    type: Literal["Point"] = "Point"
    coordinates: LonLat


class LineShape(Row):
    type: Literal["LineString"] = "LineString"
    coordinates: tuple[LonLat, ...]


class AreaShape(Row):
    type: Literal["Polygon"] = "Polygon"
    coordinates: tuple[tuple[LonLat, ...], ...]


Shape = TypeVar("Shape", PointShape, LineShape, AreaShape)
Tag = TypeVar("Tag", UnitTag, NameTag, RoadTag, PlaceTag, AssetTag)


class Feature(Row, Generic[Shape, Tag]):
    type: Literal["Feature"] = "Feature"
    properties: Tag
    geometry: Shape


class Layer(Row, Generic[Shape, Tag]):
    """A GeoJSON FeatureCollection (RFC 7946)."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: tuple[Feature[Shape, Tag], ...]


Territories = Layer[AreaShape, UnitTag]
Roads = Layer[LineShape, RoadTag]
Waters = Layer[AreaShape, NameTag]
Places = Layer[PointShape, PlaceTag]
Assets = Layer[PointShape, AssetTag]
