"""A manhole cover drawn from above, in any of its states, lit and seen from a given side."""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.random import Generator

from scenes.damage import Damage, Mask, break_anyhow, break_cover, shards
from scenes.frame import CoverState, Plane, plane
from scenes.noise import Grain, chance, noise, ramp, tint, within
from scenes.pit import dig_pit
from scenes.relief import PATTERNS, lettering
from scenes.shaft import Opening, PatchGrid, shaft_interior

REACH = 1.6
"""Half the side of a cover's patch, in radii of the cover's frame."""


@dataclass(frozen=True)
class Light:
    """Direction towards the light: x to the right, y towards the viewer, z up; a unit vector."""

    x: float
    y: float
    z: float

    @classmethod
    def draw(cls, rng: Generator) -> "Light":
        """Draw a sun somewhere between low and overhead."""
        turn, height = within(rng, 0, 2 * math.pi), within(rng, 0.4, 1.35)
        return cls(
            math.cos(turn) * math.cos(height), math.sin(turn) * math.cos(height), math.sin(height)
        )


@dataclass(frozen=True)
class CoverPatch:
    """Colour and opacity of the patch, and the factor by which it darkens the ground."""

    colour: Plane
    alpha: Plane
    shade: Plane


@dataclass(frozen=True)
class CoverDesign:
    """Everything that stays the same about one cover, whatever its state."""

    seed: int
    square: bool
    turn: float
    frame_width: float
    gap: float
    iron: Plane
    rim: Plane
    apron: float
    apron_colour: Plane
    foreign: bool = False
    """Whether it is of a kind from elsewhere, and breaks in other ways than this district's covers."""
    broken_in: bool = False
    """Whether its frame is gone, too, when it is open."""

    @classmethod
    def draw(cls, seed: int, *, square_share: float = 0.07) -> "CoverDesign":
        """Draw a design; the same seed gives the same cover."""
        rng = np.random.default_rng([seed, 1])
        iron = _iron(rng)
        return cls(
            seed=seed,
            square=chance(rng, square_share),
            turn=within(rng, 0, 6.28) if chance(rng, 0.5) else within(rng, -0.15, 0.15),
            frame_width=within(rng, 0.04, 0.18),
            gap=within(rng, 0.012, 0.045),
            iron=iron,
            rim=iron * np.float32(within(rng, 0.7, 1.3)) if chance(rng, 0.6) else _iron(rng),
            apron=within(rng, 1.12, 1.5) if chance(rng, 0.4) else 0.0,
            apron_colour=tint(rng, 60, 190, 0.06),
        )

    @classmethod
    def draw_foreign(cls, seed: int) -> "CoverDesign":
        """Draw a cover from anywhere: more squares, wide rims of iron or concrete, pale and coloured lids."""
        rng = np.random.default_rng([seed, 4])
        own = cls.draw(seed, square_share=0.14)
        wide = chance(rng, 0.22)
        iron = _iron(rng) if chance(rng, 0.7) else tint(rng, 120, 215, 0.12)
        return replace(
            own,
            frame_width=within(rng, 0.15, 0.3) if wide else within(rng, 0.0, 0.17),
            gap=within(rng, 0.006, 0.05),
            iron=iron,
            rim=tint(rng, 110, 205, 0.08) if wide and chance(rng, 0.6) else own.rim,
            apron=within(rng, 1.12, 1.55) if chance(rng, 0.3) else 0.0,
            foreign=True,
            broken_in=chance(rng, 0.25) and not own.square,
        )

    @property
    def cover_radius(self) -> float:
        """Radius of the lid, in radii of the frame."""
        return 1 - self.frame_width - self.gap


def _iron(rng: Generator) -> Plane:
    kind = rng.random()
    if kind < 0.55:
        return tint(rng, 40, 135, 0.12)
    if kind < 0.7:
        level = within(rng, 50, 110)
        rust = [within(rng, 0.5, 0.8), within(rng, 0.75, 0.95), within(rng, 1.05, 1.35)]
        return plane(level * np.array(rust))
    if kind < 0.9:
        return tint(rng, 125, 205) * np.array([0.92, 0.98, 1.0], np.float32)
    return plane(within(rng, 60, 150) * rng.uniform(0.75, 1.2, 3))


def draw_cover(
    design: CoverDesign,
    state: CoverState,
    side: int,
    *,
    obliquity: float,
    light: Light,
    severity: float = 0.6,
    lying: bool = False,
) -> CoverPatch:
    """Draw the patch of side x side pixels.

    `obliquity` is the tangent of the angle between the line of sight and the plumb line;
    `severity` (0..1) says how much of a broken cover is gone. A `lying` cover has no frame.
    """
    grid = PatchGrid(side, REACH)
    x, y = grid.axes()
    rho = _radius(design, x, y)
    radius = 1.0 if lying else design.cover_radius
    lid = rho < radius
    rng = np.random.default_rng([design.seed, 2])
    colour = _intact(rng, design, grid, rho, radius, light)
    fault = np.random.default_rng([design.seed, 3, list(CoverState).index(state)])
    if state is CoverState.OPEN and design.broken_in:
        hollow, opacity = dig_pit(fault, grid, obliquity)
        return CoverPatch(_levels(hollow), opacity, np.ones_like(rho))
    if state is CoverState.BROKEN:
        damage = (break_anyhow if design.foreign else break_cover)(
            fault, grid, lid, radius, severity
        )
        colour = _damaged(fault, design, grid, colour, lid, damage, obliquity)
    elif state is CoverState.OPEN:
        colour = _opened(fault, design, grid, colour, rho, obliquity)
    alpha = 1 - ramp(rho, 0.985, 1.005)
    shade = np.ones_like(rho) if lying else _settling(rng, grid, rho)
    if design.apron and not lying:
        colour, alpha = _with_apron(rng, design, grid, colour, alpha, rho)
    border = 1 - ramp(np.maximum(np.abs(x), np.abs(y)), REACH - 0.08, REACH)
    return CoverPatch(_levels(colour), alpha * border, 1 - (1 - shade) * border)


def _levels(colour: Plane) -> Plane:
    return np.clip(colour, 0, 255).astype(np.float32)


def _radius(design: CoverDesign, x: Plane, y: Plane) -> Plane:
    if not design.square:
        return plane(np.hypot(x, y))
    cos_t, sin_t = math.cos(design.turn), math.sin(design.turn)
    return np.maximum(np.abs(x * cos_t + y * sin_t), np.abs(y * cos_t - x * sin_t)).astype(
        np.float32
    )


def _height_map(
    rng: Generator, design: CoverDesign, grid: PatchGrid, rho: Plane, radius: float
) -> Plane:
    x, y = grid.axes()
    cos_t, sin_t = math.cos(design.turn), math.sin(design.turn)
    u, v = (x * cos_t + y * sin_t) / radius, (y * cos_t - x * sin_t) / radius
    height = PATTERNS[int(rng.integers(len(PATTERNS)))](rng, u, v)
    if chance(rng, 0.35):
        inner = within(rng, 0.3, 0.75) * radius
        height = np.where(
            rho < inner, PATTERNS[int(rng.integers(len(PATTERNS)))](rng, u, v), height
        )
        height = np.where(np.abs(rho - inner) < 0.03, 1, height)
    if chance(rng, 0.45):
        hub = within(rng, 0.12, 0.35) * radius
        height = np.where(rho < hub, 0, height)
        height = np.where(np.abs(rho - hub) < 0.025, 1, height)
    height = np.where(rho > radius * within(rng, 0.8, 0.97), float(chance(rng, 0.5)), height)
    if chance(rng, 0.5):
        letters = lettering(rng, grid.side, grid.px_per_radius, radius * within(rng, 0.6, 0.85))
        height = np.maximum(height, letters * within(rng, 0.8, 1.3))
    wear = max(0.5, grid.px_per_radius * within(rng, 0.004, 0.02))
    return plane(cv2.GaussianBlur(height.astype(np.float32), (0, 0), wear))


def _lit(height: Plane, px_per_radius: float, light: Light) -> Plane:
    """Brightness of a height map (in radii) under the light, 1 being straight on."""
    slope_x = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3) * (0.125 * px_per_radius)
    slope_y = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3) * (0.125 * px_per_radius)
    facing = (-slope_x * light.x - slope_y * light.y + light.z) / np.sqrt(
        1 + slope_x**2 + slope_y**2
    )
    return plane(np.clip(facing, 0, None))


def _intact(
    rng: Generator, design: CoverDesign, grid: PatchGrid, rho: Plane, radius: float, light: Light
) -> Plane:
    height = _height_map(rng, design, grid, rho, radius)
    lid, slit = rho < radius, (rho >= radius) & (rho < radius + design.gap)
    relief = height * within(rng, 0.02, 0.09) + noise(rng, Grain.ROUGH, grid.side) * within(
        rng, 0, 0.01
    )
    relief = np.where(lid, relief, np.where(slit, -0.12, 0.015)).astype(np.float32)
    softened = cv2.GaussianBlur(relief, (0, 0), max(0.5, grid.px_per_radius * 0.006))
    facing = _lit(plane(softened), grid.px_per_radius, light)
    low, high = within(rng, 0.55, 1.0), within(rng, 0.95, 1.4)
    paint = design.iron * (low + (high - low) * np.clip(height, 0, 1))[..., None]
    paint = _weathered(rng, grid.side, paint, height)
    rim = (
        design.rim
        * (1 + noise(rng, Grain.ROUGH, grid.side) * 0.1 + noise(rng, Grain.CLOUD, grid.side) * 0.1)[
            ..., None
        ]
    )
    colour = np.where(lid[..., None], paint, rim)
    colour = np.where(slit[..., None], colour * within(rng, 0.12, 0.55), colour)
    colour = _with_key_holes(rng, grid, colour, radius)
    ambient, direct = within(rng, 0.35, 0.6), within(rng, 0.4, 0.65)
    colour = colour * (ambient + direct * facing / max(light.z, 0.3))[..., None]
    if chance(rng, 0.35):
        colour = colour + within(rng, 5, 50) * (np.clip(facing, 0, 1.3) ** 8)[..., None]
    return plane(colour)


def _weathered(rng: Generator, side: int, paint: Plane, height: Plane) -> Plane:
    if chance(rng, 0.45):
        dirt = tint(rng, 50, 180) * np.array([within(rng, 0.6, 0.9), 0.92, 1.0], np.float32)
        cover = np.clip(
            (1 - np.clip(height, 0, 1) * 1.4)
            * (0.5 + 0.5 * noise(rng, Grain.CLOUD, side, zoom=1.3)),
            0,
            1,
        )
        share = (cover * within(rng, 0.3, 1.0))[..., None]
        paint = paint * (1 - share) + dirt * share
    if chance(rng, 0.3):
        rust = np.array(
            [within(rng, 25, 60), within(rng, 55, 95), within(rng, 95, 155)], np.float32
        )
        spread = np.clip(noise(rng, Grain.CLOUD, side) * 0.6 + within(rng, -0.5, 0.4), 0, 1)
        share = (spread * within(rng, 0.3, 0.85))[..., None]
        paint = paint * (1 - share) + rust * share
    mottle = noise(rng, Grain.CLOUD, side) * within(rng, 0.02, 0.16) + noise(
        rng, Grain.SAND, side
    ) * within(rng, 0.01, 0.09)
    return plane(paint * (1 + mottle)[..., None])


def _with_key_holes(rng: Generator, grid: PatchGrid, colour: Plane, radius: float) -> Plane:
    if not chance(rng, 0.6):
        return colour
    x, y = grid.axes()
    count, first, out = (
        int(rng.integers(1, 5)),
        within(rng, 0, 6.28),
        radius * within(rng, 0.45, 0.9),
    )
    wide, tall = within(rng, 0.025, 0.05), within(rng, 0.03, 0.08)
    for index in range(count):
        turn = first + index * 2 * math.pi / count
        hole = np.hypot((x - out * math.cos(turn)) / wide, (y - out * math.sin(turn)) / tall) < 1
        colour = np.where(hole[..., None], colour * 0.15, colour)
    return colour


def _damaged(
    rng: Generator,
    design: CoverDesign,
    grid: PatchGrid,
    colour: Plane,
    lid: Mask,
    damage: Damage,
    obliquity: float,
) -> Plane:
    below = shaft_interior(
        rng, grid, obliquity, Opening(design.cover_radius + design.gap)
    ) * np.float32(within(rng, 0.3, 0.9))
    below = np.where(damage.rubble[..., None], _rubble(rng, grid), below)
    colour = colour * np.where(lid, damage.tilt, 1.0)[..., None]
    colour = colour * (1 - damage.cracks * within(rng, 0.65, 0.95))[..., None]
    gone = damage.missing.astype(np.uint8)
    if chance(rng, 0.6):
        width = max(1, int(grid.px_per_radius * within(rng, 0.01, 0.035)))
        lip = (
            (cv2.dilate(gone, np.ones((3, 3), np.uint8), iterations=width) > 0)
            & lid
            & ~damage.missing
        )
        colour = np.where(lip[..., None], colour * 0.4 + 0.6 * within(rng, 70, 190), colour)
    thickness = round(within(rng, 0.04, 0.12) * min(obliquity, 3.0) * grid.px_per_radius)
    if thickness:
        far = np.zeros_like(gone)
        far[thickness:] = gone[:-thickness]
        slab = (gone > 0) & (far == 0)
        cut = design.iron * np.float32(within(rng, 0.5, 1.0))
        colour_cut = cut * (1 + noise(rng, Grain.ROUGH, grid.side) * 0.2)[..., None]
        below = np.where(slab[..., None], colour_cut, below)
    if chance(rng, 0.25):
        below = _with_bars(rng, grid, below)
    soft = cv2.GaussianBlur(gone.astype(np.float32), (0, 0), max(0.5, grid.px_per_radius * 0.006))[
        ..., None
    ]
    return plane(colour * (1 - soft) + below * soft)


def _rubble(rng: Generator, grid: PatchGrid) -> Plane:
    """What is left of a lid that has fallen in: broken concrete, lit from above."""
    lumps = noise(rng, Grain.ROUGH, grid.side, zoom=within(rng, 1.5, 5)) * within(rng, 15, 50)
    _, y = grid.axes()
    lit = within(rng, 0.4, 0.95) * np.clip(0.8 + 0.4 * y, 0.35, 1.2)
    level = np.clip(lumps + within(rng, 60, 150), 5, 230) * lit
    return plane(level[..., None] * np.array([0.9, 0.96, 1.0], np.float32))


def _with_bars(rng: Generator, grid: PatchGrid, below: Plane) -> Plane:
    x, y = grid.axes()
    turn, count = within(rng, 0, math.pi), within(rng, 2, 5)
    bar = np.abs((x * math.cos(turn) + y * math.sin(turn)) * count % 1.0 - 0.5) < 0.05
    rust = np.array([within(rng, 30, 70), within(rng, 45, 80), within(rng, 60, 120)], np.float32)
    return plane(np.where(bar[..., None], rust, below))


def _opened(
    rng: Generator,
    design: CoverDesign,
    grid: PatchGrid,
    colour: Plane,
    rho: Plane,
    obliquity: float,
) -> Plane:
    mouth = design.cover_radius + design.gap
    ledge = within(rng, 0.02, 0.09) if chance(rng, 0.6) else 0.0
    shallow = chance(rng, 0.35 if design.foreign else 0.2)
    opening = Opening(mouth - ledge, design.turn if design.square else None)
    bright = design.foreign and chance(rng, 0.3)
    inside = shaft_interior(rng, grid, obliquity, opening, shallow=shallow, bright=bright)
    seat = (
        design.rim
        * (within(rng, 0.35, 0.9) * (1 + noise(rng, Grain.ROUGH, grid.side) * 0.15))[..., None]
    )
    colour = np.where((rho < mouth)[..., None], seat, colour)
    edge = rho
    if design.foreign and chance(rng, 0.2):
        edge = rho + noise(rng, Grain.CLOUD, grid.side) * within(rng, 0.02, 0.1)
    hole = (edge < mouth - ledge).astype(np.float32)
    soft = cv2.GaussianBlur(hole, (0, 0), max(0.5, grid.px_per_radius * 0.006))[..., None]
    return plane(colour * (1 - soft) + inside * soft)


def _with_apron(
    rng: Generator, design: CoverDesign, grid: PatchGrid, colour: Plane, alpha: Plane, rho: Plane
) -> tuple[Plane, Plane]:
    collar = (1 - ramp(rho, design.apron - 0.03, design.apron)) * within(rng, 0.5, 1.0)
    mottle = (
        1 + noise(rng, Grain.SAND, grid.side) * 0.07 + noise(rng, Grain.CLOUD, grid.side) * 0.08
    )
    concrete = design.apron_colour * mottle[..., None]
    blended = np.where(
        (alpha > collar)[..., None],
        colour,
        colour * alpha[..., None] + concrete * (1 - alpha[..., None]),
    )
    return plane(blended), plane(np.maximum(alpha, collar))


def _settling(rng: Generator, grid: PatchGrid, rho: Plane) -> Plane:
    """Dark ground round the frame, and sometimes cracks that run out from it."""
    outside = np.clip(rho - 1, 0, 9)
    shade = 1 - within(rng, 0.0, 0.45) * np.exp(-outside / within(rng, 0.02, 0.12))
    if chance(rng, 0.3):
        cells = shards(rng, grid, int(rng.integers(4, 12)), 1.6)
        width = within(rng, 0.006, 0.02)
        shade = shade * (
            1 - (1 - ramp(cells.edge, width * 0.3, width)) * (rho > 1) * within(rng, 0.3, 0.7)
        )
    return plane(shade)
