"""An area as squares of 1/400 degree: whole squares, and pieces of those at its border. Pure."""

from dataclasses import dataclass
from math import floor

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry

PER_DEGREE = 400
_ROWS = 100_000


class TooLarge(ValueError):
    """The area has more squares than are allowed; `squares` is roughly how many."""

    def __init__(self, squares: int) -> None:
        super().__init__(f"about {squares} squares")
        self.squares = squares


@dataclass(frozen=True, slots=True)
class Piece:
    """A square and the part of it within the area: a ring of corners, or None for the whole square."""

    square: int
    ring: tuple[tuple[float, float], ...] | None

    @property
    def polygon(self) -> str | None:
        """The ring as PostgreSQL reads a polygon."""
        if self.ring is None:
            return None
        return "(" + ",".join(f"({lon!r},{lat!r})" for lon, lat in self.ring) + ")"


def square_of(lon: float, lat: float) -> int:
    """The number of the square at a position, as telemetry_square() in the database computes it."""
    return floor((lon + 180) * PER_DEGREE) * _ROWS + floor((lat + 90) * PER_DEGREE)


def cover(area: Geometry, most: int) -> list[Piece]:
    """The pieces that make up a valid polygon or multipolygon. Raises TooLarge above `most` squares."""
    columns, rows = _grid(area)
    if columns.size * rows.size > 50 * most:
        raise TooLarge(columns.size * rows.size)
    xs, ys = (axis.ravel() for axis in np.meshgrid(columns, rows))
    boxes = shapely.box(*_corners(xs, ys))
    shapely.prepare(area)
    met = shapely.intersects(area, boxes)
    xs, ys, boxes = xs[met], ys[met], boxes[met]
    if boxes.size > most:
        raise TooLarge(boxes.size)
    inside = shapely.contains(area, boxes)
    numbers = xs * _ROWS + ys
    whole = [Piece(int(number), None) for number in numbers[inside]]
    return whole + _cut(area, numbers[~inside], boxes[~inside])


def _grid(area: Geometry) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    west, south, east, north = shapely.bounds(area)
    first, last = square_of(west, south), square_of(east, north)
    return (
        np.arange(first // _ROWS, last // _ROWS + 1),
        np.arange(first % _ROWS, last % _ROWS + 1),
    )


def _corners(
    xs: NDArray[np.int64], ys: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    west, south = xs / PER_DEGREE - 180, ys / PER_DEGREE - 90
    return west, south, (xs + 1) / PER_DEGREE - 180, (ys + 1) / PER_DEGREE - 90


def _cut(area: Geometry, numbers: NDArray[np.int64], boxes: NDArray[np.object_]) -> list[Piece]:
    """The pieces of border squares; a piece with a hole is split along the middle of the hole."""
    parts, origin = shapely.get_parts(shapely.intersection(area, boxes), return_index=True)
    pieces = []
    for part, number in zip(parts, numbers[origin], strict=True):
        if part.geom_type == "Polygon" and part.area > 0:
            pieces += [Piece(int(number), _ring(simple)) for simple in _without_holes(part)]
    return pieces


def _without_holes(polygon: Geometry) -> list[Geometry]:
    if not polygon.interiors:
        return [polygon]
    west, south, east, north = polygon.bounds
    middle = polygon.interiors[0].centroid.x
    halves = (shapely.box(west, south, middle, north), shapely.box(middle, south, east, north))
    return [
        simple
        for half in halves
        for part in shapely.get_parts(shapely.intersection(polygon, half))
        if part.geom_type == "Polygon" and part.area > 0
        for simple in _without_holes(part)
    ]


def _ring(polygon: Geometry) -> tuple[tuple[float, float], ...]:
    return tuple((float(lon), float(lat)) for lon, lat in polygon.exterior.coords)
