"""Which of a model's files is opened."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from models import ModelRejected, OnnxDetector, RejectionReason, read_manifest, released
from models.manifest import describe_file
from tests.unit.models.graphs import detector_graph

SIDE = 64
BOXES = np.array([[10, 20, 8, 6]], np.float32)
CLASSES = len(read_manifest(released()).classes)


def scores(best: int) -> np.ndarray:
    """One box, surely of this class."""
    return np.where(np.arange(CLASSES)[:, None] == best, 0.9, 0.01).astype(np.float32)


def folder(path: Path, *, fp32_work: int, int8_work: int | None) -> Path:
    """A model whose fp32 file sees a pothole (class 3) and whose int8 file a crack (class 4)."""
    path.mkdir()
    stated = json.loads((released() / "manifest.json").read_text())
    stated |= {"input": {"width": SIDE, "height": SIDE}, "condition": None, "files": []}
    for precision, best, work in (("fp32", 3, fp32_work), ("int8", 4, int8_work)):
        if work is not None:
            weights = path / f"{precision}.onnx"
            weights.write_bytes(detector_graph(SIDE, BOXES, scores(best), work))
            spec = describe_file(weights, "detector", precision)
            stated["files"].append(spec.model_dump())
    (path / "manifest.json").write_text(json.dumps(stated))
    return path


def seen(detector: OnnxDetector) -> list[str]:
    return [one.label for one in detector.detect(np.zeros((SIDE, SIDE, 3), np.uint8))]


@pytest.mark.parametrize(
    ("fp32_work", "int8_work", "faster", "sees"),
    [(300, 1, "int8", "road_crack"), (1, 300, "fp32", "pothole")],
)
def test_auto_takes_the_file_that_runs_faster_here(tmp_path, fp32_work, int8_work, faster, sees):
    model = folder(tmp_path / "model", fp32_work=fp32_work, int8_work=int8_work)
    detector = OnnxDetector.load(model, precision="auto")
    assert detector.weights.precision == faster
    assert set(detector.trial_ms) == {"fp32", "int8"}
    assert min(detector.trial_ms, key=detector.trial_ms.get) == faster
    assert seen(detector) == [sees]


@pytest.mark.parametrize(("precision", "sees"), [("fp32", "pothole"), ("int8", "road_crack")])
def test_a_precision_that_is_asked_for_is_taken_without_a_trial(tmp_path, precision, sees):
    model = folder(tmp_path / "model", fp32_work=50, int8_work=1)
    detector = OnnxDetector.load(model, precision=precision)
    assert detector.trial_ms == {}
    assert (detector.weights.precision, seen(detector)) == (precision, [sees])


def test_auto_means_fp32_where_nothing_else_was_released(tmp_path):
    detector = OnnxDetector.load(
        folder(tmp_path / "model", fp32_work=1, int8_work=None), precision="auto"
    )
    assert (detector.weights.precision, detector.trial_ms) == ("fp32", {})


def test_auto_refuses_a_model_whose_other_file_is_damaged(tmp_path):
    model = folder(tmp_path / "model", fp32_work=1, int8_work=1)
    (model / "int8.onnx").write_bytes(b"damaged")
    with pytest.raises(ModelRejected) as caught:
        OnnxDetector.load(model, precision="auto")
    assert caught.value.reason is RejectionReason.SHA256_DIFFERS


def test_an_int8_detector_may_keep_a_second_look_in_fp32(tmp_path):
    model = Path(shutil.copytree(released(), tmp_path / "street"))
    stated = json.loads((model / "manifest.json").read_text())
    stated["files"] = [
        file | {"precision": "int8"} if file["role"] == "detector" else file
        for file in stated["files"]
    ]
    (model / "manifest.json").write_text(json.dumps(stated))
    detector = OnnxDetector.load(model, precision="int8")
    assert detector.weights.precision == "int8"
