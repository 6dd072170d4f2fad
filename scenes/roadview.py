"""A look down at a piece of road: ground, paint, stains and covers under one camera."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from scenes.camera import GroundCamera, Matrix
from scenes.compose import cover_box, match_light, paste_cover, patch_side, patch_to_ground
from scenes.cover import CoverDesign, Light, draw_cover
from scenes.frame import CoverState, LabelledBox, Plane, plane
from scenes.ground import Surface, ground_tile, lay_ground
from scenes.noise import Grain, chance, noise, ramp, within

ROAD_SURFACES = (
    Surface.ASPHALT,
    Surface.ASPHALT,
    Surface.ASPHALT,
    Surface.CONCRETE,
    Surface.BRICK,
    Surface.SLABS,
)


@dataclass(frozen=True)
class PlacedCover:
    """A cover of this frame radius at a ground point, in metres before the camera."""

    design: CoverDesign
    state: CoverState
    x: float
    y: float
    radius_m: float
    severity: float


def lay_road(rng: Generator, camera: GroundCamera, *, paint_share: float = 0.45) -> Plane:
    """Return a picture of empty ground; rows above the horizon show it as well and want covering."""
    surface = ROAD_SURFACES[int(rng.integers(len(ROAD_SURFACES)))]
    metres = within(rng, 1.6, 3.2)
    image = lay_ground(
        ground_tile(rng, surface), camera.ground(), metres, camera.width, camera.height
    )
    if chance(rng, paint_share):
        _paint_line(rng, image, camera)
    if chance(rng, 0.2):
        _lay_kerb(rng, image, camera)
    for _ in range(int(rng.integers(0, 4))):
        _stain(rng, image, camera)
    return image


def _ground_polygon(image: Plane, camera: GroundCamera, outline: Matrix, share: float) -> Plane:
    """Return how much of each pixel (0..share) a polygon on the ground covers."""
    mask = np.zeros(image.shape[:2], np.float32)
    seen = camera.project(np.c_[outline, np.zeros(len(outline))])
    cv2.fillPoly(mask, [np.round(seen * 16).astype(np.int32)], share, cv2.LINE_AA, 4)
    return mask


def _strip(rng: Generator, camera: GroundCamera, width_m: float) -> Matrix | None:
    """Outline of a long strip through the view, clipped to what lies ahead of the camera."""
    turn, off = within(rng, -1.3, 1.3), within(rng, -1.2, 1.2)
    x, y = camera.ground_at(camera.width / 2, camera.height * 0.6)
    along = np.array([math.sin(turn), math.cos(turn)])
    across = np.array([along[1], -along[0]])
    middle = np.array([x, y]) + across * off
    behind = min(6.0, max(0.2, (middle[1] - 0.15) / max(along[1], 0.05)))
    ends = [middle - along * behind, middle + along * 8.0]
    outline = np.array(
        [
            ends[0] - across * width_m,
            ends[0] + across * width_m,
            ends[1] + across * width_m,
            ends[1] - across * width_m,
        ]
    )
    return outline if all(camera.depth(px, py) > 0.1 for px, py in outline) else None


def _paint_line(rng: Generator, image: Plane, camera: GroundCamera) -> None:
    outline = _strip(rng, camera, within(rng, 0.06, 0.12))
    if outline is None:
        return
    height, width = image.shape[:2]
    worn = ramp(noise(rng, Grain.ROUGH, height, width), -1.6, -0.9)
    mask = (_ground_polygon(image, camera, outline, within(rng, 0.6, 0.95)) * worn)[..., None]
    colour = np.array([225, 230, 230] if chance(rng, 0.7) else [60, 185, 225], np.float32)
    image[:] = image * (1 - mask) + colour * mask


def _lay_kerb(rng: Generator, image: Plane, camera: GroundCamera) -> None:
    outline = _strip(rng, camera, within(rng, 0.1, 0.16))
    if outline is None:
        return
    mottle = 1 + noise(rng, Grain.SAND, *image.shape[:2]) * 0.05
    mask = _ground_polygon(image, camera, outline, 1.0)[..., None]
    image[:] = image * (1 - mask) + (within(rng, 130, 190) * mottle)[..., None] * mask


def _stain(rng: Generator, image: Plane, camera: GroundCamera) -> None:
    """Darken a soft or ragged spot: oil, water, a patch of newer asphalt."""
    height, width = image.shape[:2]
    x, y = camera.ground_at(within(rng, 0, width), within(rng, 0.35, 1.0) * height)
    turn = np.linspace(0, 2 * math.pi, 40, endpoint=False)
    ragged = 1 + 0.18 * np.sin(turn * int(rng.integers(2, 6)) + within(rng, 0, 6)) * rng.uniform(
        0.3, 1.0
    )
    radius = within(rng, 0.08, 0.5)
    outline = np.c_[
        x + radius * ragged * np.cos(turn),
        y + radius * within(rng, 0.5, 1.2) * ragged * np.sin(turn),
    ]
    if min(camera.depth(px, py) for px, py in outline) < 0.1:
        return
    mask = _ground_polygon(image, camera, outline, within(rng, 0.15, 0.5))
    mask = plane(cv2.GaussianBlur(mask, (0, 0), within(rng, 0.8, 0.012 * width + 1)))
    image *= 1 - mask[..., None]


def put_covers(
    rng: Generator, image: Plane, camera: GroundCamera, covers: list[PlacedCover], light: Light
) -> list[LabelledBox]:
    """Draw covers on the picture, far ones first; returns their boxes, clipped to the picture."""
    boxes = []
    for cover in sorted(covers, key=lambda c: -c.y):
        box = put_cover(rng, image, camera, cover, light)
        inside = box.clipped(camera.width, camera.height)
        if inside.area > 0.4 * box.area:
            boxes.append(inside)
    return boxes


def put_cover(
    rng: Generator, image: Plane, camera: GroundCamera, cover: PlacedCover, light: Light
) -> LabelledBox:
    """Draw one cover and return its whole box."""
    place = (cover.x, cover.y)
    box = cover_box(cover.state.label, cover.design, camera.ground(), place, cover.radius_m)
    patch = draw_cover(
        cover.design,
        cover.state,
        patch_side(box),
        obliquity=min(camera.obliquity(*place), 5.0),
        light=light,
        severity=cover.severity,
    )
    match = match_light(
        image, box, within(rng, 0.3, 0.9), within(rng, 0.1, 0.6), within(rng, 0.85, 1.25)
    )
    side = patch.alpha.shape[0]
    paste_cover(image, patch, camera.ground() @ patch_to_ground(side, place, cover.radius_m), match)
    return box
