"""Frame sources: everything that brings frames from cameras."""

from threading import Event
from typing import Protocol

from edge.frame import CameraFrame

POLLED_EVERY_S = 1.0
"""The time between two frames of a source that is asked for each, unless `every_s` says otherwise."""
STREAMED_EVERY_S = 0.2
"""The least time between two frames of a source that streams, unless `every_s` says otherwise."""
LARGEST_JPEG = 16 * 1024 * 1024
"""The most that a source reads of one picture: it bounds the memory that one camera can use."""


class FrameReceiver(Protocol):
    """Takes what a source delivers; never waits."""

    def frame(self, frame: CameraFrame) -> None:
        """A frame has come that may be decoded."""

    def bad_frame(self, camera_id: str, reason: str) -> None:
        """The camera has sent something that is no usable frame."""

    def reached(self, camera_id: str) -> None:
        """The camera is connected; frames may come."""

    def lost(self, camera_id: str, reason: str) -> None:
        """The camera cannot be reached, or no longer; `reason` holds no credentials."""


class FrameSource(Protocol):
    """Delivers frames to a receiver until it is told to stop. Runs in a thread of its own."""

    @property
    def name(self) -> str: ...

    def run(self, stop: Event) -> None:
        """Return soon after `stop`; survive whatever the other end does."""
