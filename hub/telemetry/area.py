"""An area as people draw it: a GeoJSON polygon, or several."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from shapely import is_valid_reason
from shapely.errors import GEOSException
from shapely.geometry import shape

from hub.errors import InvalidInput
from hub.telemetry.squares import Piece, TooLarge, cover
from wire.messages.base import Lat, Lon

MOST_SQUARES = 10_000
"""About 700 km², three townships."""
MOST_CORNERS = 5_000

Ring = Annotated[list[tuple[Lon, Lat]], Field(min_length=4, max_length=MOST_CORNERS)]
Rings = Annotated[list[Ring], Field(min_length=1, max_length=100)]


class PolygonArea(BaseModel):
    """GeoJSON, WGS-84: the outer ring, then its holes; each ends where it begins."""

    model_config = ConfigDict(title="Polygon")

    type: Literal["Polygon"]
    coordinates: Rings


class MultiPolygonArea(BaseModel):
    """GeoJSON, WGS-84."""

    model_config = ConfigDict(title="MultiPolygon")

    type: Literal["MultiPolygon"]
    coordinates: Annotated[list[Rings], Field(min_length=1, max_length=100)]


Area = Annotated[PolygonArea | MultiPolygonArea, Field(discriminator="type")]


def pieces_of(area: PolygonArea | MultiPolygonArea) -> list[Piece]:
    """The squares that make up the area. Raises InvalidInput if it is malformed or too large."""
    try:
        drawn = shape(area.model_dump())
    except (ValueError, GEOSException) as error:
        raise InvalidInput(f"the area is no polygon: {error}", field="area") from error
    reason = is_valid_reason(drawn)
    if reason != "Valid Geometry":
        raise InvalidInput(f"the area is no valid polygon: {reason}", field="area")
    try:
        return cover(drawn, MOST_SQUARES)
    except TooLarge as error:
        raise InvalidInput(
            f"the area is too large: {error}, {MOST_SQUARES} are allowed; query it in parts",
            field="area",
        ) from error
