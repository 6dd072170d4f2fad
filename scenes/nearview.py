"""Covers as people photograph them: from near or some steps away, on any ground, among other things."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from scenes.camera import GroundCamera
from scenes.compose import cover_box, match_light, paste_cover, patch_side, patch_to_ground
from scenes.cover import CoverDesign, Light, draw_cover
from scenes.exposure import expose
from scenes.frame import CoverState, LabelledBox, Plane, RenderedFrame, plane
from scenes.ground import Surface, ground_tile, lay_ground
from scenes.noise import chance, within
from scenes.photos import StreetPhoto, real_background, real_ground
from scenes.props import (
    lay_stick,
    put_look_alike,
    stand_cone,
    stand_legs,
    strew_leaves,
    write_over,
)
from scenes.roadview import PlacedCover, lay_road, put_cover

_STATES = (CoverState.GOOD, CoverState.BROKEN, CoverState.OPEN)
_STATE_SHARES = (0.36, 0.31, 0.33)
_LEAST_SEEN = 0.4


@dataclass
class _View:
    """A picture in the making: light, camera, labels, and boxes to be ignored."""

    rng: Generator
    camera: GroundCamera
    image: Plane
    light: Light
    boxes: list[LabelledBox]
    ignored: list[LabelledBox]


def near_view(
    seed: int, photos: tuple[StreetPhoto, ...], side: int, everything: tuple[str, ...]
) -> tuple[RenderedFrame, tuple[str, ...]]:
    """Make a picture of at most side x side with one to three covers, seldom none.

    The names beside it are the classes of which every object in it is labelled: `everything`, unless
    it contains part of a real photo in which only some were.
    """
    rng = np.random.default_rng([seed, 151])
    share = math.exp(within(rng, math.log(0.1), math.log(1.1)))
    if chance(rng, 0.5):
        share = within(rng, 0.35, 1.05)
    camera, radius = _stance(rng, side, share)
    image, labelled = _ground(rng, camera, photos)
    if not labelled:
        image = _paled(image, within(rng, 0, 0.8))
    view = _View(rng, camera, image, Light.draw(rng), [], [])
    horizon = int(np.clip(camera.horizon_row(), 0, camera.height))
    if horizon > 12:
        known = _stand_background(view, photos, horizon)
        labelled = tuple(name for name in labelled or everything if name in known or not known)
    if chance(rng, 0.45):
        for _ in range(int(rng.integers(1, 4))):
            put_look_alike(rng, image, float(horizon))
    if not chance(rng, 0.06):
        _put_covers(view, seed, radius, alone=share > 0.45)
    picture = expose(rng, image)
    if chance(rng, 0.1):
        write_over(rng, picture)
    return RenderedFrame(picture, tuple(view.boxes), tuple(view.ignored)), labelled or everything


def _stance(rng: Generator, side: int, share: float) -> tuple[GroundCamera, float]:
    """Choose a camera that shows a cover of the returned radius (metres) over this share of its width."""
    width, height = side, int(side * rng.choice([0.56, 0.62, 0.67, 0.75, 0.75, 1.0, 1.0]))
    if chance(rng, 0.3):
        width, height = height, width
    steep = chance(rng, 0.5 if share > 0.4 else 0.15)
    pitch = within(rng, 0.75, 1.5) if steep else within(rng, 0.22, 0.95)
    radius, focal = within(rng, 0.3, 0.48), width * within(rng, 0.7, 1.6)
    wide_px = share * min(width, height / max(math.sin(pitch), 0.45))
    distance = focal * 2 * radius / wide_px
    roll = within(rng, -0.12, 0.12) if pitch < 0.8 else within(rng, -0.5, 0.5)
    return GroundCamera(width, height, focal, distance * math.sin(pitch), pitch, roll), radius


def _ground(
    rng: Generator, camera: GroundCamera, photos: tuple[StreetPhoto, ...]
) -> tuple[Plane, tuple[str, ...]]:
    """Lay the ground; the names are those labelled in a real photo that is part of it, else empty."""
    size = camera.width, camera.height
    real = real_ground(rng, photos, *size) if photos and chance(rng, 0.5) else None
    if real is not None:
        return real
    if chance(rng, 0.5):
        return lay_road(rng, camera), ()
    surface = list(Surface)[int(rng.integers(len(Surface)))]
    # As wide as the camera is high, so that the grain has a size in the picture, not on the ground.
    metres = max(0.4, camera.height_m * within(rng, 0.6, 1.8))
    return lay_ground(ground_tile(rng, surface), camera.ground(), metres, *size), ()


def _paled(image: Plane, share: float) -> Plane:
    return plane(image + (image.mean(2, keepdims=True) - image) * share)


def _stand_background(
    view: _View, photos: tuple[StreetPhoto, ...], horizon: int
) -> tuple[str, ...]:
    """Hide what lies above the horizon; returns the classes labelled in the photo used for it."""
    if photos and chance(view.rng, 0.7):
        behind, known = real_background(view.rng, photos, view.camera.width, horizon)
        view.image[:horizon] = behind
        edge = slice(max(0, horizon - 3), horizon + 3)
        view.image[edge] = cv2.GaussianBlur(view.image[edge], (0, 0), 1.5)
        return known
    haze = np.linspace(235, 200, horizon, dtype=np.float32)[:, None, None]
    view.image[:horizon] = haze * within(view.rng, 0.5, 1.0)
    return ()


def _put_covers(view: _View, seed: int, radius: float, *, alone: bool) -> None:
    count = 1 if alone else 1 + int(view.rng.integers(0, 3))
    placed: list[tuple[float, float]] = []
    for index in range(count):
        spot = _spot(view, placed, radius, central=index == 0)
        if spot is None:
            continue
        placed.append(spot)
        number = seed + 7_000_000 * index
        own = chance(view.rng, 0.3)
        design = CoverDesign.draw(number) if own else CoverDesign.draw_foreign(number)
        state = _STATES[int(view.rng.choice(3, p=_STATE_SHARES))]
        severity = within(view.rng, 0.05, 1.0)
        scale = within(view.rng, 0.75, 1.1) if index else 1.0
        _put_one(view, PlacedCover(design, state, *spot, radius * scale, severity))


def _spot(
    view: _View, taken: list[tuple[float, float]], radius: float, *, central: bool
) -> tuple[float, float] | None:
    camera, rng = view.camera, view.rng
    across, down = (0.14, (0.4, 0.66)) if central and chance(rng, 0.85) else (0.45, (0.1, 0.95))
    top = max(camera.horizon_row() + 0.08 * camera.height, 0.0)
    for _ in range(8):
        column = within(rng, 0.5 - across, 0.5 + across) * camera.width
        row = within(rng, max(top, down[0] * camera.height), down[1] * camera.height)
        x, y = camera.ground_at(column, row)
        near = any(math.hypot(x - a, y - b) < 2.6 * radius for a, b in taken)
        behind = camera.depth(x, y - 1.6 * radius) < 0.05
        far = camera.obliquity(x, y) > 6 or camera.pixels_per_metre(x, y) * radius < 5
        if not near and not far and not behind:
            return x, y
    return None


def _put_one(view: _View, cover: PlacedCover) -> None:
    whole = put_cover(view.rng, view.image, view.camera, cover, view.light)
    inside = whole.clipped(view.camera.width, view.camera.height)
    seen = inside.area / max(whole.area, 1.0)
    if seen < 0.05:
        return
    (view.boxes if seen > _LEAST_SEEN else view.ignored).append(inside)
    if cover.state is CoverState.OPEN and chance(view.rng, 0.42):
        _lay_lid(view, cover)
    _dress(view, inside, cover.state)


def _lay_lid(view: _View, hole: PlacedCover) -> None:
    """Lay a lid beside the hole or half over it, with its shadow and its thickness."""
    rng, camera = view.rng, view.camera
    turn = within(rng, 0, 2 * math.pi)
    away = within(rng, 0.75, 1.3) if chance(rng, 0.4) else within(rng, 1.3, 2.4)
    place = (
        hole.x + math.cos(turn) * away * hole.radius_m,
        hole.y + math.sin(turn) * away * hole.radius_m,
    )
    if camera.depth(place[0], place[1] - 1.6 * hole.radius_m) < 0.05:
        return
    design = CoverDesign.draw_foreign(hole.design.seed + 1)
    state = CoverState.GOOD if chance(rng, 0.85) else CoverState.BROKEN
    box = cover_box(state.label, design, camera.ground(), place, hole.radius_m)
    patch = draw_cover(
        design,
        state,
        patch_side(box),
        obliquity=min(camera.obliquity(*place), 5.0),
        light=view.light,
        lying=True,
    )
    match = match_light(view.image, box, within(rng, 0.3, 0.9), within(rng, 0.1, 0.6))
    side = patch.alpha.shape[0]
    below = camera.ground() @ patch_to_ground(side, place, hole.radius_m * 1.02)
    _cast_shadow(view, patch.alpha, below, 0.02 * box.w)
    thick = max(1.0, box.w * within(rng, 0.02, 0.06) * min(camera.obliquity(*place), 2.0))
    for lift, shade in ((0.0, 0.45), (thick, 1.0)):
        raised = np.array([[1, 0, 0], [0, 1, -lift], [0, 0, 1.0]]) @ below
        paste_cover(view.image, patch, raised, match * np.float32(shade))
    lid = LabelledBox(box.label, box.x, box.y - thick, box.w, box.h + thick)
    view.ignored.append(lid.clipped(camera.width, camera.height))


def _cast_shadow(view: _View, alpha: Plane, to_image: Plane, blur_px: float) -> None:
    height, width = view.image.shape[:2]
    shift = view.rng.uniform(-0.05, 0.05) * width, view.rng.uniform(-0.01, 0.03) * height
    moved = np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1.0]]) @ to_image
    mask = cv2.warpPerspective(np.asarray(alpha, np.float32), moved, (width, height))
    soft = cv2.GaussianBlur(mask, (0, 0), max(0.6, blur_px))
    view.image *= 1 - (soft * within(view.rng, 0.3, 0.75))[..., None]


def _dress(view: _View, box: LabelledBox, state: CoverState) -> None:
    """Add things that people leave at such a place; most of each cover stays in view."""
    rng, image = view.rng, view.image
    if chance(rng, 0.18 if state is CoverState.OPEN else 0.03):
        for _ in range(int(rng.integers(1, 4))):
            foot = box.x + box.w * within(rng, -0.5, 1.5), box.y + box.h * within(rng, -0.1, 1.3)
            stand_cone(rng, image, *foot, box.w * within(rng, 0.25, 0.9))
    if chance(rng, 0.08):
        side = within(rng, -0.6, -0.15) if chance(rng, 0.5) else within(rng, 1.15, 1.6)
        stand_legs(
            rng,
            image,
            box.x + side * box.w,
            box.y + box.h * within(rng, -0.2, 0.5),
            max(4.0, 0.12 * box.w),
        )
    if chance(rng, 0.15):
        strew_leaves(rng, image, box)
    if chance(rng, 0.12 if state is CoverState.OPEN else 0.02):
        lay_stick(rng, image, box)
