"""Which parts of a picture the detector gets: always the whole picture, and some tiles in turn."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from edge.boxes import ImageBox
from edge.gate import Trigger
from edge.tiling import TilingPlan, Viewport


class TilingMode(StrEnum):
    """How a camera's tiles take their turns.

    Tiles that show something new or in doubt always come first, up to the camera's number of tiles
    per look; a look that only settles a doubt takes no others.
    """

    OFF = "off"
    """No tiles: enough if every fault is large in the picture."""
    ROTATE = "rotate"
    """Each look takes the next tiles, so that all looks cost the same."""
    HEARTBEAT = "heartbeat"
    """A heartbeat takes all tiles: a round is faster, but the other cameras wait longer."""


@dataclass(frozen=True)
class TilingLimits:
    """`tiles_per_look` applies to all looks but the heartbeats of TilingMode.HEARTBEAT."""

    tiling: TilingMode = TilingMode.ROTATE
    tiles_per_look: int = 2


class TileScheduler:
    """Chooses the views of each look, and remembers which tile is next."""

    def __init__(self, limits: TilingLimits | None = None) -> None:
        self._limits = limits or TilingLimits()
        self._next = 0

    def choose(
        self, plan: TilingPlan, trigger: Trigger, wanted: Iterable[ImageBox]
    ) -> tuple[Viewport, ...]:
        """The views of one look; the places `wanted` come first, in their order."""
        if self._limits.tiling is TilingMode.OFF or not plan.tiles:
            return (plan.whole,)
        if self._limits.tiling is TilingMode.HEARTBEAT and trigger is Trigger.HEARTBEAT:
            return (plan.whole, *plan.tiles)
        room = min(self._limits.tiles_per_look, len(plan.tiles))
        chosen = list(islice(_tiles_of(plan, wanted), room))
        if self._limits.tiling is TilingMode.ROTATE and trigger is not Trigger.IN_DOUBT:
            chosen += self._in_turn(plan, chosen, room - len(chosen))
        return (plan.whole, *chosen)

    def _in_turn(self, plan: TilingPlan, chosen: Sequence[Viewport], room: int) -> list[Viewport]:
        turn: list[Viewport] = []
        for _ in plan.tiles:
            if len(turn) == room:
                break
            tile = plan.tiles[self._next % len(plan.tiles)]
            self._next += 1
            if tile not in chosen:
                turn.append(tile)
        return turn


def _tiles_of(plan: TilingPlan, places: Iterable[ImageBox]) -> Iterator[Viewport]:
    """One tile for each place that a tile shows best: the one with the place nearest to its middle."""
    shown: list[Viewport] = []
    for place in places:
        tiles = [view for view in plan.best_views(place) if view is not plan.whole]
        if tiles and not any(tile in shown for tile in tiles):
            shown.append(min(tiles, key=lambda view: _off_centre(view, place)))
            yield shown[-1]


def _off_centre(view: Viewport, place: ImageBox) -> float:
    (u, v), (middle_u, middle_v) = place.centre, view.box.centre
    return max(abs(u - middle_u) / view.box.w, abs(v - middle_v) / view.box.h)
