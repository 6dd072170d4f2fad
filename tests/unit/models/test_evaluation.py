import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from models import Detections, released
from models.__main__ import app
from models.coco import LabelledPicture, read_coco
from models.evaluation import evaluate
from models.training.tuning import DetectedPictures, propose_thresholds

LABELS = ("manhole_good", "manhole_broken", "manhole_open", "pothole")
CATEGORIES = [{"id": 10 + k, "name": name} for k, name in enumerate(LABELS)]


class Manifest:
    classes = LABELS


class Says:
    """A detector that finds the same in every picture."""

    manifest = Manifest()

    def __init__(self, *found: tuple[str, float, tuple[float, float, float, float]]) -> None:
        self._found = found

    def threshold(self, label: str) -> float:
        return 0.5

    def rank(self, image: np.ndarray, min_score: float) -> Detections:
        return Detections(
            np.array([box for _, _, box in self._found], np.float32).reshape(-1, 4),
            np.array([score for _, score, _ in self._found], np.float32),
            np.array([LABELS.index(label) for label, _, _ in self._found], np.int64),
            LABELS,
        )


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "images").mkdir()
    for name in ("a", "b", "c"):
        cv2.imwrite(str(tmp_path / "images" / f"{name}.jpg"), np.full((60, 80, 3), 128, np.uint8))
    covers = list(LABELS[:3])
    coco = {
        "categories": CATEGORIES,
        "images": [
            {"id": 1, "file_name": "images/a.jpg", "split": "val", "labelled_classes": covers},
            {"id": 2, "file_name": "images/b.jpg", "split": "val", "labelled_classes": ["pothole"]},
            {"id": 3, "file_name": "images/c.jpg", "split": "train", "labelled_classes": covers},
        ],
        "annotations": [
            {"image_id": 1, "category_id": 10, "bbox": [10, 10, 20, 20]},
            {"image_id": 2, "category_id": 13, "bbox": [40, 30, 20, 10]},
            {"image_id": 3, "category_id": 12, "bbox": [0, 0, 9, 9]},
        ],
    }
    (tmp_path / "annotations.json").write_text(json.dumps(coco))
    return tmp_path


def pictures(folder: Path, split: str | None = "val") -> list[LabelledPicture]:
    return read_coco(folder / "annotations.json", folder, LABELS, split)


def test_only_the_split_asked_for_is_read(folder):
    assert [p.path.name for p in pictures(folder)] == ["a.jpg", "b.jpg"]
    assert len(pictures(folder, None)) == 3


def test_boxes_become_corners_and_ids_the_detectors_classes(folder):
    second = pictures(folder)[1]
    assert second.boxes.tolist() == [[40, 30, 60, 40]]
    assert second.class_ids.tolist() == [3]
    assert second.labelled == {"pothole"}


def test_pictures_are_found_from_their_own_folder_too(folder):
    (picture, *_) = read_coco(folder / "annotations.json", folder / "images", LABELS, "val")
    assert picture.path.exists()


def test_a_class_counts_only_where_it_was_labelled(folder):
    # The pothole is reported in both pictures; in the first nobody looked for potholes.
    result = evaluate(Says(("pothole", 0.9, (40, 30, 60, 40))), pictures(folder))
    scores = {s.name: s for s in result.classes}
    assert scores["pothole"].ap50 == pytest.approx(1.0)
    assert scores["pothole"].pictures == 1
    assert scores["pothole"].operation.false_positives_per_picture == 0
    assert scores["manhole_good"].ap50 == 0.0


def test_a_cover_in_the_wrong_state_is_found_but_not_told(folder):
    result = evaluate(Says(("manhole_open", 0.9, (10, 10, 30, 30))), pictures(folder))
    assert {s.name: s.ap50 for s in result.classes}["manhole_good"] == 0.0
    assert result.cover_ap50 == pytest.approx(1.0)
    assert result.cover_recall == pytest.approx(1.0)


def test_covers_reported_where_none_is_labelled_are_counted_over_all_pictures(folder):
    result = evaluate(Says(("manhole_open", 0.9, (0, 0, 9, 9))), pictures(folder))
    assert result.cover_alarms == pytest.approx(1.0)


def test_classes_without_objects_are_left_out_of_the_mean(folder):
    result = evaluate(Says(("manhole_good", 0.9, (10, 10, 30, 30))), pictures(folder))
    assert {s.name for s in result.classes} == {"manhole_good", "pothole"}
    assert result.mean_ap50 == pytest.approx(0.5)


def test_a_missing_picture_is_named(folder):
    (folder / "images" / "a.jpg").unlink()
    with pytest.raises(FileNotFoundError, match=r"a\.jpg"):
        evaluate(Says(), pictures(folder))


def test_the_command_ends_with_one_line_of_json(folder):
    arguments = ["--coco", str(folder / "annotations.json"), "--images", str(folder)]
    result = CliRunner().invoke(app, ["evaluate", "--model", str(released()), *arguments])
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout.strip().splitlines()[-1])
    assert summary["images"] == 2
    assert set(summary["ap50"]) == {"manhole_good", "pothole"}
    assert summary["ms_per_image"] > 0


def test_the_command_takes_the_file_of_a_model_as_well(folder):
    arguments = ["--coco", str(folder / "annotations.json"), "--images", str(folder)]
    model = str(released() / "model.onnx")
    assert CliRunner().invoke(app, ["evaluate", "--model", model, *arguments]).exit_code == 0


def test_training_without_its_packages_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    config = tmp_path / "c.toml"
    config.write_text("")
    options = ["--photos", str(tmp_path), "--renders", str(tmp_path), "--out", str(tmp_path)]
    result = CliRunner().invoke(app, ["train", str(config), *options])
    assert result.exit_code == 2
    assert "pip install '.[train]'" in result.stderr


def seen_as(label: str, score: float, objects: int = 1, labelled: frozenset[str] | None = None):
    """A picture with so many objects of a class at one place, and what was told there."""
    box = np.array([[10, 10, 30, 30]], np.float32)
    number = LABELS.index(label)
    picture = LabelledPicture(
        Path("none.jpg"),
        box[:objects],
        np.full(objects, number, np.int64),
        frozenset(LABELS) if labelled is None else labelled,
        "",
    )
    return picture, Detections(box, np.array([score], np.float32), np.array([number]), LABELS)


def looked(*pairs: tuple[LabelledPicture, Detections]) -> DetectedPictures:
    return DetectedPictures([picture for picture, _ in pairs], [told for _, told in pairs])


def test_a_threshold_parts_what_is_there_from_what_is_not():
    sure, doubtful = seen_as("pothole", 0.6), seen_as("pothole", 0.4, objects=0)
    chosen = propose_thresholds(LABELS, [looked(sure, doubtful)], alarms=0.03)
    assert 0.4 < chosen["pothole"] <= 0.6


def test_a_fault_of_covers_is_told_seldom_where_there_are_none():
    right = seen_as("manhole_open", 0.6)
    false = seen_as("manhole_open", 0.8, objects=0, labelled=frozenset({"pothole"}))
    assert propose_thresholds(LABELS, [looked(right)], 0.03)["manhole_open"] <= 0.6
    assert propose_thresholds(LABELS, [looked(right), looked(false)], 0.03)["manhole_open"] > 0.8
