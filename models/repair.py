"""Is the cover in this photo whole again?"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.detections import MANHOLE, DetectedObject, Detections

GOOD = "manhole_good"
_GLANCE = 0.1


class RepairJudgement(StrEnum):
    """What a repair photo shows."""

    FIXED = "fixed"
    STILL_BROKEN = "still_broken"
    UNSURE = "unsure"


@dataclass(frozen=True)
class RepairVerdict:
    """The judgement and its reason; label and box (x, y, w, h) are None if no cover is in view."""

    verdict: RepairJudgement
    label: str | None
    score: float
    box: tuple[float, float, float, float] | None


class FindsCovers(Protocol):
    """What the judgement needs of a detector."""

    def detect(self, image: NDArray[np.uint8], *, min_score: float | None = None) -> Detections:
        """Find objects in a picture."""

    def threshold(self, label: str) -> float:
        """Return the score from which a class counts."""


def judge_repair(detector: FindsCovers, photo_bgr: NDArray[np.uint8]) -> RepairVerdict:
    """Judge a photo [H, W, 3] BGR of a repaired cover.

    Any fault in the photo that is sure enough keeps the case open. A photo without a clear cover, or
    with both a good cover and a doubtful fault, is left to a person.
    """
    covers = list(detector.detect(photo_bgr, min_score=_GLANCE).of(MANHOLE))
    if not covers:
        return RepairVerdict(RepairJudgement.UNSURE, None, 0.0, None)
    sure = [c for c in covers if c.score >= detector.threshold(c.label)]
    faults = [c for c in sure if c.label != GOOD]
    if faults:
        return _verdict(RepairJudgement.STILL_BROKEN, faults[0])
    if sure:
        return _verdict(RepairJudgement.FIXED, sure[0])
    return _verdict(RepairJudgement.UNSURE, covers[0])


def _verdict(judgement: RepairJudgement, cover: DetectedObject) -> RepairVerdict:
    return RepairVerdict(judgement, cover.label, cover.score, (cover.x, cover.y, cover.w, cover.h))
