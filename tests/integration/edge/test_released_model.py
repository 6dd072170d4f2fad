"""`python -m edge` with the released model, on rendered streets."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import cv2
import pytest

from edge.boxes import ImageBox, iou
from scenes import CoverState, StreetScene, encode_jpeg
from tests.integration.edge.conftest import ROOT, FilmingCamera, Hub, running, wait_until
from wire.topics import Leaf

SEED = 2


class Street:
    """A rendered street whose cover changes on demand; time runs as on the clock."""

    def __init__(self) -> None:
        self._scene = StreetScene(SEED, 1280, 720)
        self._start_s = time.monotonic()
        self._lock = threading.Lock()
        self.cover = CoverState.GOOD

    def jpeg(self) -> bytes:
        with self._lock:
            return encode_jpeg(
                self._scene.frame(time.monotonic() - self._start_s, self.cover).image
            )

    def cover_box(self) -> ImageBox:
        with self._lock:
            box = self._scene.frame(0.0, self.cover).boxes[0]
        return ImageBox(box.x / 1280, box.y / 720, box.w / 1280, box.h / 720)


@pytest.mark.timeout(240)
def test_a_rendered_cover_that_breaks_is_published_at_its_place_and_cleared_after_the_repair(
    node_environ: dict[str, str], hub: Hub, camera: FilmingCamera
) -> None:
    street = Street()
    camera.show(street.jpeg)

    def published(*kinds: str) -> bool:
        """Whether the cover's own fault has gone through these transitions."""
        place = street.cover_box()
        own = [
            one
            for one in hub.detections()
            if one.label.startswith("manhole")
            and iou(place, ImageBox(one.box.x, one.box.y, one.box.w, one.box.h)) > 0.4
        ]
        return bool(own) and [own[0].type, own[-1].type] == [kinds[0], kinds[-1]]

    with running("-m", "edge", "run", environ=node_environ) as node:
        wait_until(lambda: bool(hub.payloads(Leaf.HEALTH)), 30, "health comes")
        street.cover = CoverState.BROKEN
        wait_until(lambda: published("new", "new"), 60, "new")
        street.cover = CoverState.GOOD
        wait_until(lambda: published("new", "cleared"), 90, "cleared")
        assert node.memory_mb() < 150
        assert node.stop() == 0


def test_detect_shows_a_table_and_draws_the_boxes(tmp_path: Path) -> None:
    picture, drawn = tmp_path / "street.jpg", tmp_path / "drawn.png"
    street = Street()
    street.cover = CoverState.BROKEN
    picture.write_bytes(street.jpeg())
    shown = look(str(picture), "--out", str(drawn), "--min-score", "0.2")
    assert shown.returncode == 0, shown.stderr
    assert "manhole_" in shown.stdout
    before, after = cv2.imread(str(picture)), cv2.imread(str(drawn))
    assert before.shape == after.shape
    assert (before != after).any()


def test_detect_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    text = tmp_path / "notes.jpg"
    text.write_text("no picture", encoding="utf-8")
    shown = look(str(text))
    assert shown.returncode == 2
    assert "notes.jpg" in shown.stderr
    assert "Traceback" not in shown.stderr


def look(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edge", "detect", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
