"""Compositions to learn from: covers in all states on all grounds, from close up to pole cameras."""

import math

import cv2
import numpy as np
from numpy.random import Generator

from scenes.camera import GroundCamera
from scenes.cover import CoverDesign, Light
from scenes.exposure import expose
from scenes.frame import CoverState, LabelledBox, RenderedFrame
from scenes.nearview import near_view
from scenes.noise import chance, within
from scenes.patrol import patrol_photo
from scenes.photos import StreetPhoto, read_picture
from scenes.roadview import PlacedCover, lay_road, put_covers
from scenes.street import StreetScene

FIRST_TRAINING_SEED = 1_000_000_000
"""Simulators and tests use smaller seeds, so that nothing they show was in training."""

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


def compose(
    seed: int, photos: tuple[StreetPhoto, ...] = (), side: int = 640
) -> tuple[RenderedFrame, tuple[str, ...]]:
    """Make one picture of at most side x side pixels; the same seed and photos give the same picture.

    The names beside it are the classes of which every object in it is labelled: all, unless it
    contains a real photo in which only some were.
    """
    rng = np.random.default_rng([seed, 97])
    kind = rng.random()
    if kind < 0.17:
        return _street_view(rng, seed, side), CLASSES
    if kind < 0.23:
        state = _STATES[int(rng.integers(3))]
        return patrol_photo(seed, state, side, side * 3 // 4), CLASSES
    if kind < 0.48 and photos:
        photo = photos[int(rng.integers(len(photos)))]
        return _photo_with_covers(rng, seed, photo, side), photo.labelled
    return near_view(seed, photos, side, CLASSES)


def _street_view(rng: Generator, seed: int, side: int) -> RenderedFrame:
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
    return RenderedFrame(cut, tuple(moved))


def _cover_at(rng: Generator, seed: int, x: float, y: float, radius_m: float) -> PlacedCover:
    draw = CoverDesign.draw if chance(rng, 0.4) else CoverDesign.draw_foreign
    design = draw(seed)
    return PlacedCover(design, _STATES[int(rng.integers(3))], x, y, radius_m, within(rng, 0.1, 1.0))


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


def _photo_with_covers(rng: Generator, seed: int, photo: StreetPhoto, side: int) -> RenderedFrame:
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
    return RenderedFrame(expose(rng, image, wildness=0.5), tuple(boxes))


def _overlap(one: LabelledBox, other: LabelledBox) -> bool:
    return (
        one.x < other.x + other.w
        and other.x < one.x + one.w
        and one.y < other.y + other.h
        and other.y < one.y + one.h
    )


def cover_views(seed: int) -> tuple[RenderedFrame, ...]:
    """Show one cover from near, in each of its states in turn: same ground, same light, small pictures."""
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
        frames.append(RenderedFrame(expose(same, image, wildness=0.7), tuple(boxes)))
    return tuple(frames)
