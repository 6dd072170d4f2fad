import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.camera import CameraChannel, Intake
from edge.frame import CameraFrame
from edge.ground import CameraSite
from edge.mailbox import Mailboxes
from edge.picture import Jpeg
from edge.sources.files import FileFrames


@dataclass
class Received:
    """Takes what a source brings, and stops it when there is enough."""

    enough: int
    stop: threading.Event = field(default_factory=threading.Event)
    frames: list[bytes] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    outages: list[str] = field(default_factory=list)

    def frame(self, frame: CameraFrame) -> None:
        self.frames.append(frame.still.jpeg())
        self._check()

    def bad_frame(self, camera_id: str, reason: str) -> None:
        self.bad.append(reason)
        self._check()

    def reached(self, camera_id: str) -> None:
        """It need not be told."""

    def lost(self, camera_id: str, reason: str) -> None:
        self.outages.append(reason)
        self._check()

    def _check(self) -> None:
        if len(self.frames) + len(self.bad) + len(self.outages) >= self.enough:
            self.stop.set()


def test_a_folder_is_shown_in_the_order_of_its_names_again_and_again(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.JPG", "c.jpeg", "notes.txt"):
        (tmp_path / name).write_bytes(name[0].encode())
    received = Received(5)
    FileFrames("C-001", tmp_path, received, every_s=0.001).run(received.stop)
    assert received.frames == [b"a", b"b", b"c", b"a", b"b"]


def test_a_single_file_is_read_anew_each_time(tmp_path: Path) -> None:
    file = tmp_path / "latest.jpg"
    file.write_bytes(b"first")

    class Writer(Received):
        def frame(self, frame: CameraFrame) -> None:
            super().frame(frame)
            file.write_bytes(b"next")

    received = Writer(2)
    FileFrames("C-001", file, received, every_s=0.001).run(received.stop)
    assert received.frames == [b"first", b"next"]


@pytest.mark.parametrize("missing", ["none", "none.jpg"])
def test_what_is_not_there_is_an_outage(tmp_path: Path, missing: str) -> None:
    received = Received(2)
    FileFrames("C-001", tmp_path / missing, received, every_s=0.001).run(received.stop)
    assert missing in received.outages[1]


def test_a_folder_without_pictures_is_an_outage(tmp_path: Path) -> None:
    received = Received(2)
    FileFrames("C-001", tmp_path, received, every_s=0.001).run(received.stop)
    assert "holds no .jpg" in received.outages[1]


def test_a_file_far_too_large_is_reported_without_being_read(tmp_path: Path) -> None:
    with (tmp_path / "a.jpg").open("wb") as file:
        file.truncate(2**30)
    received = Received(1)
    FileFrames("C-001", tmp_path, received, every_s=0.001).run(received.stop)
    assert received.frames == []
    assert "1073741824" in received.bad[0]


def test_what_came_in_was_looked_at_or_bad_or_skipped() -> None:
    camera = CameraChannel("C-001", CameraSite(103.82, 25.61, 40))
    intake = Intake([camera], Mailboxes(["C-001"]))
    for _ in range(5):
        intake.frame(CameraFrame("C-001", Jpeg(b""), 100.0, datetime.now(UTC)))
    intake.bad_frame("C-001", "has 3 bytes")
    camera.looked_at = 2
    health = camera.health(camera.newest_s or 0, dropped=2)
    assert (health.frames_in, health.frames_looked_at) == (6, 2)
    assert (health.frames_bad, health.frames_skipped, health.frames_dropped) == (1, 3, 2)


@pytest.mark.parametrize(("ahead_s", "believed"), [(-5, True), (200, True), (4000, False)])
def test_the_cameras_clock_counts_unless_it_is_far_off(ahead_s: float, believed: bool) -> None:
    arrived_at = datetime(2025, 8, 7, tzinfo=UTC)
    observed_at = arrived_at + timedelta(seconds=ahead_s)
    frame = CameraFrame("C-001", Jpeg(b""), 0.0, arrived_at, observed_at)
    assert frame.taken_at == (observed_at if believed else arrived_at)
