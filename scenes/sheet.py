"""Contact sheets, to judge the renderer by eye."""

from collections.abc import Sequence

import cv2
import numpy as np

from scenes.frame import Picture, RenderedFrame

_COLOURS = {
    "manhole_good": (80, 220, 80),
    "manhole_broken": (0, 165, 255),
    "manhole_open": (40, 40, 255),
}


def contact_sheet(
    frames: Sequence[RenderedFrame], columns: int = 6, cell: int = 320, boxes: bool = True
) -> Picture:
    """Lay frames out in rows, each fitted into a square cell, with their boxes drawn in."""
    cells = [_fitted(frame, cell, boxes) for frame in frames]
    cells += [np.zeros((cell, cell, 3), np.uint8)] * (-len(cells) % columns)
    return np.vstack([np.hstack(cells[i : i + columns]) for i in range(0, len(cells), columns)])


def _fitted(frame: RenderedFrame, cell: int, boxes: bool) -> Picture:
    height, width = frame.image.shape[:2]
    scale = cell / max(height, width)
    size = (max(1, int(width * scale)), max(1, int(height * scale)))
    square = np.zeros((cell, cell, 3), np.uint8)
    square[: size[1], : size[0]] = cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA)
    for box in frame.boxes if boxes else ():
        corner, opposite = (
            (box.x * scale, box.y * scale),
            ((box.x + box.w) * scale, (box.y + box.h) * scale),
        )
        colour = _COLOURS.get(box.label, (255, 200, 0))
        cv2.rectangle(square, tuple(map(int, corner)), tuple(map(int, opposite)), colour, 1)
    return square
