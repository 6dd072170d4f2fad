"""Putting a cover on the ground of a picture, and labelling it there."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from scenes.cover import REACH, CoverDesign, CoverPatch
from scenes.frame import LabelledBox, Plane, plane

Matrix = NDArray[np.float64]


def patch_to_ground(side: int, centre: tuple[float, float], radius_m: float) -> Matrix:
    """Map pixels of a patch to ground metres, for a cover of this frame radius at this place."""
    step = 2 * REACH / side * radius_m
    x, y = centre
    return np.array(
        [[step, 0, x - REACH * radius_m], [0, -step, y + REACH * radius_m], [0, 0, 1.0]]
    )


def _apply(matrix: Matrix, points: Matrix) -> Matrix:
    mapped = np.c_[points, np.ones(len(points))] @ matrix.T
    return np.asarray(mapped[:, :2] / mapped[:, 2:])


def cover_box(
    label: str, design: CoverDesign, to_image: Matrix, centre: tuple[float, float], radius_m: float
) -> LabelledBox:
    """Return the box of the cover's frame (without its concrete collar) in the picture."""
    turn = np.linspace(0, 2 * math.pi, 48, endpoint=False)
    outline = np.c_[np.cos(turn), np.sin(turn)]
    if design.square:
        cos_t, sin_t = math.cos(design.turn), math.sin(design.turn)
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float64)
        outline = np.c_[
            corners[:, 0] * cos_t - corners[:, 1] * sin_t,
            -(corners[:, 0] * sin_t + corners[:, 1] * cos_t),
        ]
    seen = _apply(to_image, outline * radius_m + np.array(centre))
    (left, top), (right, bottom) = seen.min(0), seen.max(0)
    return LabelledBox(label, float(left), float(top), float(right - left), float(bottom - top))


def patch_side(box: LabelledBox, limit: int = 640) -> int:
    """Choose how many pixels a patch needs for a box of this size."""
    return int(np.clip(max(box.w, box.h) * REACH * 1.15, 40, limit))


def paste_cover(
    image: Plane, patch: CoverPatch, to_image: Matrix, match: Plane
) -> tuple[slice, slice]:
    """Lay the patch on the picture in place; `to_image` maps patch pixels to picture pixels.

    `match` are the three factors that fit the patch's colours to the picture's light.
    Returns the rows and columns that changed.
    """
    height, width = image.shape[:2]
    side = patch.alpha.shape[0]
    corners = _apply(to_image, np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float64))
    left, top = (max(0, math.floor(q)) for q in corners.min(0))
    right, bottom = (
        min(width, math.ceil(corners[:, 0].max())),
        min(height, math.ceil(corners[:, 1].max())),
    )
    region = (slice(top, max(top, bottom)), slice(left, max(left, right)))
    if right <= left or bottom <= top:
        return region
    shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1.0]]) @ to_image
    squeeze = (corners[:, 0].max() - corners[:, 0].min()) / max(
        1.0, corners[:, 1].max() - corners[:, 1].min()
    )
    stacked = np.dstack([patch.colour, patch.alpha, patch.shade])
    if squeeze > 1.4:
        blurred = cv2.GaussianBlur(
            stacked, (0, 0), sigmaX=0.3, sigmaY=min(0.33 * (squeeze - 1), 4.0)
        )
        stacked = plane(blurred)
    size = (right - left, bottom - top)
    colour = cv2.warpPerspective(
        np.ascontiguousarray(stacked[..., :4]), shift, size, flags=cv2.INTER_LINEAR
    )
    shade = cv2.warpPerspective(
        np.ascontiguousarray(stacked[..., 4]), shift, size, flags=cv2.INTER_LINEAR, borderValue=1.0
    )
    alpha = colour[..., 3:]
    under = image[region] * shade[..., None]
    image[region] = under * (1 - alpha) + colour[..., :3] * match * alpha
    return region


def match_light(
    image: Plane, box: LabelledBox, strength: float, cast: float, gain: float = 1.0
) -> Plane:
    """Choose factors that fit a cover to the ground under its box."""
    part = box.clipped(image.shape[1], image.shape[0])
    cut = image[
        int(part.y) : int(part.y + part.h) + 1, int(part.x) : int(part.x + part.w) + 1
    ].reshape(-1, 3)
    ground = cut.mean(0) if len(cut) else np.full(3, 110.0)
    level = float(ground.mean())
    brightness = (np.clip(level, 25, 230) / 128) ** strength * gain
    return np.asarray(brightness * (ground / max(level, 1.0)) ** cast, np.float32)
