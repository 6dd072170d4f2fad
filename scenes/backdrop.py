"""The still, flat or distant parts of a street: sky, road, pavements, houses."""

import numpy as np
from numpy.random import Generator

from scenes.camera import GroundCamera
from scenes.facades import draw_row, paint_houses
from scenes.frame import Plane, plane
from scenes.ground import Surface, ground_tile, lay_ground
from scenes.layout import StreetPlan
from scenes.noise import Grain, chance, noise, ramp, tint, within

_WHITE = np.array([222, 226, 226], np.float32)
_YELLOW = np.array([70, 180, 215], np.float32)


def paint_backdrop(rng: Generator, camera: GroundCamera, plan: StreetPlan) -> Plane:
    """Paint the street without anything that stands or moves on it."""
    haze = tint(rng, 190, 230, 0.04)
    image = _sky(rng, camera, haze)
    _far_end(rng, image, camera, haze)
    _paint_ground(rng, image, camera, plan, haze)
    paint_houses(image, camera, plan, draw_row(rng, -6.0), plan.far_wall, haze)
    paint_houses(image, camera, plan, draw_row(rng, -2.0), plan.near_wall, haze)
    return plane(np.clip(image, 0, 255))


def _sky(rng: Generator, camera: GroundCamera, haze: Plane) -> Plane:
    height, width = camera.height, camera.width
    blue = np.array(
        [within(rng, 205, 245), within(rng, 170, 205), within(rng, 130, 190)], np.float32
    )
    down = ramp(
        np.arange(height, dtype=np.float32), -0.25 * height, max(8.0, camera.horizon_row())
    )[:, None, None]
    image = np.broadcast_to(blue * (1 - down) + haze * down, (height, width, 3)).astype(np.float32)
    clouds = np.clip(
        noise(rng, Grain.CLOUD, height, width, zoom=1.2) * 0.5 + within(rng, -0.2, 0.4), 0, 1
    )
    return np.ascontiguousarray(image + (245 - image) * (clouds * 0.7)[..., None], np.float32)


def _far_end(rng: Generator, image: Plane, camera: GroundCamera, haze: Plane) -> None:
    """Close the view at the end of the street with pale blocks."""
    horizon = int(camera.horizon_row()) + 2
    at = 0.0
    while at < camera.width:
        wide, tall = within(rng, 0.02, 0.07) * camera.width, within(rng, 0.01, 0.07) * camera.width
        top, left = max(0, int(horizon - tall)), int(at)
        image[top : max(0, horizon), left : int(at + wide)] = haze * within(rng, 0.72, 0.95)
        at += wide


def _paint_ground(
    rng: Generator, image: Plane, camera: GroundCamera, plan: StreetPlan, haze: Plane
) -> None:
    top = max(0, int(camera.horizon_row()) + 1)
    rows, columns = np.mgrid[top : camera.height, 0 : camera.width].astype(np.float32)
    inverse = np.linalg.inv(camera.ground()).astype(np.float32)
    w = inverse[2, 0] * columns + inverse[2, 1] * rows + inverse[2, 2]
    x = (inverse[0, 0] * columns + inverse[0, 1] * rows + inverse[0, 2]) / w
    y = (inverse[1, 0] * columns + inverse[1, 1] * rows + inverse[1, 2]) / w
    across_axis, along_axis = plan.axes()
    across = (x * across_axis[0] + y * across_axis[1]).astype(np.float32)
    along = (x * along_axis[0] + y * along_axis[1]).astype(np.float32)
    pixel = (np.hypot(y, camera.height_m) / camera.focal_px).astype(np.float32)
    surface = _textured(rng, camera, Surface.ASPHALT, within(rng, 4, 7), along)[top:]
    slabs = _textured(
        rng,
        camera,
        Surface.SLABS if chance(rng, 0.6) else Surface.BRICK,
        within(rng, 2.2, 3.5),
        along,
    )[top:]
    road = _between(across, plan.near_kerb, plan.far_kerb, pixel)[..., None]
    ground = plane(slabs * (1 - road) + surface * road)
    ground = _with_wheel_tracks(rng, ground, across, plan)
    ground = _with_lines(rng, ground, across, along, pixel, plan)
    ground = _with_kerbs(rng, ground, across, pixel, plan)
    veil = ramp(along, 25, 220)[..., None] * 0.8
    image[top:] = ground * (1 - veil) + haze * veil


def _textured(
    rng: Generator, camera: GroundCamera, surface: Surface, metres: float, along: Plane
) -> Plane:
    """Lay a surface that fades to its mean colour where it gets too fine to be seen."""
    tile = ground_tile(rng, surface)
    laid = lay_ground(tile, camera.ground(), metres, camera.width, camera.height)
    mean = tile.mean((0, 1))
    fade = np.zeros((camera.height, camera.width), np.float32)
    fade[camera.height - along.shape[0] :] = ramp(along, 9, 32)
    return np.asarray(laid + (mean - laid) * fade[..., None], np.float32)


def _between(values: Plane, low: float, high: float, pixel: Plane) -> Plane:
    """Share of each pixel that lies between two distances, for pixels of this size."""
    enter = np.clip((values - low) / pixel + 0.5, 0, 1)
    leave = np.clip((high - values) / pixel + 0.5, 0, 1)
    return plane(np.minimum(enter, leave))


def _with_wheel_tracks(rng: Generator, ground: Plane, across: Plane, plan: StreetPlan) -> Plane:
    depth = within(rng, 0.03, 0.1)
    for lane in range(plan.lanes):
        for offset in (-0.75, 0.75):
            off = (across - plan.lane_middle(lane) - offset) / 0.35
            ground = ground * (1 - depth * np.exp(-off * off))[..., None]
    return np.asarray(ground, np.float32)


def _with_lines(
    rng: Generator, ground: Plane, across: Plane, along: Plane, pixel: Plane, plan: StreetPlan
) -> Plane:
    dash, gap = within(rng, 3, 5), within(rng, 3, 6)
    start = within(rng, 0, dash + gap)
    smear = np.clip(pixel * np.abs(along) / 3.0, 0.01, 4.0)
    phase = (along + start) % (dash + gap)
    dashes = np.clip(np.minimum(phase, dash - phase) / smear + 0.5, 0, 1)
    wear = within(rng, 0.6, 0.92) * ramp(noise(rng, Grain.ROUGH, *across.shape), -2.2, -1.2)
    middle = plan.lanes // 2
    for boundary in range(plan.lanes + 1):
        at = plan.road_start + boundary * plan.lane_m
        if boundary == middle:
            for offset in (-0.14, 0.14):
                line = _between(across, at + offset - 0.06, at + offset + 0.06, pixel) * wear
                ground = ground + (_YELLOW - ground) * line[..., None]
            continue
        solid = boundary in (0, plan.lanes)
        line = _between(across, at - 0.07, at + 0.07, pixel) * wear * (1.0 if solid else dashes)
        ground = ground + (_WHITE - ground) * line[..., None]
    return np.asarray(ground, np.float32)


def _with_kerbs(
    rng: Generator, ground: Plane, across: Plane, pixel: Plane, plan: StreetPlan
) -> Plane:
    stone = tint(rng, 150, 200, 0.03)
    for kerb, outward in ((plan.near_kerb, -1.0), (plan.far_kerb, 1.0)):
        low, high = sorted((kerb, kerb + outward * 0.24))
        top = _between(across, low, high, pixel)[..., None]
        ground = ground + (stone - ground) * top
        low, high = sorted((kerb, kerb - outward * 0.09))
        edge = _between(across, low, high, pixel)[..., None] * 0.55
        ground = ground * (1 - edge)
    return np.asarray(ground, np.float32)
