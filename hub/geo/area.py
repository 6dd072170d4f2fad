"""An area on the ground and the distance to its boundary."""

from dataclasses import dataclass
from math import cos, radians
from typing import Self

import shapely
from pydantic import JsonValue
from shapely.geometry import shape

from hub.geo.distance import METRES_PER_DEGREE
from hub.geo.place import Spot


@dataclass(frozen=True, slots=True)
class Area:
    """An area in metres around its middle, which is exact enough for some kilometres."""

    polygon: shapely.Geometry
    lon0: float
    lat0: float

    @classmethod
    def of(cls, boundary: JsonValue) -> Self:
        """The area within a GeoJSON geometry in WGS-84."""
        return cls.within(shape(boundary))

    @classmethod
    def within(cls, degrees: shapely.Geometry) -> Self:
        """The area within a polygon in degrees, WGS-84."""
        west, south, east, north = degrees.bounds
        lon0, lat0 = (west + east) / 2, (south + north) / 2
        scale = [METRES_PER_DEGREE * cos(radians(lat0)), METRES_PER_DEGREE]
        polygon = shapely.transform(degrees, lambda points: (points - [lon0, lat0]) * scale)
        shapely.prepare(polygon)
        return cls(polygon, lon0, lat0)

    def middle(self) -> Spot:
        """A place inside, with the radius that reaches all of the area from there."""
        inside = self.polygon.representative_point()
        lon = self.lon0 + inside.x / (METRES_PER_DEGREE * cos(radians(self.lat0)))
        lat = self.lat0 + inside.y / METRES_PER_DEGREE
        return Spot(lon, lat, float(shapely.hausdorff_distance(inside, self.polygon)))

    def distance_m(self, lon: float, lat: float) -> float:
        """Metres to the boundary, negative inside."""
        x = (lon - self.lon0) * METRES_PER_DEGREE * cos(radians(self.lat0))
        point = shapely.Point(x, (lat - self.lat0) * METRES_PER_DEGREE)
        if shapely.contains(self.polygon, point):
            return -float(shapely.distance(self.polygon.boundary, point))
        return float(shapely.distance(self.polygon, point))
