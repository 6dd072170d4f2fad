"""Trees and lamp posts beside the road."""

import math

import numpy as np
from numpy.random import Generator

from scenes.camera import GroundCamera, Matrix
from scenes.canvas import Canvas, Outline, Patch, bgr
from scenes.layout import StreetPlan
from scenes.noise import tint, within


def _upright(camera: GroundCamera, foot: Matrix, base: float, top: float, half_m: float) -> Outline:
    low, high = camera.project([[foot[0], foot[1], base], [foot[0], foot[1], top]])
    a = half_m * camera.focal_px / camera.depth(foot[0], foot[1], base)
    b = half_m * 0.7 * camera.focal_px / camera.depth(foot[0], foot[1], top)
    return np.array(
        [[low[0] - a, low[1]], [low[0] + a, low[1]], [high[0] + b, high[1]], [high[0] - b, high[1]]]
    )


def _disc(centre: Outline, radius: float) -> Outline:
    turn = np.linspace(0, 2 * math.pi, 14, endpoint=False)
    return np.asarray(centre + radius * np.c_[np.cos(turn), np.sin(turn)])


def tree(rng: Generator, camera: GroundCamera, foot: Matrix) -> list[Patch]:
    """Draw a tree that stands at this ground point (x, y, 0)."""
    crown_m, middle_m = within(rng, 1.3, 2.1), within(rng, 3.8, 5.2)
    bark = bgr(tint(rng, 45, 80) * [0.8, 0.95, 1.1])
    patches = [Patch(_upright(camera, foot, 0, middle_m, within(rng, 0.1, 0.17)), bark)]
    green = np.array([within(rng, 35, 65), within(rng, 85, 125), within(rng, 45, 85)])
    scale = camera.focal_px / camera.depth(foot[0], foot[1], middle_m)
    centre = camera.project([[foot[0], foot[1], middle_m]])[0]
    for layer in range(46):
        turn, out = within(rng, 0, 2 * math.pi), crown_m * math.sqrt(rng.random())
        offset = np.array([out * math.cos(turn), out * 0.8 * math.sin(turn)])
        light = 0.55 + 0.35 * layer / 46 - 0.22 * offset[1] / crown_m + within(rng, -0.08, 0.08)
        colour = bgr(green * max(0.3, light))
        patches.append(
            Patch(_disc(centre + offset * scale, crown_m * within(rng, 0.16, 0.34) * scale), colour)
        )
    return patches


def lamp_post(rng: Generator, camera: GroundCamera, foot: Matrix, towards: Matrix) -> list[Patch]:
    """Draw a lamp post at this ground point whose arm reaches along the vector `towards`."""
    tall = within(rng, 6.5, 8.5)
    grey = bgr(tint(rng, 90, 170))
    arm = np.array([foot[0] + towards[0] * 1.6, foot[1] + towards[1] * 1.6])
    a, b = camera.project([[foot[0], foot[1], tall], [arm[0], arm[1], tall + 0.35]])
    thick = 0.06 * camera.focal_px / camera.depth(foot[0], foot[1], tall)
    lift = np.array([0, thick])
    beam = np.array([a - lift, b - lift, b + lift, a + lift])
    head = np.array(
        [
            b + thick * np.array([-5, -1]),
            b + thick * np.array([5, -1]),
            b + thick * np.array([4, 2]),
            b + thick * np.array([-4, 2]),
        ]
    )
    return [
        Patch(_upright(camera, foot, 0, tall, 0.09), grey),
        Patch(beam, grey),
        Patch(head, (225.0, 232.0, 235.0)),
    ]


def furnish(
    rng: Generator, canvas: Canvas, camera: GroundCamera, plan: StreetPlan, clear: Outline | None
) -> None:
    """Stand trees and lamp posts along both pavements, none of them before the box `clear` (x, y, x, y)."""
    across, _ = plan.axes()
    spots = [
        (plan.far_kerb + 0.7, along, 1.0)
        for along in np.arange(within(rng, 2, 8), 90, within(rng, 7, 11))
    ]
    spots += [
        (plan.near_kerb - 0.6, along, -1.0)
        for along in np.arange(within(rng, 9, 14), 90, within(rng, 8, 12))
    ]
    every = int(rng.integers(3, 5))
    for index, (off, along, outward) in sorted(enumerate(spots), key=lambda item: -item[1][1]):
        foot = plan.place(off, float(along))
        if camera.depth(*foot) < 2.5 or camera.depth(foot[0], foot[1], 9.0) < 1.0:
            continue
        post = index % every == 0
        patches = (
            lamp_post(rng, camera, foot, -outward * across) if post else tree(rng, camera, foot)
        )
        if clear is None or not any(_touches(p.outline, clear) for p in patches):
            canvas.draw(patches, float(np.hypot(foot[0], foot[1])), keep=True)


def _touches(outline: Outline, box: Outline) -> bool:
    low, high = outline.min(0), outline.max(0)
    return bool(low[0] < box[2] and high[0] > box[0] and low[1] < box[3] and high[1] > box[1])
