import numpy as np
import pytest

from models import Detections, RepairJudgement, judge_repair

LABELS = ("manhole_good", "manhole_broken", "manhole_open", "pothole")
PHOTO = np.zeros((48, 64, 3), np.uint8)


class Sees:
    """A detector that sees what it is told to."""

    def __init__(self, *seen: tuple[str, float]) -> None:
        self._seen = sorted(seen, key=lambda s: -s[1])

    def threshold(self, label: str) -> float:
        return 0.4

    def detect(self, image: np.ndarray, *, min_score: float | None = None) -> Detections:
        kept = [(label, score) for label, score in self._seen if score >= (min_score or 0.4)]
        return Detections(
            np.array([[4, 5, 24, 15]] * len(kept), np.float32).reshape(-1, 4),
            np.array([score for _, score in kept], np.float32),
            np.array([LABELS.index(label) for label, _ in kept], np.int64),
            LABELS,
        )


@pytest.mark.parametrize(
    ("seen", "judgement"),
    [
        ([("manhole_good", 0.9)], RepairJudgement.FIXED),
        ([("manhole_broken", 0.6)], RepairJudgement.STILL_BROKEN),
        ([("manhole_open", 0.6)], RepairJudgement.STILL_BROKEN),
        ([("manhole_good", 0.9), ("manhole_open", 0.5)], RepairJudgement.STILL_BROKEN),
        ([("manhole_good", 0.9), ("manhole_open", 0.3)], RepairJudgement.FIXED),
        ([("manhole_good", 0.3)], RepairJudgement.UNSURE),
        ([("manhole_broken", 0.2)], RepairJudgement.UNSURE),
        ([("pothole", 0.9)], RepairJudgement.UNSURE),
        ([], RepairJudgement.UNSURE),
    ],
)
def test_a_repair_is_judged_by_the_covers_in_view(seen, judgement):
    assert judge_repair(Sees(*seen), PHOTO).verdict is judgement


def test_a_verdict_says_what_it_rests_on():
    verdict = judge_repair(Sees(("manhole_broken", 0.75)), PHOTO)
    assert verdict.label == "manhole_broken"
    assert verdict.score == pytest.approx(0.75)
    assert verdict.box == (4, 5, 20, 10)


def test_without_a_cover_there_is_nothing_to_point_at():
    verdict = judge_repair(Sees(), PHOTO)
    assert (verdict.label, verdict.score, verdict.box) == (None, 0.0, None)
