import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.camera import Camera, Intake
from edge.frame import Frame
from edge.ground import Site
from edge.mailbox import Mailboxes
from edge.sources.folder import FolderFrames


@dataclass
class Received:
    """Takes what a source brings, and stops it when there is enough."""

    enough: int
    stop: threading.Event = field(default_factory=threading.Event)
    frames: list[bytes] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)

    def frame(self, frame: Frame) -> None:
        self.frames.append(frame.jpeg)
        self._check()

    def bad_frame(self, camera_id: str, reason: str) -> None:
        self.bad.append(reason)
        self._check()

    def _check(self) -> None:
        if len(self.frames) + len(self.bad) >= self.enough:
            self.stop.set()


def test_a_folder_is_shown_in_the_order_of_its_names_again_and_again(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.JPG", "c.jpeg", "notes.txt"):
        (tmp_path / name).write_bytes(name[0].encode())
    received = Received(5)
    FolderFrames("C-001", tmp_path, received, interval_s=0.001).run(received.stop)
    assert received.frames == [b"a", b"b", b"c", b"a", b"b"]


def test_a_missing_folder_is_reported_and_survived(tmp_path: Path) -> None:
    received = Received(2)
    FolderFrames("C-001", tmp_path / "none", received, interval_s=0.001).run(received.stop)
    assert len(received.bad) == 2


def test_a_file_far_too_large_is_reported_without_being_read(tmp_path: Path) -> None:
    with (tmp_path / "a.jpg").open("wb") as file:
        file.truncate(2**30)
    received = Received(1)
    FolderFrames("C-001", tmp_path, received, interval_s=0.001).run(received.stop)
    assert received.frames == []
    assert "1073741824" in received.bad[0]


def test_what_came_in_was_looked_at_or_bad_or_skipped() -> None:
    camera = Camera("C-001", Site(103.82, 25.61, 40))
    intake = Intake([camera], Mailboxes(["C-001"]))
    for _ in range(5):
        intake.frame(Frame("C-001", b"", 100.0, datetime.now(UTC)))
    intake.bad_frame("C-001", "has 3 bytes")
    camera.looked_at = 2
    health = camera.health(camera.newest_s or 0)
    assert (health.frames_in, health.frames_looked_at) == (6, 2)
    assert (health.frames_bad, health.frames_skipped) == (1, 3)


@pytest.mark.parametrize(("ahead_s", "believed"), [(-5, True), (200, True), (4000, False)])
def test_the_cameras_clock_counts_unless_it_is_far_off(ahead_s: float, believed: bool) -> None:
    arrived_at = datetime(2025, 8, 7, tzinfo=UTC)
    observed_at = arrived_at + timedelta(seconds=ahead_s)
    frame = Frame("C-001", b"", 0.0, arrived_at, observed_at)
    assert frame.taken_at == (observed_at if believed else arrived_at)
