"""The parts of a picture that the detector gets: the whole, and tiles at native resolution.

A cover 40 pixels wide in 1080p is 9 pixels wide once the whole picture is shrunk to 416. In a tile of
the original picture the detector can see it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edge.boxes import ImageBox
from edge.picture import Picture
from edge.road import Outline, drawn

MOST_TILES = 12
"""With more, a round would take too long; fewer but larger tiles are shrunk instead."""

_OVERLAP = 0.2
"""As a share of a tile's side: an object narrower than this is whole in at least one tile."""
_NEARER = 1.6
"""How much larger the tiles of a row are than those of the row above it."""
_STRETCH = 1.1
"""A tile may be so much larger than the input if that saves a row or a column."""
_GROWTH = 1.25
_WORTH_IT, _FINER = 2.0, 1.25
"""How many times finer than the whole picture the finest tiles must be, and any of them."""
_SMALL_PX, _LARGE_PX = 32, 48
"""In pixels of the whole picture as the detector gets it. Up to the first length only a tile shows an
object well enough; above the second only the whole picture does, because a tile of bare road looks
like a hole that fills it.
"""
_ALL = 1 - 1e-9
_BORDER = 0.01
"""A box so near to a tile's border, as a share of its side, may be cut by it."""


@dataclass(frozen=True, slots=True)
class Viewport:
    """A part of the picture, in pixels and in fractions, and its scale.

    The scale is how many pixels of the detector's input one pixel of the picture becomes.
    """

    left: int
    top: int
    width: int
    height: int
    box: ImageBox
    scale: float

    def of(self, image: Picture) -> Picture:
        """The part of the image that it shows; no copy."""
        return image[self.top : self.top + self.height, self.left : self.left + self.width]

    def holds(self, box: ImageBox) -> bool:
        """Whether the box lies within, clear of borders that are not borders of the picture."""
        own, across, down = self.box, self.box.w * _BORDER, self.box.h * _BORDER
        return (
            (box.x >= own.x + across or own.x <= 0)
            and (box.y >= own.y + down or own.y <= 0)
            and (box.x + box.w <= own.x + own.w - across or own.x + own.w >= _ALL)
            and (box.y + box.h <= own.y + own.h - down or own.y + own.h >= _ALL)
        )


@dataclass(frozen=True, slots=True)
class TilingPlan:
    """The views of pictures of one size, for a detector with one input side."""

    width: int
    height: int
    side: int
    whole: Viewport
    tiles: tuple[Viewport, ...]

    def fits(self, width: int, height: int, side: int) -> bool:
        """Whether the plan is for such pictures and such a detector."""
        return (self.width, self.height, self.side) == (width, height, side)

    def best_views(self, box: ImageBox) -> tuple[Viewport, ...]:
        """The views that show a place best: by its size the finest ones, the whole picture, or both."""
        if self.is_large(box):
            return (self.whole,)
        holding = [view for view in (self.whole, *self.tiles) if view.holds(box)]
        best = max(view.scale for view in holding)
        finest = tuple(view for view in holding if view.scale >= 0.9 * best)
        if self._length_px(box) <= _SMALL_PX or self.whole in finest:
            return finest
        return (self.whole, *finest)

    def is_large(self, box: ImageBox) -> bool:
        """Whether only the whole picture shows enough around an object to recognise it."""
        return self._length_px(box) > _LARGE_PX

    def shown(self, box: ImageBox, looked_at: Iterable[Viewport]) -> bool:
        """Whether these views show a place as well as any view could."""
        best_views = self.best_views(box)
        return any(view in best_views for view in looked_at)

    def _length_px(self, box: ImageBox) -> float:
        """The longer side of a box, in pixels of the whole picture as the detector gets it."""
        return max(box.w * self.width, box.h * self.height) * self.whole.scale


def plan_tiles(width: int, height: int, side: int, road: Outline | None) -> TilingPlan:
    """The views of a picture for a detector with this input side; without a road, no tiles."""
    whole = _view(0, 0, width, height, (width, height), side)
    if road is None:
        return TilingPlan(width, height, side, whole, ())
    tile_side = float(side)
    tiles = _tiles(width, height, side, tile_side, road)
    while len(tiles) > MOST_TILES:
        tile_side *= _GROWTH
        tiles = _tiles(width, height, side, tile_side, road)
    if max((tile.scale for tile in tiles), default=0.0) < _WORTH_IT * whole.scale:
        return TilingPlan(width, height, side, whole, ())
    finer = tuple(tile for tile in tiles if tile.scale >= _FINER * whole.scale)
    return TilingPlan(width, height, side, whole, finer)


def _tiles(
    width: int, height: int, side: int, tile_side: float, road: Outline
) -> Sequence[Viewport]:
    """The tiles over the road's bounding box that show some of the road."""
    plane = drawn(road)
    left, top, right, bottom = _bounds(road, width, height, round(tile_side * 4 * _BORDER))
    tiles = []
    for y, tall in _rows(top, bottom, tile_side):
        for x, wide in _spans(left, right, max(tile_side, tall)):
            tile = _view(x, y, min(wide, width - x), min(tall, height - y), (width, height), side)
            rows, columns = plane.shape
            part = plane[
                int(tile.box.y * rows) : math.ceil((tile.box.y + tile.box.h) * rows),
                int(tile.box.x * columns) : math.ceil((tile.box.x + tile.box.w) * columns),
            ]
            if part.any():
                tiles.append(tile)
    return tiles


def _bounds(road: Outline, width: int, height: int, margin: int) -> tuple[int, int, int, int]:
    across, down = [u for u, _ in road], [v for _, v in road]
    return (
        max(0, math.floor(min(across) * width) - margin),
        max(0, math.floor(min(down) * height) - margin),
        min(width, math.ceil(max(across) * width) + margin),
        min(height, math.ceil(max(down) * height) + margin),
    )


def _rows(top: int, bottom: int, side: float) -> list[tuple[int, int]]:
    """Offsets and heights of rows of tiles, each larger than the one above it.

    Further down in the picture the road is nearer to the camera, and objects are larger.
    """
    rows, upper, least = [], top, side
    while True:
        tall = side if bottom - upper > side * _STRETCH else max(least, bottom - upper)
        rows.append((max(0, min(upper, math.floor(bottom - tall))), math.ceil(tall)))
        if upper + tall >= bottom:
            return rows
        upper += math.floor(tall - side * _OVERLAP)
        side *= _NEARER


def _spans(start: int, end: int, side: float) -> list[tuple[int, int]]:
    """Offsets and lengths of the fewest equal stretches that cover the way and overlap."""
    overlap, length = side * _OVERLAP, end - start
    count = max(1, math.ceil((length - overlap) / (side * _STRETCH - overlap)))
    long = max(side, (length - overlap) / count + overlap)
    if count == 1:
        return [(max(0, min(start, round(end - long))), math.ceil(long))]
    step = (length - long) / (count - 1)
    return [(start + math.floor(step * index), math.ceil(long)) for index in range(count)]


def _view(
    left: int, top: int, width: int, height: int, picture: tuple[int, int], side: int
) -> Viewport:
    box = ImageBox(left / picture[0], top / picture[1], width / picture[0], height / picture[1])
    return Viewport(left, top, width, height, box, side / max(width, height))
