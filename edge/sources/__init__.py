"""Where frames come from."""

from threading import Event
from typing import Protocol

from edge.frame import CameraFrame

LARGEST_JPEG = 16 * 1024 * 1024
"""What a source reads of one picture at most: what one camera may hold of our memory."""


class FrameReceiver(Protocol):
    """Takes what a source brings; never waits."""

    def frame(self, frame: CameraFrame) -> None:
        """A frame that is worth decoding."""

    def bad_frame(self, camera_id: str, reason: str) -> None:
        """Something came from the camera that is no usable frame."""

    def reached(self, camera_id: str) -> None:
        """The way to the camera holds; frames may come."""

    def lost(self, camera_id: str, reason: str) -> None:
        """The camera cannot be reached, or not any more; `reason` holds no credentials."""


class FrameSource(Protocol):
    """Brings frames to a receiver until it is told to stop. Runs in a thread of its own."""

    @property
    def name(self) -> str: ...

    def run(self, stop: Event) -> None:
        """Return soon after `stop`; survive anything that the other end may do."""
