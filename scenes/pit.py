"""An open hole without a frame: ground that has broken in, with a crumbled edge."""

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from scenes.frame import Plane, plane
from scenes.noise import Grain, chance, noise, ramp, tint, within
from scenes.shaft import Opening, PatchGrid, shaft_interior

_MOUTH = 0.9
"""Where the edge lies on the scale of `_edge`."""


def dig_pit(rng: Generator, grid: PatchGrid, obliquity: float) -> tuple[Plane, Plane]:
    """Return colour and opacity of a pit that reaches one radius to each side."""
    edge = _edge(rng, grid)
    hole = edge < _MOUTH
    inside = shaft_interior(
        rng, grid, obliquity, Opening(1.0), shallow=chance(rng, 0.6), bright=chance(rng, 0.4)
    )
    inside = _with_broken_edge(rng, grid, inside, hole.astype(np.uint8), obliquity)
    crumbs = within(rng, 0.02, 0.16)
    rough = noise(rng, Grain.ROUGH, grid.side, zoom=within(rng, 1, 3))
    soil = tint(rng, 45, 190, 0.15) * (1 + 0.25 * rough)[..., None]
    blurred = cv2.GaussianBlur(
        hole.astype(np.float32), (0, 0), max(0.5, 0.006 * grid.px_per_radius)
    )
    soft = blurred[..., None]
    rim = 1 - ramp(edge + 0.4 * crumbs * rough, _MOUTH + 0.5 * crumbs, _MOUTH + crumbs)
    alpha = np.maximum(rim * within(rng, 0.3, 1.0), blurred)
    return plane(soil * (1 - soft) + inside * soft), plane(alpha)


def _edge(rng: Generator, grid: PatchGrid) -> Plane:
    """Distance from the middle, warped, and stretched so that the hole just fills its box."""
    x, y = grid.axes()
    warp = noise(rng, Grain.CLOUD, grid.side, zoom=within(rng, 1, 2)) * within(rng, 0.04, 0.2)
    warp = warp + noise(rng, Grain.ROUGH, grid.side, zoom=2) * within(rng, 0.0, 0.04)
    edge = plane(np.hypot(x, y) + warp)
    rows, columns = np.nonzero((edge < _MOUTH) & (np.hypot(x, y) < 1.4))
    if len(rows) == 0:
        return plane(np.hypot(x, y) * _MOUTH)
    line = np.linspace(-grid.reach, grid.reach, grid.side, dtype=np.float32)
    across, down = np.meshgrid(_stretched(line, columns), _stretched(line, rows))
    return plane(cv2.remap(edge, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _stretched(line: Plane, found: NDArray[np.intp]) -> Plane:
    """Pixels at which to read, so that the range of `found` is stretched to -1..1."""
    low, high = float(found.min()), float(found.max())
    return plane((low + high) / 2 + line * (high - low) / 2)


def _with_broken_edge(
    rng: Generator, grid: PatchGrid, inside: Plane, hole: Plane, obliquity: float
) -> Plane:
    """Show the thickness of the broken ground: a lit cut along the far edge."""
    thick = round(within(rng, 0.03, 0.25) * min(obliquity, 3.0) * grid.px_per_radius)
    if not thick:
        return inside
    below = np.zeros_like(hole)
    below[thick:] = hole[:-thick]
    cut = (hole > 0) & (below == 0)
    colour = tint(rng, 50, 170, 0.12) * (1 + noise(rng, Grain.ROUGH, grid.side) * 0.25)[..., None]
    return plane(np.where(cut[..., None], colour, inside))
