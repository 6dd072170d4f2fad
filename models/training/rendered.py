"""How well the states of rendered covers are recognised, on seeds that were not in training."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from models.detections import MANHOLE, Detections
from models.detector import OnnxDetector
from models.precision import overlaps
from scenes import CoverState, LabelledBox, RenderedFrame, StreetScene, patrol_photo
from scenes.nearview import near_view
from scenes.training import CLASSES

FIRST_SEED = 500_000
"""Seeds from here on are kept for measuring."""


class Picture(StrEnum):
    """Kinds of rendered pictures."""

    STREET = "street_scene"
    PATROL = "patrol_photo"
    NEAR = "near_view"


@dataclass(frozen=True)
class Failure:
    """A cover that was not found, or with the wrong state; `told` is the reported label or None."""

    name: str
    frame: RenderedFrame
    box: LabelledBox
    told: str | None

    def __str__(self) -> str:
        """The failure in one line."""
        return f"{self.name}: {self.told or 'not found'}"


@dataclass(frozen=True)
class StateTally:
    """The number of covers, of those found in any state, and of those in the right state, at operation."""

    covers: int
    found: int
    right: int
    false_alarms: int
    failures: tuple[Failure, ...]


def pictures(
    kind: Picture, count: int, first_seed: int = FIRST_SEED
) -> Iterator[tuple[str, RenderedFrame]]:
    """Render unseen pictures, all states in turn, each with a name that tells its seed."""
    states = list(CoverState)
    for index in range(count):
        seed, state = first_seed + index, states[index % len(states)]
        match kind:
            case Picture.STREET:
                frame = StreetScene(seed).frame(13.7 * index, state)
            case Picture.PATROL:
                frame = patrol_photo(seed, state)
            case Picture.NEAR:
                frame, _ = near_view(seed, (), 640, CLASSES)
        yield f"{kind} {seed}", frame


def tally_states(
    detector: OnnxDetector,
    named: Iterator[tuple[str, RenderedFrame]],
    seen: Callable[[], None] = lambda: None,
) -> StateTally:
    """Count for each picture which covers are found at the operating thresholds, and in which state."""
    total = found = alarms = 0
    failures: list[Failure] = []
    for name, frame in named:
        covers = detector.detect(frame.image).of(MANHOLE)
        told = [_best_match(covers, box) for box in frame.boxes]
        hits = sum(label is not None for label in told)
        total, found = total + len(told), found + hits
        alarms += max(0, len(covers) - hits - len(frame.ignored))
        failures += [
            Failure(f"{name} {box.label}", frame, box, label)
            for box, label in zip(frame.boxes, told, strict=True)
            if label != box.label
        ]
        seen()
    return StateTally(total, found, total - len(failures), alarms, tuple(failures))


def _best_match(covers: Detections, box: LabelledBox) -> str | None:
    """Return the label of the strongest detection that lies on the box."""
    truth = np.array([[box.x, box.y, box.x + box.w, box.y + box.h]], np.float32)
    on_it = overlaps(covers.boxes, truth)[:, 0] >= 0.5
    return next((d.label for d in covers.where(on_it)), None)
