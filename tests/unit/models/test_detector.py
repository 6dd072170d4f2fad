import numpy as np
import pytest

from models import Detections, OnnxDetector, released
from models.detector import rival_groups
from models.precision import overlaps
from scenes import CoverState, patrol_photo

LABELS = ("manhole_good", "manhole_broken", "manhole_open", "pothole", "garbage")


@pytest.fixture(scope="module")
def detector() -> OnnxDetector:
    return OnnxDetector.load(released())


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return patrol_photo(600_001, CoverState.OPEN, 640, 480).image


def some() -> Detections:
    return Detections(
        np.array([[0, 0, 10, 20], [5, 5, 8, 9]], np.float32),
        np.array([0.9, 0.4], np.float32),
        np.array([2, 3], np.int64),
        LABELS,
    )


def test_detections_iterate_as_plain_objects():
    (first, second) = some()
    assert (first.label, first.x, first.y, first.w, first.h) == ("manhole_open", 0, 0, 10, 20)
    assert first.score == pytest.approx(0.9)
    assert second.label == "pothole"
    assert len(some()) == 2


def test_covers_can_be_asked_for_in_any_state():
    assert [d.label for d in some().of("manhole_")] == ["manhole_open"]
    assert len(some().of("bin_")) == 0


def test_states_of_a_cover_are_rivals_and_other_classes_are_not():
    groups = rival_groups(LABELS)
    assert groups[0] == groups[1] == groups[2]
    assert len({int(g) for g in groups[2:]}) == 3


def test_a_picture_may_have_any_shape(detector):
    rng = np.random.default_rng(0)
    for shape in ((720, 1280, 3), (1280, 720, 3), (50, 50, 3), (33, 900, 3)):
        found = detector.detect(rng.integers(0, 255, shape, np.uint8), min_score=0.05)
        assert (found.boxes >= 0).all()
        assert (found.boxes <= np.array([shape[1], shape[0]] * 2)).all()


def test_detections_come_best_first_and_from_the_threshold_on(detector, photo):
    found = detector.detect(photo, min_score=0.05)
    assert (np.diff(found.scores) <= 0).all()
    assert (found.scores >= 0.05).all()
    for detection in detector.detect(photo):
        assert detection.score >= detector.threshold(detection.label)


def test_no_place_has_two_covers(detector, photo):
    covers = detector.detect(photo, min_score=0.01).of("manhole_")
    shared = overlaps(covers.boxes, covers.boxes)
    np.fill_diagonal(shared, 0)
    assert shared.max() <= detector.manifest.overlap + 1e-3


def test_the_same_picture_gives_the_same_detections(detector, photo):
    one, other = detector.detect(photo, min_score=0.05), detector.detect(photo, min_score=0.05)
    assert np.array_equal(one.boxes, other.boxes)
    assert np.array_equal(one.scores, other.scores)


def test_the_runtime_needs_no_training_package():
    import subprocess
    import sys

    code = (
        "import sys, models, models.evaluation, models.__main__\n"
        "sys.exit(any(m in sys.modules for m in ('torch', 'onnx', 'scenes')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
