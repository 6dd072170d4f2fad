"""The latest frame of each camera, for a detector that may be slower than the cameras."""

from collections.abc import Iterable
from threading import Condition

from edge.frame import CameraFrame


class Mailboxes:
    """One mailbox per camera. Putting never waits: a frame not yet taken is replaced and counted."""

    def __init__(self, camera_ids: Iterable[str]) -> None:
        self._waiting: dict[str, CameraFrame] = {}
        self._replaced = dict.fromkeys(camera_ids, 0)
        self._changed = Condition()

    def watch(self, camera_ids: Iterable[str]) -> None:
        """Keep mailboxes for these cameras from now on."""
        with self._changed:
            self._replaced = {one: self._replaced.get(one, 0) for one in camera_ids}
            for gone in self._waiting.keys() - self._replaced.keys():
                del self._waiting[gone]

    def put(self, frame: CameraFrame) -> None:
        """Leave the frame for the detector; replacing one keeps the camera's turn."""
        with self._changed:
            if frame.camera_id in self._waiting:
                self._replaced[frame.camera_id] += 1
            self._waiting[frame.camera_id] = frame
            self._changed.notify()

    def take(self, timeout_s: float) -> CameraFrame | None:
        """The frame of the camera that has waited longest, or None if none came in time."""
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

    def oldest_age_s(self, now_s: float) -> float | None:
        """The age of the frame that has waited longest; None if none waits."""
        with self._changed:
            arrived_s = min((frame.arrived_s for frame in self._waiting.values()), default=None)
        return None if arrived_s is None else max(0.0, now_s - arrived_s)

    def waiting(self) -> int:
        """How many cameras have a frame waiting."""
        with self._changed:
            return len(self._waiting)
