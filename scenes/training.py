"""Compositions to learn from: covers in all states on all grounds, from close up to pole cameras."""

import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator

from scenes.camera import GroundCamera
from scenes.cover import CoverDesign, Light
from scenes.exposure import expose
from scenes.frame import CoverState, Frame, LabelledBox, Picture, Plane
from scenes.noise import Grain, chance, noise, within
from scenes.patrol import patrol_photo
from scenes.roadview import PlacedCover, lay_road, put_covers
from scenes.street import StreetScene

FIRST_TRAINING_SEED = 1_000_000_000
"""Simulators and tests use smaller seeds, so that nothing they show was learned by heart."""

CLASSES = (
    *(state.label for state in CoverState),
    "pothole",
    "road_crack",
    "garbage",
    "bin_overflow",
    "bin_normal",
)
"""Names of the detector's classes, in the order of their ids."""

_STATES = list(CoverState)


@dataclass(frozen=True)
class StreetPhoto:
    """A real photo to stand covers in, with the boxes it already has."""

    path: Path
    boxes: tuple[LabelledBox, ...]
    labelled: tuple[str, ...] = ()


def compose(
    seed: int, photos: tuple[StreetPhoto, ...] = (), side: int = 640
) -> tuple[Frame, tuple[str, ...]]:
    """Make one picture of at most side x side pixels; the same seed and photos give the same picture.

    The names beside it are the classes of which every object in it is labelled: all, unless a real
    photo is part of it in which only some were.
    """
    rng = np.random.default_rng([seed, 97])
    kind = rng.random()
    if kind < 0.36:
        return _street_view(rng, seed, side), CLASSES
    if kind < 0.52:
        state = _STATES[int(rng.integers(3))]
        return patrol_photo(seed, state, side, side * 3 // 4), CLASSES
    if kind < 0.66 and photos:
        photo = photos[int(rng.integers(len(photos)))]
        return _photo_with_covers(rng, seed, photo, side), photo.labelled
    return _ground_view(rng, seed, photos, side)


def _street_view(rng: Generator, seed: int, side: int) -> Frame:
    """A pole camera's picture, often cut down around the cover, which then looks larger."""
    scene = StreetScene(seed, side, side * 9 // 16)
    frame = scene.frame(within(rng, 0, 7200), _STATES[int(rng.integers(3))])
    if chance(rng, 0.45):
        return frame
    box = frame.boxes[0]
    wide = int(min(side, box.w * within(rng, 2.5, 8)))
    tall = min(frame.image.shape[0], wide * 3 // 4)
    left = int(np.clip(box.x + box.w / 2 - wide * within(rng, 0.25, 0.75), 0, side - wide))
    top = int(
        np.clip(box.y + box.h / 2 - tall * within(rng, 0.25, 0.75), 0, frame.image.shape[0] - tall)
    )
    cut = frame.image[top : top + tall, left : left + wide].copy()
    moved = (
        LabelledBox(b.label, b.x - left, b.y - top, b.w, b.h).clipped(wide, tall)
        for b in frame.boxes
    )
    return Frame(cut, tuple(moved))


def _cover_at(rng: Generator, seed: int, x: float, y: float, radius_m: float) -> PlacedCover:
    design = CoverDesign.draw(seed)
    return PlacedCover(design, _STATES[int(rng.integers(3))], x, y, radius_m, within(rng, 0.1, 1.0))


def _view_camera(rng: Generator, width: int, height: int) -> tuple[GroundCamera, float]:
    """Choose a camera from knee to lamp post, and how far ahead it looks."""
    height_m = math.exp(within(rng, math.log(0.6), math.log(4.5)))
    tilt = within(rng, 0.35, 1.45)
    focal = width * within(rng, 0.6, 1.3)
    camera = GroundCamera(width, height, focal, height_m, tilt, within(rng, -0.12, 0.12))
    return camera, height_m / math.tan(tilt)


def _ground_view(
    rng: Generator, seed: int, photos: tuple[StreetPhoto, ...], side: int
) -> tuple[Frame, tuple[str, ...]]:
    width, height = side, int(side * rng.choice([0.56, 0.66, 0.75, 1.0]))
    if chance(rng, 0.25):
        width, height = height, width
    camera, ahead = _view_camera(rng, width, height)
    ground = _real_ground(rng, photos, width, height) if photos and chance(rng, 0.5) else None
    image, labelled = ground or (lay_road(rng, camera), CLASSES)
    scale = camera.pixels_per_metre(0, ahead)
    radius = float(
        np.clip(within(rng, 0.3, 0.5), 0.025 * width / scale, 0.48 * min(width, height) / scale)
    )
    covers = [] if chance(rng, 0.06) else [_cover_at(rng, seed, 0, 0, radius)]
    placed: list[PlacedCover] = []
    for cover in covers + [
        _cover_at(rng, seed + 7_000_000 * k, 0, 0, radius)
        for k in range(1, int(rng.integers(1, 4)))
    ]:
        spot = _free_spot(rng, camera, placed, cover.radius_m)
        if spot is not None:
            placed.append(
                PlacedCover(cover.design, cover.state, *spot, cover.radius_m, cover.severity)
            )
    _fade_far(image, camera)
    boxes = put_covers(rng, image, camera, placed if covers else [], Light.draw(rng))
    return Frame(expose(rng, image), tuple(boxes)), labelled


def _free_spot(
    rng: Generator, camera: GroundCamera, taken: list[PlacedCover], radius: float
) -> tuple[float, float] | None:
    top = max(camera.horizon_row() + 0.12 * camera.height, 0.0)
    for _ in range(6):
        column = within(rng, 0.12, 0.88) * camera.width
        row = within(rng, max(0.15, top / camera.height), 0.9) * camera.height
        x, y = camera.ground_at(column, row)
        near = any(math.hypot(x - c.x, y - c.y) < 2.6 * max(radius, c.radius_m) for c in taken)
        far = camera.obliquity(x, y) > 4 or camera.depth(x, y - 1.6 * radius) < 0.2
        if not near and not far and camera.pixels_per_metre(x, y) * radius * 2 > 12:
            return x, y
    return None


def _fade_far(image: Plane, camera: GroundCamera) -> None:
    """Cover what lies above the horizon with plain haze."""
    horizon = int(np.clip(camera.horizon_row(), 0, camera.height))
    if horizon > 0:
        image[:horizon] = np.linspace(235, 200, horizon, dtype=np.float32)[:, None, None]


def _real_ground(
    rng: Generator, photos: tuple[StreetPhoto, ...], width: int, height: int
) -> tuple[Plane, tuple[str, ...]] | None:
    """Cut free ground out of the lower part of a real photo, or None where there is no room.

    The names beside it are the classes that were labelled in the photo.
    """
    for _ in range(12):
        photo = photos[int(rng.integers(len(photos)))]
        image = read_picture(photo.path)
        tall, wide = image.shape[:2]
        top, left = within(rng, 0.62, 0.82) * tall, within(rng, 0, 0.6) * wide
        bottom, right = (
            within(rng, min(0.98, top / tall + 0.15), 1.0) * tall,
            min(wide, left + within(rng, 0.2, 0.5) * wide),
        )
        crowded = any(
            b.x < right and b.x + b.w > left and b.y < bottom and b.y + b.h > top
            for b in photo.boxes
        )
        cut = image[int(top) : int(bottom), int(left) : int(right)]
        if not crowded and min(cut.shape[:2]) >= 24:
            ground = cv2.resize(cut, (width, height), interpolation=cv2.INTER_CUBIC).astype(
                np.float32
            )
            grain = noise(rng, Grain.SAND, height, width)[..., None] * within(rng, 2, 12)
            return ground + grain, photo.labelled
    return None


def read_picture(path: Path) -> Picture:
    """Read a picture from a file; raises FileNotFoundError."""
    image = cv2.imread(str(path))
    if image is None:
        raise FileNotFoundError(path)
    return image  # type: ignore[return-value]


def _photo_with_covers(rng: Generator, seed: int, photo: StreetPhoto, side: int) -> Frame:
    """Set covers into the road of a real photo, in a guessed perspective, clear of its boxes."""
    source = read_picture(photo.path)
    scale = side / max(source.shape[:2])
    image = cv2.resize(source, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(
        np.float32
    )
    height, width = image.shape[:2]
    boxes = [
        LabelledBox(b.label, b.x * scale, b.y * scale, b.w * scale, b.h * scale)
        for b in photo.boxes
    ]
    focal, horizon = width * within(rng, 0.7, 1.3), height * within(rng, 0.2, 0.42)
    camera = GroundCamera(
        width, height, focal, within(rng, 1.0, 3.2), math.atan2(height / 2 - horizon, focal)
    )
    light = Light.draw(rng)
    for index in range(int(rng.integers(1, 4))):
        radius = within(rng, 0.3, 0.46)
        spot = _free_spot(rng, camera, [], radius)
        if spot is None:
            continue
        cover = _cover_at(rng, seed + 7_000_000 * index, *spot, radius)
        reach = put_covers(rng, image.copy(), camera, [cover], light)
        if reach and not any(_overlap(reach[0], other) for other in boxes):
            boxes += put_covers(rng, image, camera, [cover], light)
    return Frame(expose(rng, image, wildness=0.5), tuple(boxes))


def _overlap(one: LabelledBox, other: LabelledBox) -> bool:
    return (
        one.x < other.x + other.w
        and other.x < one.x + one.w
        and one.y < other.y + other.h
        and other.y < one.y + one.h
    )


def cover_views(seed: int) -> tuple[Frame, ...]:
    """Look at one cover from near, in each of its states in turn: same ground, same light, small pictures."""
    rng = np.random.default_rng([seed, 131])
    radius, tangent = within(rng, 0.33, 0.48), within(rng, 0.25, 2.7)
    eye_m = within(rng, 1.2, 3.8)
    ahead, wide_px = eye_m * tangent, math.exp(within(rng, math.log(40), math.log(170)))
    pitch = math.atan2(eye_m, ahead)
    focal = wide_px * math.hypot(eye_m, ahead) / (2 * radius)
    width = int(wide_px * 2.0)
    height = max(40, int(width * max(0.34, math.sin(pitch) + 0.1)))
    camera = GroundCamera(width, height, focal, eye_m, pitch, within(rng, -0.08, 0.08))
    ground, light = lay_road(rng, camera, paint_share=0.3), Light.draw(rng)
    severity, design = within(rng, 0.2, 1.0), CoverDesign.draw(seed)
    x, y = within(rng, -0.1, 0.1), ahead + within(rng, -0.05, 0.05)
    frames, after = [], int(rng.integers(1 << 31))
    for state in CoverState:
        image, same = ground.copy(), np.random.default_rng(after)
        boxes = put_covers(
            same, image, camera, [PlacedCover(design, state, x, y, radius, severity)], light
        )
        frames.append(Frame(expose(same, image, wildness=0.7), tuple(boxes)))
    return tuple(frames)
