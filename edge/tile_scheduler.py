"""Where the looks of one camera go: the whole picture each time, and some tiles of the road."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from edge.boxes import ImageBox
from edge.gate import Trigger
from edge.tiling import TilingPlan, Viewport


class TilingMode(StrEnum):
    """How a camera's tiles are looked at.

    At every look those come first that show something new or in doubt, up to the camera's number
    of tiles per look; looks that are only there to settle a doubt take no others.
    """

    OFF = "off"
    """No tiles: enough where every fault is large in the picture."""
    ROTATE = "rotate"
    """Each look goes on to the next tiles, so that all looks cost the same."""
    HEARTBEAT = "heartbeat"
    """A heartbeat looks at all tiles: sooner round, but it holds the other cameras up for longer."""


@dataclass(frozen=True)
class TilingLimits:
    """`tiles_per_look` holds for all looks but the heartbeats of Tiling.HEARTBEAT."""

    tiling: TilingMode = TilingMode.ROTATE
    tiles_per_look: int = 2


class TileScheduler:
    """Chooses the views of each look, and remembers whose turn it is."""

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
    """One tile for each place that a tile shows best: that in whose middle it lies."""
    shown: list[Viewport] = []
    for place in places:
        tiles = [view for view in plan.best_views(place) if view is not plan.whole]
        if tiles and not any(tile in shown for tile in tiles):
            shown.append(min(tiles, key=lambda view: _off_centre(view, place)))
            yield shown[-1]


def _off_centre(view: Viewport, place: ImageBox) -> float:
    (u, v), (middle_u, middle_v) = place.centre, view.box.centre
    return max(abs(u - middle_u) / view.box.w, abs(v - middle_v) / view.box.h)
