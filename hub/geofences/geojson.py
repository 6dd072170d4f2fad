"""Fences as GeoJSON: every feature is checked, and bad ones are named. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import shapely
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from shapely.geometry import mapping, shape

from hub.errors import InvalidInput
from wire.crs import gcj02_to_wgs84
from wire.messages import Crs

MAX_FENCES = 1000
MAX_POINTS = 5000
GEOFENCE_ID_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,63}$"

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]


class FenceProperties(BaseModel):
    """The properties of a feature. `crs` is that of its coordinates."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    geofence_id: Annotated[str, Field(pattern=GEOFENCE_ID_PATTERN)]
    name_zh: Name
    name_en: Name | None = None
    margin_m: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] = 15.0
    settle_s: Seconds = 20.0
    dwell_s: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)] | None = None
    crs: Crs | None = None


@dataclass(frozen=True, slots=True)
class DrawnFence:
    """A fence as a file draws it; `boundary` is a GeoJSON geometry in WGS-84."""

    geofence_id: str
    name_zh: str
    name_en: str
    margin_m: float
    settle_s: float
    dwell_s: float | None
    boundary: JsonValue


@dataclass(frozen=True, slots=True)
class BadFeature:
    """`feature` counts from 1; `geofence_id` is null if the feature has none."""

    feature: int
    geofence_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Drawing:
    fences: tuple[DrawnFence, ...]
    bad: tuple[BadFeature, ...]


def parse_text(text: str | bytes, crs: Crs) -> Drawing:
    """Read a file; `crs` applies to features without one. Raises InvalidInput if it isn't GeoJSON."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"the file is not JSON: {error}") from None
    return parse_features(document, crs)


def parse_features(document: object, crs: Crs) -> Drawing:
    """Read a FeatureCollection into good and bad features. Raises InvalidInput."""
    features = document.get("features") if isinstance(document, Mapping) else None
    if not isinstance(features, Sequence) or isinstance(features, str):
        raise InvalidInput("the file must be a GeoJSON FeatureCollection with a list of `features`")
    if len(features) > MAX_FENCES:
        raise InvalidInput(
            f"the file has {len(features)} features; at most {MAX_FENCES} are allowed"
        )
    good: dict[str, DrawnFence] = {}
    bad: list[BadFeature] = []
    for number, feature in enumerate(features, start=1):
        name = _name(feature)
        try:
            fence = _fence(feature, crs)
            if fence.geofence_id in good:
                raise ValueError("geofence_id: it occurs twice in the file")
            good[fence.geofence_id] = fence
        except ValidationError as error:
            bad.append(BadFeature(number, name, "; ".join(_errors(error))))
        except ValueError as error:
            bad.append(BadFeature(number, name, str(error)))
    return Drawing(tuple(good.values()), tuple(bad))


def _name(feature: object) -> str | None:
    properties = feature.get("properties") if isinstance(feature, Mapping) else None
    name = properties.get("geofence_id") if isinstance(properties, Mapping) else None
    return name[:64] if isinstance(name, str) else None


def _fence(feature: object, crs: Crs) -> DrawnFence:
    if not isinstance(feature, Mapping):
        raise ValueError("it is not a feature")  # noqa: TRY004  a fault of the file
    said = FenceProperties.model_validate(feature.get("properties") or {})
    return DrawnFence(
        said.geofence_id,
        said.name_zh,
        said.name_en or said.name_zh,
        said.margin_m,
        said.settle_s,
        said.dwell_s,
        _boundary(feature.get("geometry"), said.crs or crs),
    )


def _boundary(geometry: object, crs: Crs) -> JsonValue:
    if not isinstance(geometry, Mapping) or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        raise ValueError("geometry: it must be a Polygon or a MultiPolygon")
    try:
        drawn = shape(geometry)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, shapely.GEOSException):
        raise ValueError("geometry: its coordinates are not rings of [lon, lat]") from None
    if drawn.is_empty or shapely.get_num_coordinates(drawn) > MAX_POINTS:
        raise ValueError(f"geometry: a fence has between 4 and {MAX_POINTS} points")
    points = shapely.get_coordinates(drawn)
    if not ((abs(points[:, 0]) <= 180) & (abs(points[:, 1]) <= 90)).all():
        raise ValueError("geometry: a point is out of range; the order is lon, lat")
    if not drawn.is_valid:
        raise ValueError(f"geometry: {shapely.is_valid_reason(drawn)}")
    flat = shapely.force_2d(drawn)
    if crs is Crs.GCJ02:
        flat = shapely.transform(flat, lambda each: [gcj02_to_wgs84(*point) for point in each])
    boundary: Any = json.loads(json.dumps(mapping(flat)))
    return boundary  # type: ignore[no-any-return]


def _errors(error: ValidationError) -> list[str]:
    return [
        f"{'.'.join(map(str, each['loc'])) or 'properties'}: {each['msg']}"
        for each in error.errors(include_url=False, include_input=False)
    ]
