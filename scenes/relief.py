"""Height maps of cast covers: patterns over (u, v) in cover radii, and lettering."""

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator

from scenes.frame import Plane, plane
from scenes.noise import chance, ramp, within, zigzag

Pattern = Callable[[Generator, Plane, Plane], Plane]


def _cell(values: Plane) -> Plane:
    return values % 1.0 - 0.5


def _grid(rng: Generator, u: Plane, v: Plane) -> Plane:
    count, bar = within(rng, 1.5, 5), within(rng, 0.15, 0.45)
    lines = np.maximum(
        ramp(zigzag(u * count), 0.85 - bar, 1.05 - bar),
        ramp(zigzag(v * count), 0.85 - bar, 1.05 - bar),
    )
    return lines if chance(rng, 0.5) else 1 - lines


def _studs(rng: Generator, u: Plane, v: Plane) -> Plane:
    count, edge = within(rng, 2, 6), within(rng, 0.15, 0.4)
    return np.minimum(
        ramp(zigzag(u * count), edge, edge + 0.2), ramp(zigzag(v * count), edge, edge + 0.2)
    )


def _diamonds(rng: Generator, u: Plane, v: Plane) -> Plane:
    count = within(rng, 1.5, 5)
    return np.maximum(
        ramp(zigzag((u + v * 0.6) * count), 0.7, 0.9), ramp(zigzag((u - v * 0.6) * count), 0.7, 0.9)
    )


def _tread(rng: Generator, u: Plane, v: Plane) -> Plane:
    count = within(rng, 2.5, 7)
    turned = (np.floor(u * count) + np.floor(v * count)) % 2 == 0
    a, b = _cell(u * count), _cell(v * count)
    along = np.where(turned, a + b, a - b) * 0.7
    across = np.where(turned, a - b, a + b) * 0.7
    return 1 - ramp(np.hypot(along / 0.4, across / 0.14), 0.8, 1.15)


def _basket(rng: Generator, u: Plane, v: Plane) -> Plane:
    count, bars = within(rng, 2, 6), int(rng.integers(2, 5))
    turned = (np.floor(u * count) + np.floor(v * count)) % 2 == 0
    return ramp(zigzag(np.where(turned, _cell(u * count), _cell(v * count)) * bars), 0.35, 0.6)


def _bricks(rng: Generator, u: Plane, v: Plane) -> Plane:
    count = within(rng, 2, 6)
    row = np.floor(v * count * 2)
    return np.minimum(
        ramp(zigzag(u * count + (row % 2) * 0.5 + 0.5), 0.04, 0.22),
        ramp(zigzag(v * count * 2 + 0.5), 0.08, 0.3),
    )


def _rings(rng: Generator, u: Plane, v: Plane) -> Plane:
    return ramp(zigzag(np.hypot(u, v) * within(rng, 2, 7)), 0.4, 0.65)


def _sectors(rng: Generator, u: Plane, v: Plane) -> Plane:
    rings, spokes = within(rng, 2, 5), int(rng.integers(8, 30))
    radius = np.hypot(u, v)
    turn = np.arctan2(v, u) / (2 * math.pi) + (np.floor(radius * rings) % 2) * 0.5 / spokes
    return np.minimum(
        ramp(zigzag(turn * spokes), 0.12, 0.3), ramp(zigzag(radius * rings + 0.5), 0.15, 0.35)
    )


def _hexagons(rng: Generator, u: Plane, v: Plane) -> Plane:
    count = within(rng, 2.5, 7)
    a, b = u * count, v * count / 1.732
    near = np.minimum(
        np.hypot(_cell(a), _cell(b) * 1.732), np.hypot(_cell(a + 0.5), _cell(b + 0.5) * 1.732)
    )
    return 1 - ramp(near, 0.3, 0.48)


def _dots(rng: Generator, u: Plane, v: Plane) -> Plane:
    count = within(rng, 3.5, 11)
    row = np.floor(v * count)
    return 1 - ramp(np.hypot(_cell(u * count + (row % 2) * 0.5), _cell(v * count)), 0.24, 0.38)


def _bars(rng: Generator, _: Plane, v: Plane) -> Plane:
    return ramp(zigzag(v * within(rng, 2.5, 8)), 0.4, 0.6)


def _plain(_rng: Generator, u: Plane, _v: Plane) -> Plane:
    return np.zeros_like(u)


PATTERNS: tuple[Pattern, ...] = (
    _grid, _studs, _diamonds, _tread, _basket, _bricks, _rings, _sectors, _hexagons, _dots, _bars, _plain,
)  # fmt: skip


def _glyph(rng: Generator, side: int) -> Plane:
    """Draw a letter, or strokes that look like a Chinese character from afar."""
    glyph = np.zeros((side, side), np.uint8)
    stroke = max(1, side // 9)
    if chance(rng, 0.4):
        letter = chr(int(rng.integers(65, 91)))
        cv2.putText(
            glyph, letter, (side // 8, int(side * 0.85)), 0, side / 30, 255, stroke, cv2.LINE_AA
        )
        return plane(glyph / 255)
    for _ in range(int(rng.integers(3, 8))):
        a, b, c = (int(q) for q in rng.uniform(0.08, 0.92, 3) * side)
        ends = [((a, c), (b, c)), ((c, a), (c, b)), ((a, b), (c, a))][int(rng.integers(3))]
        cv2.line(glyph, *ends, 255, stroke, cv2.LINE_AA)
    return plane(glyph / 255)


def lettering(rng: Generator, side: int, px_per_radius: float, ring: float) -> Plane:
    """Letters around a ring of this radius and in a row across the middle."""
    raised = np.zeros((side, side), np.float32)
    glyph_px = max(6, int(px_per_radius * within(rng, 0.14, 0.24)))
    step = 1.25 * glyph_px / (px_per_radius * ring)
    first, count = within(rng, 0, 6.28), int(rng.integers(4, 18)) if chance(rng, 0.6) else 0
    for index in range(min(count, int(2 * math.pi / step))):
        angle = first + index * step
        centre = (
            side / 2 + math.cos(angle) * ring * px_per_radius,
            side / 2 + math.sin(angle) * ring * px_per_radius,
        )
        middle, degrees = (glyph_px / 2, glyph_px / 2), -math.degrees(angle) - 90
        turn = np.asarray(cv2.getRotationMatrix2D(middle, degrees, 1.0), np.float64)
        turn[:, 2] += np.array(centre) - glyph_px / 2
        raised = np.maximum(raised, cv2.warpAffine(_glyph(rng, glyph_px), turn, (side, side)))
    row_px = max(6, int(px_per_radius * within(rng, 0.18, 0.34)))
    row = np.hstack([_glyph(rng, row_px) for _ in range(int(rng.integers(1, 5)))])
    top, left = side // 2 - row_px // 2, side // 2 - row.shape[1] // 2
    if left >= 0 and row.shape[1] <= side:
        raised[top : top + row_px, left : left + row.shape[1]] = np.maximum(
            raised[top : top + row_px, left : left + row.shape[1]], row
        )
    return raised
