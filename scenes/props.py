"""Things around the covers that people photograph, and things that look like covers."""

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator

from scenes.frame import LabelledBox, Picture, Plane, plane
from scenes.noise import Grain, chance, noise, ramp, tint, within

_Blend = tuple[float, float, float]


def _colour(values: Plane) -> _Blend:
    blue, green, red = (float(v) for v in values)
    return blue, green, red


def _polygon(image: Plane, points: Plane, colour: Plane, share: float = 1.0) -> None:
    painted = image if share >= 1 else image.copy()
    cv2.fillPoly(painted, [np.round(points).astype(np.int32)], _colour(colour), cv2.LINE_AA)
    if share < 1:
        image[:] = image * (1 - share) + painted * share


def stand_cone(rng: Generator, image: Plane, x: float, y: float, tall: float) -> None:
    """Stand a traffic cone `tall` pixels high with its foot at (x, y)."""
    orange = plane([within(rng, 10, 60), within(rng, 60, 125), within(rng, 190, 255)])
    yellow = plane([within(rng, 30, 60), within(rng, 170, 220), within(rng, 215, 250)])
    body = orange if chance(rng, 0.8) else yellow
    shape = [[-0.26, 0], [0.26, 0], [0.05, -1], [-0.05, -1]]
    band = [[-0.19, -0.32], [0.19, -0.32], [0.13, -0.58], [-0.13, -0.58]]
    foot = [[-0.36, -0.04], [0.36, -0.04], [0.36, 0.05], [-0.36, 0.05]]
    for outline, paint in ((shape, body), (band, tint(rng, 190, 240)), (foot, body * 0.8)):
        _polygon(image, plane(outline) * tall + plane([x, y]), paint)


def stand_legs(rng: Generator, image: Plane, x: float, y: float, wide: float) -> None:
    """Let somebody stand at (x, y): two legs that leave the picture at its top, and shoes."""
    cloth, shoe = tint(rng, 15, 140, 0.25), tint(rng, 10, 90, 0.2)
    for side in (-1, 1):
        foot = x + side * wide * within(rng, 0.5, 1.1)
        hip = x + side * wide * 0.4
        leg = [[foot - wide / 3, y], [foot + wide / 3, y], [hip + wide / 2, 0], [hip - wide / 2, 0]]
        _polygon(image, plane(leg), cloth)
        middle = (int(foot + side * wide * 0.2), int(y))
        axes = (int(wide * 0.6) + 1, int(wide * 0.3) + 1)
        cv2.ellipse(image, middle, axes, 0, 0, 360, _colour(shoe), -1, cv2.LINE_AA)


def strew_leaves(rng: Generator, image: Plane, box: LabelledBox) -> None:
    """Strew leaves, scraps or pebbles over and around a box."""
    paint = rng.uniform(40, 190, 3) if chance(rng, 0.4) else np.array([40, 110, 140.0])
    size = max(1.5, 0.03 * box.w * within(rng, 0.5, 2.0))
    for _ in range(int(rng.integers(3, 25))):
        x = box.x + box.w * within(rng, -0.3, 1.3)
        y = box.y + box.h * within(rng, -0.3, 1.3)
        turn = np.sort(rng.uniform(0, 2 * math.pi, int(rng.integers(4, 8))))
        reach = size * rng.uniform(0.4, 1.2, len(turn))
        outline = np.c_[x + reach * np.cos(turn), y + 0.6 * reach * np.sin(turn)]
        _polygon(image, plane(outline), plane(paint * within(rng, 0.6, 1.3)))


def lay_stick(rng: Generator, image: Plane, box: LabelledBox) -> None:
    """Lay a branch, a rod or a plank across a box, as people do to warn of a hole."""
    x, y = box.x + box.w * within(rng, 0.1, 0.9), box.y + box.h * within(rng, 0.1, 0.9)
    turn, half = within(rng, 0, math.pi), box.w * within(rng, 0.3, 0.8)
    along, across = np.array([math.cos(turn), math.sin(turn)]), box.w * within(rng, 0.01, 0.07)
    normal = np.array([-along[1], along[0]]) * across
    ends = np.array([x, y]) - along * half, np.array([x, y]) + along * half
    outline = [ends[0] - normal, ends[0] + normal, ends[1] + normal, ends[1] - normal]
    _polygon(image, plane(outline), tint(rng, 40, 190, 0.25))


def write_over(rng: Generator, image: Picture) -> None:
    """Write a time, a name or a strip of text over the picture, as agencies and cameras do."""
    height, width = image.shape[:2]
    if chance(rng, 0.3):
        image[int(height * within(rng, 0.9, 0.96)) :] = int(rng.integers(256))
    text = "".join(chr(int(c)) for c in rng.integers(48, 123, int(rng.integers(5, 20))))
    place = (int(within(rng, 0, 0.6) * width), int(within(rng, 0.1, 0.98) * height))
    level = within(rng, 120, 255)
    cv2.putText(image, text, place, 0, within(rng, 0.3, 0.9), (level, level, level), 1, cv2.LINE_AA)


def _soft_spot(rng: Generator, image: Plane, x: float, y: float, wide: float, tall: float) -> None:
    mask = np.zeros(image.shape[:2], np.float32)
    axes = (int(wide) + 1, int(tall) + 1)
    cv2.ellipse(mask, (int(x), int(y)), axes, within(rng, -20, 20), 0, 360, 1.0, -1)
    mask = plane(cv2.GaussianBlur(mask, (0, 0), max(1.0, wide * within(rng, 0.08, 0.4))))
    image *= 1 - (mask * within(rng, 0.3, 0.8))[..., None]


def _puddle(rng: Generator, image: Plane, x: float, y: float, wide: float, tall: float) -> None:
    height, width = image.shape[:2]
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    reach = np.hypot((columns - x) / max(wide, 1), (rows - y) / max(tall, 1))
    mask = 1 - ramp(plane(reach + noise(rng, Grain.CLOUD, height, width) * 0.25), 0.75, 0.9)
    image *= 1 - (mask * within(rng, 0.3, 0.7))[..., None]
    image += (mask * within(rng, 0, 70))[..., None] * plane([1.1, 1.0, 0.9])


def _painted_ring(
    rng: Generator, image: Plane, x: float, y: float, wide: float, tall: float
) -> None:
    paint = tint(rng, 190, 240) if chance(rng, 0.6) else plane(rng.uniform(0, 255, 3))
    first, last = within(rng, 0, 90), within(rng, 200, 450)
    axes, stroke = (int(wide) + 2, int(tall) + 2), max(1, int(wide * 0.1))
    cv2.ellipse(image, (int(x), int(y)), axes, 0, first, last, _colour(paint), stroke, cv2.LINE_AA)


def _wheel(rng: Generator, image: Plane, x: float, y: float, wide: float, _: float) -> None:
    tall, narrow = wide, wide * within(rng, 0.4, 1.0)
    for share, level in ((1.0, within(rng, 10, 45)), (0.6, within(rng, 60, 190))):
        axes = (int(narrow * share) + 2, int(tall * share) + 2)
        paint = (level, level, level)
        cv2.ellipse(image, (int(x), int(y)), axes, 0, 0, 360, paint, -1, cv2.LINE_AA)
    spokes = int(rng.integers(4, 10))
    for turn in np.arange(spokes) * 2 * math.pi / spokes:
        tip = (
            int(x + narrow * 0.56 * math.cos(turn)),
            int(y + tall * 0.56 * math.sin(turn)),
        )
        cv2.line(image, (int(x), int(y)), tip, (40, 40, 40), max(1, int(wide * 0.07)), cv2.LINE_AA)


def _patched(rng: Generator, image: Plane, x: float, y: float, wide: float, tall: float) -> None:
    height, width = image.shape[:2]
    ground = image[min(height - 1, int(y)), min(width - 1, int(x))]
    paint = plane(np.clip(ground * within(rng, 0.5, 1.4) + within(rng, -10, 10), 0, 255))
    skew = within(rng, 0.8, 1.2)
    corners = [[-1, -1], [1, -skew], [1.2, 1], [-1.2, 1]]
    if chance(rng, 0.5):
        turn = np.linspace(0, 2 * math.pi, 40)
        outline = np.c_[np.cos(turn), np.sin(turn)]
    else:
        outline = np.array(corners)
    _polygon(image, plane(outline * [wide, tall] + np.array([x, y])), paint, within(rng, 0.5, 0.95))


def _drain(rng: Generator, image: Plane, x: float, y: float, wide: float, tall: float) -> None:
    slots, level = int(rng.integers(3, 10)), within(rng, 50, 140)
    frame = plane([[-1, -0.5], [1, -0.5], [1, 0.5], [-1, 0.5]]) * plane([wide, tall])
    _polygon(image, frame + plane([x, y]), plane([level, level, level]))
    for index in range(slots):
        column = x - wide + 2 * wide * (index + 0.5) / slots
        ends = (int(column), int(y - tall * 0.4)), (int(column), int(y + tall * 0.4))
        stroke = max(1, int(wide / slots * 0.8))
        cv2.line(image, *ends, (within(rng, 5, 40),) * 3, stroke, cv2.LINE_AA)


def _shadow_scrap(
    rng: Generator, image: Plane, x: float, y: float, wide: float, tall: float
) -> None:
    turn = np.sort(rng.uniform(0, 2 * math.pi, int(rng.integers(3, 7))))
    reach = rng.uniform(0.4, 1.4, len(turn))
    outline = np.c_[x + wide * reach * np.cos(turn), y + tall * reach * np.sin(turn)]
    _polygon(image, plane(outline), tint(rng, 5, 60), within(rng, 0.5, 1.0))


_LOOK_ALIKES: tuple[Callable[[Generator, Plane, float, float, float, float], None], ...] = (
    _soft_spot,
    _soft_spot,
    _puddle,
    _painted_ring,
    _wheel,
    _patched,
    _patched,
    _drain,
    _shadow_scrap,
)


def put_look_alike(rng: Generator, image: Plane, top: float) -> None:
    """Put something that is no cover on the ground below the row `top`."""
    height, width = image.shape[:2]
    x, y = within(rng, 0, width), within(rng, max(top, 0) + 0.1 * (height - top), height)
    near = 0.3 + 0.7 * (y - top) / max(1.0, height - top)
    wide = within(rng, 0.03, 0.22) * width * near
    kind = _LOOK_ALIKES[int(rng.integers(len(_LOOK_ALIKES)))]
    kind(rng, image, x, y, wide, wide * within(rng, 0.25, 0.9))
