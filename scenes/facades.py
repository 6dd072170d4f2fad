"""Rows of houses along a street."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from scenes.camera import GroundCamera, Matrix
from scenes.frame import Plane, plane
from scenes.layout import StreetPlan
from scenes.noise import Grain, chance, noise, tint, within

_PX_PER_M = 14
_NEAREST_M = 0.9
_END_M = 130.0


@dataclass(frozen=True)
class House:
    """One house of a row: from where to where along the street, how high, and its front as a picture."""

    start: float
    end: float
    height_m: float
    wall: Plane
    front: Plane


def draw_row(rng: Generator, start: float) -> list[House]:
    """Draw the houses of one side, from `start` metres along the street to its end."""
    houses, at = [], start
    while at < _END_M:
        wide, storeys = within(rng, 9, 22), int(rng.integers(2, 8))
        wall = tint(rng, 120, 215, 0.06) * np.array(
            [within(rng, 0.8, 1.02), within(rng, 0.9, 1.0), 1.0], np.float32
        )
        tall = 4.2 + 3.1 * (storeys - 1)
        houses.append(House(at, at + wide, tall, wall, _front(rng, wide, tall, storeys, wall)))
        at += wide + (within(rng, 0.5, 5) if chance(rng, 0.3) else 0.0)
    return houses


def _front(rng: Generator, wide: float, tall: float, storeys: int, wall: Plane) -> Plane:
    columns, rows = int(wide * _PX_PER_M), int(tall * _PX_PER_M)
    mottle = (
        1
        + noise(rng, Grain.CLOUD, rows, columns) * 0.05
        + noise(rng, Grain.SAND, rows, columns) * 0.03
    )
    front = wall * mottle[..., None]
    pitch = within(rng, 2.4, 3.8) * _PX_PER_M
    count = max(2, int(columns / pitch))
    pitch = columns / count
    window_w, window_h = pitch * within(rng, 0.4, 0.7), within(rng, 1.3, 1.9) * _PX_PER_M
    frame = tint(rng, 90, 240)
    balcony = chance(rng, 0.35)
    for storey in range(1, storeys):
        sill = rows - (4.2 + 3.1 * (storey - 1) + 0.9) * _PX_PER_M
        for window in range(count):
            left = (window + 0.5) * pitch - window_w / 2
            _window(rng, front, (left, sill - window_h, left + window_w, sill), frame)
            if balcony and window % 2 == 0:
                _box(front, (left - 4, sill - 3, left + window_w + 4, sill + 9), wall * 0.75)
        _box(front, (0, sill + 0.8 * _PX_PER_M, columns, sill + 0.95 * _PX_PER_M), wall * 0.86)
    _shops(rng, front, columns, rows)
    _box(front, (0, 0, columns, 5), wall * 0.7)
    return plane(np.clip(front, 0, 255))


def _box(front: Plane, edges: tuple[float, float, float, float], colour: Plane) -> None:
    left, top, right, bottom = (max(0, round(e)) for e in edges)
    front[top:bottom, left:right] = colour


def _window(
    rng: Generator, front: Plane, edges: tuple[float, float, float, float], frame: Plane
) -> None:
    left, top, right, bottom = edges
    _box(front, (left - 2, top - 2, right + 2, bottom + 2), frame)
    glass = tint(rng, 40, 120) * np.array([1.15, 1.05, 0.95], np.float32)
    _box(front, edges, glass)
    _box(
        front,
        (left, top, right, top + (bottom - top) * within(rng, 0, 0.6)),
        glass * within(rng, 1.1, 1.7),
    )
    middle = (left + right) / 2
    _box(front, (middle - 1, top, middle + 1, bottom), frame)
    if chance(rng, 0.25):
        _box(front, (right - 12, bottom + 2, right + 2, bottom + 12), tint(rng, 190, 230))


def _shops(rng: Generator, front: Plane, columns: int, rows: int) -> None:
    left = 0.0
    while left < columns - 30:
        right = min(float(columns), left + within(rng, 3.2, 6.5) * _PX_PER_M)
        glass = tint(rng, 35, 110)
        _box(front, (left + 4, rows - 2.7 * _PX_PER_M, right - 4, rows - 3), glass)
        for post in np.arange(left + 4, right - 4, 1.5 * _PX_PER_M):
            _box(front, (post, rows - 2.7 * _PX_PER_M, post + 2, rows), tint(rng, 120, 200))
        sign = (within(rng, 70, 210) * rng.uniform(0.25, 1.1, 3)).astype(np.float32)
        top = rows - 3.7 * _PX_PER_M
        _box(front, (left + 3, top, right - 3, top + 0.95 * _PX_PER_M), sign)
        ink = 255 - sign if chance(rng, 0.4) else np.full(3, 235, np.float32)
        for mark in np.arange(left + 12, right - 16, 13):
            _box(front, (mark, top + 3, mark + within(rng, 5, 9), top + 10), ink)
        left = right + within(rng, 0, 8)


def paint_houses(
    image: Plane,
    camera: GroundCamera,
    plan: StreetPlan,
    houses: list[House],
    across: float,
    haze: Plane,
) -> None:
    """Paint a row that stands `across` metres from the camera, far houses first."""
    outward = 12.0 if across > 0 else -12.0
    for house in sorted(houses, key=lambda h: -h.start):
        start = _first_visible(camera, plan, across, house.start)
        if start >= house.end - 0.3:
            continue
        veil = min(0.6, max(0.0, house.start) / 220)
        if start == house.start:
            _gable(image, camera, plan, house, across, outward, veil, haze)
        _wall(image, camera, plan, house, across, start, veil, haze)


def _visible_height(camera: GroundCamera, places: list[Matrix], height_m: float) -> float:
    """Cut a height so that everything below it lies ahead of a camera that looks down."""
    if camera.pitch <= 0:
        return height_m
    spare = min(camera.depth(*place) for place in places) - 0.6 * _NEAREST_M
    return min(height_m, spare / math.sin(camera.pitch))


def _first_visible(camera: GroundCamera, plan: StreetPlan, across: float, start: float) -> float:
    while camera.depth(*plan.place(across, start)) < _NEAREST_M and start < _END_M:
        start += 0.25
    return start


def _gable(
    image: Plane,
    camera: GroundCamera,
    plan: StreetPlan,
    house: House,
    across: float,
    outward: float,
    veil: float,
    haze: Plane,
) -> None:
    feet = [plan.place(across, house.start), plan.place(across + outward, house.start)]
    if min(camera.depth(*foot) for foot in feet) < _NEAREST_M:
        return
    tall = np.array([0, 0, _visible_height(camera, feet, house.height_m)])
    corners = [feet[0], feet[1], feet[1] + tall, feet[0] + tall]
    colour = house.wall * 0.72 * (1 - veil) + haze * veil
    outline = np.round(np.clip(camera.project(corners), -9000, 9000) * 16).astype(np.int32)
    cv2.fillPoly(image, [outline], tuple(float(c) for c in colour), cv2.LINE_AA, 4)


def _wall(
    image: Plane,
    camera: GroundCamera,
    plan: StreetPlan,
    house: House,
    across: float,
    start: float,
    veil: float,
    haze: Plane,
) -> None:
    skipped = int((start - house.start) * _PX_PER_M)
    origin = plan.place(across, house.start + skipped / _PX_PER_M)
    tall = _visible_height(camera, [origin, plan.place(across, house.end)], house.height_m)
    front = house.front[int((house.height_m - tall) * _PX_PER_M) :, skipped:]
    rows, columns = front.shape[:2]
    step = (plan.place(across, 1.0) - plan.place(across, 0.0)) / _PX_PER_M
    to_image = camera.matrix() @ _front_to_street(origin, step, rows)
    corners = (
        np.array([[0, 0, 1], [columns, 0, 1], [columns, rows, 1], [0, rows, 1.0]]) @ to_image.T
    )
    seen = corners[:, :2] / corners[:, 2:]
    height, width = image.shape[:2]
    left, top = (int(max(0, np.floor(v))) for v in seen.min(0))
    right, bottom = (
        int(min(width, np.ceil(seen[:, 0].max()))),
        int(min(height, np.ceil(seen[:, 1].max()))),
    )
    if right <= left or bottom <= top:
        return
    shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1.0]]) @ to_image
    front = _softened(front, columns / max(4.0, float(seen[:, 0].max() - seen[:, 0].min())))
    size = (right - left, bottom - top)
    warped = cv2.warpPerspective(
        front, shift, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    mask = np.zeros((size[1], size[0]), np.float32)
    outline = np.clip(seen - [left, top], -9000, 9000)
    cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    region = image[top:bottom, left:right]
    region += (warped * (1 - veil) + haze * veil - region) * mask[..., None]


def _softened(front: Plane, shrink: float) -> Plane:
    """Blur a front that is shown this many times smaller, so that it does not flicker."""
    if shrink <= 1.5:
        return front
    return plane(cv2.blur(front, (int(min(9, shrink)), int(min(9, max(1.0, shrink / 2))))))


def _front_to_street(origin: Matrix, step: Matrix, rows: int) -> Matrix:
    """The matrix from pixels of a house's front, of so many rows, to the street."""
    return np.array(
        [
            [step[0], 0, origin[0]],
            [step[1], 0, origin[1]],
            [0, -1 / _PX_PER_M, rows / _PX_PER_M],
            [0, 0, 1.0],
        ]
    )
