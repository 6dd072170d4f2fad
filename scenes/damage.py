"""How covers break: shards that are gone, ragged holes, halves, and cracks."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from scenes.frame import Plane
from scenes.noise import Grain, chance, noise, ramp, within
from scenes.shaft import PatchGrid

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Damage:
    """The missing part, how dark the cracks are (0..1), and how each remaining piece catches the light."""

    missing: Mask
    cracks: Plane
    tilt: Plane
    rubble: Mask
    """Where the missing part has fallen in and lies in view."""


@dataclass(frozen=True)
class _Shards:
    index: NDArray[np.int64]
    edge: Plane
    x: NDArray[np.float64]
    y: NDArray[np.float64]


def shards(rng: Generator, grid: PatchGrid, count: int, spread: float = 0.9) -> _Shards:
    """Split the patch into warped Voronoi cells; `edge` is the distance to the nearest border."""
    x, y = grid.axes()
    warp_x = (
        noise(rng, Grain.CLOUD, grid.side, zoom=1.5) * 0.07
        + noise(rng, Grain.ROUGH, grid.side) * 0.012
    )
    warp_y = (
        noise(rng, Grain.CLOUD, grid.side, zoom=1.5) * 0.07
        + noise(rng, Grain.ROUGH, grid.side) * 0.012
    )
    angle, distance = rng.uniform(0, 2 * math.pi, count), np.sqrt(rng.uniform(0, 1, count)) * spread
    seed_x, seed_y = distance * np.cos(angle), distance * np.sin(angle)
    far = np.stack(
        [(x + warp_x - a) ** 2 + (y + warp_y - b) ** 2 for a, b in zip(seed_x, seed_y, strict=True)]
    )
    index = far.argmin(0)
    far.partition(1, axis=0)
    edge = (np.sqrt(far[1]) - np.sqrt(far[0])).astype(np.float32)
    return _Shards(index, edge, seed_x, seed_y)


def break_cover(
    rng: Generator, grid: PatchGrid, inside: Mask, radius: float, severity: float
) -> Damage:
    """Damage the disc `inside`: between about 4 % (severity 0) and 50 % (severity 1) of it goes."""
    x, y = grid.axes()
    cells = shards(rng, grid, int(rng.integers(4, 13)))
    width = within(rng, 0.006, 0.03)
    cracks = 1 - ramp(cells.edge, width * 0.4, width)
    tilt = within(rng, 0, 0.22) * rng.uniform(-1, 1, 16).astype(np.float32)[cells.index] + 1
    wanted = (0.04 + 0.46 * severity * within(rng, 0.6, 1.0)) * float(inside.sum())
    kind = rng.random()
    if kind < 0.5:
        missing = _lost_shards(rng, cells, inside, wanted)
    elif kind < 0.8:
        missing = _ragged_hole(rng, grid, inside, wanted, radius)
    else:
        missing = _lost_side(rng, grid, x, y, inside, wanted)
    cracks = cracks * inside if chance(rng, 0.8) else np.zeros_like(cracks)
    return _damage(missing & inside, cracks, tilt)


def break_anyhow(
    rng: Generator, grid: PatchGrid, inside: Mask, radius: float, severity: float
) -> Damage:
    """Damage the disc in any of the ways that photos show: part of the lid always stays."""
    kind = rng.random()
    if kind < 0.45:
        return break_cover(rng, grid, inside, radius, severity)
    if kind < 0.6:
        return _cracked(rng, grid, inside)
    if kind < 0.75:
        return _pierced(rng, grid, inside, radius)
    if kind < 0.87:
        return _shifted(rng, grid, inside, radius)
    return _fallen_in(rng, grid, inside, radius)


def _damage(
    missing: Mask, cracks: Plane, tilt: Plane | None = None, rubble: Mask | None = None
) -> Damage:
    whole = np.ones_like(cracks) if tilt is None else tilt
    none = np.zeros_like(missing) if rubble is None else rubble
    return Damage(missing, cracks.astype(np.float32), whole.astype(np.float32), none)


def _cracked(rng: Generator, grid: PatchGrid, inside: Mask) -> Damage:
    """All pieces in place, or one small one lost, and wide cracks between them."""
    cells = shards(rng, grid, int(rng.integers(3, 12)))
    width = within(rng, 0.015, 0.05)
    cracks = (1 - ramp(cells.edge, width * 0.4, width)) * inside
    tilt = 1 + within(rng, 0.05, 0.3) * rng.uniform(-1, 1, 16)[cells.index]
    lost = _lost_shards(rng, cells, inside, 0.02 * float(inside.sum()))
    missing = lost if chance(rng, 0.4) and lost.sum() < 0.3 * inside.sum() else np.zeros_like(lost)
    return _damage(missing, cracks, tilt)


def _pierced(rng: Generator, grid: PatchGrid, inside: Mask, radius: float) -> Damage:
    """Several ragged holes, as when the iron bars of a concrete lid come through."""
    missing = np.zeros_like(inside)
    area = float(inside.sum())
    for _ in range(int(rng.integers(2, 7))):
        missing |= _ragged_hole(rng, grid, inside, within(rng, 0.008, 0.07) * area, radius)
    return _damage(missing, np.zeros(inside.shape, np.float32))


def _shifted(rng: Generator, grid: PatchGrid, inside: Mask, radius: float) -> Damage:
    """The lid has slipped or tilted in its frame, and a crescent stands open."""
    x, y = grid.axes()
    turn, off = within(rng, 0, 2 * math.pi), within(rng, 0.1, 0.42) * radius
    lid = np.hypot(x - off * math.cos(turn), y - off * math.sin(turn)) < radius
    return _damage(inside & ~lid, np.zeros(inside.shape, np.float32))


def _fallen_in(rng: Generator, grid: PatchGrid, inside: Mask, radius: float) -> Damage:
    """The middle has collapsed and its rubble lies in view."""
    x, y = grid.axes()
    reach = np.hypot(x, y) + noise(rng, Grain.CLOUD, grid.side, zoom=1.5) * 0.12
    reach = reach + noise(rng, Grain.ROUGH, grid.side) * 0.05
    missing = (reach < within(rng, 0.35, 0.62) * radius) & inside
    cells = shards(rng, grid, int(rng.integers(4, 9)))
    cracks = (1 - ramp(cells.edge, 0.008, 0.025)) * inside
    return _damage(missing, cracks, rubble=missing if chance(rng, 0.8) else None)


def _lost_shards(rng: Generator, cells: _Shards, inside: Mask, wanted: float) -> Mask:
    from_centre = np.hypot(cells.x, cells.y)
    order = np.argsort(-from_centre) if chance(rng, 0.5) else rng.permutation(len(cells.x))
    missing = np.zeros_like(inside)
    for shard in order[:-2]:
        missing |= (cells.index == shard) & inside
        if missing.sum() >= wanted:
            break
    return missing


def _ragged_hole(
    rng: Generator, grid: PatchGrid, inside: Mask, wanted: float, radius: float
) -> Mask:
    x, y = grid.axes()
    turn, off = within(rng, 0, 2 * math.pi), within(rng, 0, 0.7) * radius
    lean, squeeze = within(rng, 0, math.pi), within(rng, 0.5, 1.0)
    u, v = x - off * math.cos(turn), y - off * math.sin(turn)
    a, b = (
        u * math.cos(lean) + v * math.sin(lean),
        (v * math.cos(lean) - u * math.sin(lean)) / squeeze,
    )
    rough = noise(rng, Grain.ROUGH, grid.side, zoom=within(rng, 1, 3)) * within(rng, 0.03, 0.1)
    reach = np.hypot(a, b) + rough + noise(rng, Grain.CLOUD, grid.side) * 0.08
    return np.asarray((reach <= _level(reach, inside, wanted)) & inside)


def _lost_side(
    rng: Generator, grid: PatchGrid, x: Plane, y: Plane, inside: Mask, wanted: float
) -> Mask:
    turn = within(rng, 0, 2 * math.pi)
    front = (
        -(x * math.cos(turn) + y * math.sin(turn))
        + noise(rng, Grain.ROUGH, grid.side, zoom=2) * 0.05
    )
    return np.asarray((front <= _level(front, inside, wanted)) & inside)


def _level(values: Plane, inside: Mask, wanted: float) -> float:
    """Return the threshold under which `wanted` pixels of the disc lie."""
    return float(np.quantile(values[inside], min(0.95, wanted / max(1, int(inside.sum())))))
