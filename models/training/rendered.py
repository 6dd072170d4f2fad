"""How well the states of rendered covers are told, on seeds that were never learned."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from models.detections import MANHOLE, Detections
from models.detector import Detector
from models.precision import overlaps
from scenes import CoverState, Frame, LabelledBox, StreetScene, patrol_photo

FIRST_SEED = 500_000
"""Seeds from here on are kept for measuring."""


class Picture(StrEnum):
    """Kinds of rendered pictures."""

    STREET = "street_scene"
    PATROL = "patrol_photo"


@dataclass(frozen=True)
class StateTally:
    """How many covers there were, were found in any state, and were found in the right one, at operation."""

    pictures: int
    found: int
    right: int
    false_alarms: int
    misses: tuple[str, ...]


def pictures(
    kind: Picture, count: int, first_seed: int = FIRST_SEED
) -> Iterator[tuple[str, Frame]]:
    """Render unseen pictures, all states in turn, each with a name that tells its seed and state."""
    states = list(CoverState)
    for index in range(count):
        seed, state = first_seed + index, states[index % len(states)]
        if kind is Picture.STREET:
            frame = StreetScene(seed).frame(13.7 * index, state)
        else:
            frame = patrol_photo(seed, state)
        yield f"{kind} {seed} {state}", frame


def tally_states(
    detector: Detector, named: Iterator[tuple[str, Frame]], seen: Callable[[], None] = lambda: None
) -> StateTally:
    """Count for each picture whether its cover is found at the operating thresholds, and in which state."""
    total = found = right = alarms = 0
    misses: list[str] = []
    for name, frame in named:
        covers = detector.detect(frame.image).of(MANHOLE)
        box = frame.boxes[0]
        hit = _best_match(covers, box)
        total, found = total + 1, found + (hit is not None)
        right += hit == box.label
        alarms += len(covers) - (hit is not None)
        if hit != box.label:
            misses.append(f"{name}: {hit or 'not found'}")
        seen()
    return StateTally(total, found, right, alarms, tuple(misses))


def _best_match(covers: Detections, box: LabelledBox) -> str | None:
    """Return the label of the strongest detection that lies on the box."""
    truth = np.array([[box.x, box.y, box.x + box.w, box.y + box.h]], np.float32)
    on_it = overlaps(covers.boxes, truth)[:, 0] >= 0.5
    return next((d.label for d in covers.where(on_it)), None)
