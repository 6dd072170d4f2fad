import json
import shutil
from pathlib import Path

import pytest

from models import ModelRejected, OnnxDetector, RejectionReason, read_manifest, released
from models.registry import all_released


@pytest.fixture
def copied(tmp_path) -> Path:
    return Path(shutil.copytree(released(), tmp_path / "street"))


def rejected(folder: Path) -> RejectionReason:
    with pytest.raises(ModelRejected) as caught:
        OnnxDetector.load(folder)
    return caught.value.reason


def test_the_released_model_loads(copied):
    assert OnnxDetector.load(copied).manifest == read_manifest(released())


@pytest.mark.parametrize("role", [0, 1])
def test_weights_that_differ_in_one_byte_are_refused(copied, role):
    path = copied / read_manifest(copied).files[role].name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert rejected(copied) is RejectionReason.SHA256_DIFFERS


def test_missing_weights_are_refused(copied):
    (copied / read_manifest(copied).file("fp32").name).unlink()
    assert rejected(copied) is RejectionReason.FILE_MISSING


def test_a_folder_without_a_manifest_is_refused(tmp_path):
    assert rejected(tmp_path) is RejectionReason.NO_MANIFEST


@pytest.mark.parametrize("change", [{"unknown": 1}, {"classes": 3}, {"overlap": 2.0}])
def test_a_manifest_that_breaks_its_form_is_refused(copied, change):
    path = copied / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert rejected(copied) is RejectionReason.BAD_MANIFEST


def test_a_manifest_that_states_another_input_than_the_graph_has_is_refused(copied):
    path = copied / "manifest.json"
    stated = json.loads(path.read_text())
    stated["input"]["width"] += 96
    path.write_text(json.dumps(stated))
    assert rejected(copied) is RejectionReason.WRONG_SHAPE


def test_a_manifest_without_a_threshold_for_each_class_is_refused(copied):
    path = copied / "manifest.json"
    stated = json.loads(path.read_text())
    del stated["thresholds"]["pothole"]
    path.write_text(json.dumps(stated))
    assert rejected(copied) is RejectionReason.BAD_MANIFEST


def test_a_precision_that_was_not_released_is_refused(copied):
    path = copied / "manifest.json"
    stated = json.loads(path.read_text())
    stated["files"] = [file for file in stated["files"] if file["precision"] == "fp32"]
    path.write_text(json.dumps(stated))
    with pytest.raises(ModelRejected) as caught:
        OnnxDetector.load(copied, precision="int8")
    assert caught.value.reason is RejectionReason.FILE_MISSING


def test_every_released_model_states_what_it_learned_from_and_how_it_does():
    models = all_released()
    assert "street" in models
    for name, manifest in models.items():
        assert manifest.data, name
        assert manifest.metrics, name
        assert (
            (released(name) / "CARD.md")
            .read_text(encoding="utf-8")
            .startswith(f"# {manifest.name}")
        )
