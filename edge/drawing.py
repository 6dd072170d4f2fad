"""Boxes drawn into a picture, for people."""

from collections.abc import Iterable

import cv2

from edge.detector import DetectedBox
from edge.picture import Picture
from edge.tracking.kinds import MEANINGS

_FAULT, _SOUND, _INK = (40, 40, 220), (60, 170, 60), (255, 255, 255)


def annotated(picture: Picture, found: Iterable[DetectedBox]) -> Picture:
    """A copy with a box and a label for each object: red for faults, green for sound ones."""
    drawn = picture.copy()
    line = max(2, picture.shape[1] // 480)
    for one in found:
        meaning = MEANINGS.get(one.label)
        colour = _SOUND if meaning is not None and meaning.sound else _FAULT
        left, top = round(one.x), round(one.y)
        cv2.rectangle(
            drawn, (left, top), (round(one.x + one.w), round(one.y + one.h)), colour, line
        )
        _write(drawn, f"{one.label} {one.score:.2f}", left, top, line, colour)
    return drawn


def _write(
    drawn: Picture, text: str, left: int, top: int, line: int, colour: tuple[int, int, int]
) -> None:
    size = line * 0.28
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
    base = max(top, height + 6)
    cv2.rectangle(drawn, (left, base - height - 6), (left + width + 4, base), colour, cv2.FILLED)
    cv2.putText(
        drawn, text, (left + 2, base - 4), cv2.FONT_HERSHEY_SIMPLEX, size, _INK, 1, cv2.LINE_AA
    )
