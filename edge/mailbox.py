"""The latest frame of each camera, for a detector that may be slower than they are."""

from collections.abc import Iterable
from threading import Condition

from edge.frame import Frame


class Mailboxes:
    """One place per camera. Putting never waits: a frame not yet taken is replaced, and counted."""

    def __init__(self, camera_ids: Iterable[str]) -> None:
        self._waiting: dict[str, Frame] = {}
        self._replaced = dict.fromkeys(camera_ids, 0)
        self._changed = Condition()

    def put(self, frame: Frame) -> None:
        """Leave the frame for the detector; a replaced frame keeps its camera's turn."""
        with self._changed:
            if frame.camera_id in self._waiting:
                self._replaced[frame.camera_id] += 1
            self._waiting[frame.camera_id] = frame
            self._changed.notify()

    def take(self, timeout_s: float) -> Frame | None:
        """The frame of the camera that has waited longest, or None when none came in time."""
        with self._changed:
            if not self._waiting:
                self._changed.wait(timeout_s)
            if not self._waiting:
                return None
            return self._waiting.pop(next(iter(self._waiting)))

    def replaced(self, camera_id: str) -> int:
        """How many frames of the camera were replaced before anyone took them."""
        with self._changed:
            return self._replaced[camera_id]

    def waiting(self) -> int:
        """How many cameras have a frame waiting."""
        with self._changed:
            return len(self._waiting)
