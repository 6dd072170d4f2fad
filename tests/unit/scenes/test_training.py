import json

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from scenes import CoverState, LabelledBox, encode_jpeg
from scenes.__main__ import app
from scenes.dataset import Composition, Shard, write_shard
from scenes.training import CLASSES, FIRST_TRAINING_SEED, StreetPhoto, compose, cover_views


@pytest.mark.parametrize("seed", range(FIRST_TRAINING_SEED, FIRST_TRAINING_SEED + 12))
def test_boxes_of_a_composition_lie_in_the_picture(seed):
    frame, labelled = compose(seed, side=256)
    height, width = frame.image.shape[:2]
    assert max(height, width) <= 256
    assert labelled == CLASSES
    for box in frame.boxes:
        assert box.label in CLASSES
        assert 0 <= box.x <= box.x + box.w <= width
        assert 0 <= box.y <= box.y + box.h <= height


def test_a_composition_follows_from_its_seed():
    one, other = (compose(FIRST_TRAINING_SEED + 5, side=256)[0] for _ in range(2))
    assert np.array_equal(one.image, other.image)


def test_of_a_composition_on_a_real_photo_only_what_was_labelled_there_counts_as_known(tmp_path):
    grey = np.full((120, 160, 3), 120, np.uint8)
    cv2.imwrite(str(tmp_path / "photo.png"), grey)
    photos = (StreetPhoto(tmp_path / "photo.png", (), ("pothole",)),)
    seeds = range(FIRST_TRAINING_SEED, FIRST_TRAINING_SEED + 24)
    known = {compose(seed, photos, side=128)[1] for seed in seeds}
    assert known == {CLASSES, ("pothole",)}


def test_near_views_show_one_cover_in_all_its_states():
    frames = cover_views(FIRST_TRAINING_SEED)
    assert [box.label for f in frames for box in f.boxes] == [s.label for s in CoverState]
    assert len({(b.x, b.y, b.w, b.h) for f in frames for b in f.boxes}) == 1


def test_a_shard_is_a_coco_folder_and_complete_only_with_its_annotations(tmp_path):
    shard = Shard(0, 2, Composition.COVERS)
    writing = write_shard(shard, tmp_path, (), 640)
    next(writing)
    annotations = tmp_path / shard.name / "annotations.json"
    assert not annotations.exists()
    assert list(writing) == [2]
    coco = json.loads(annotations.read_text())
    assert len(coco["images"]) == 6
    assert [c["name"] for c in coco["categories"]] == list(CLASSES)
    for image in coco["images"]:
        loaded = cv2.imread(str(tmp_path / shard.name / image["file_name"]))
        assert loaded is not None
        assert loaded.shape[:2] == (image["height"], image["width"])
        assert image["labelled_classes"] == list(CLASSES)


def test_a_contact_sheet_can_be_written_from_the_command_line(tmp_path):
    out = tmp_path / "sheet.png"
    result = CliRunner().invoke(app, ["sheet", str(out), "--view", "covers", "--count", "3"])
    assert result.exit_code == 0, result.output
    sheet = cv2.imread(str(out))
    assert sheet is not None
    assert sheet.std() > 10


def test_a_clipped_box_keeps_what_is_inside():
    box = LabelledBox("manhole_good", -10, 5, 30, 20).clipped(15, 12)
    assert box == LabelledBox("manhole_good", 0, 5, 15, 7)
    assert box.area == 105


def test_a_jpeg_reads_back_as_nearly_the_same_picture():
    image = np.full((32, 48, 3), (30, 120, 200), np.uint8)
    back = cv2.imdecode(np.frombuffer(encode_jpeg(image), np.uint8), cv2.IMREAD_COLOR)
    assert back is not None
    assert np.abs(back.astype(int) - image).max() < 6


def test_a_shard_of_patrol_photos_shows_one_cover_each_in_all_states_in_turn(tmp_path):
    shard = Shard(0, 3, Composition.PATROL)
    assert list(write_shard(shard, tmp_path, (), 160)) == [1, 2, 3]
    coco = json.loads((tmp_path / shard.name / "annotations.json").read_text())
    assert sorted(note["category_id"] for note in coco["annotations"]) == [1, 2, 3]
    assert {(image["width"], image["height"]) for image in coco["images"]} == {(160, 120)}
