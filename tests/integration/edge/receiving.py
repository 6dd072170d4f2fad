"""What a source brings, kept for the test; and the source running beside it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from edge.frame import CameraFrame
from edge.sources import FrameSource
from tests.waiting import WITHIN_S


@dataclass
class Kept:
    """A receiver that remembers all."""

    frames: list[CameraFrame] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    outages: list[str] = field(default_factory=list)
    times_reached: int = 0

    def frame(self, frame: CameraFrame) -> None:
        self.frames.append(frame)

    def bad_frame(self, camera_id: str, reason: str) -> None:
        self.bad.append(reason)

    def reached(self, camera_id: str) -> None:
        self.times_reached += 1

    def lost(self, camera_id: str, reason: str) -> None:
        self.outages.append(reason)

    def said(self, text: str) -> bool:
        return any(text in reason for reason in [*self.bad, *self.outages])


@contextmanager
def beside(source: FrameSource) -> Iterator[None]:
    """Run the source in its thread; fail if it has died, or does not stop when told."""
    stop = threading.Event()
    thread = threading.Thread(target=source.run, args=(stop,), daemon=True)
    thread.start()
    try:
        yield
        assert thread.is_alive(), "the source has died"
    finally:
        stop.set()
        thread.join(WITHIN_S)
    assert not thread.is_alive(), "the source does not stop"
