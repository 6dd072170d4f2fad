"""Grabs the picture that a camera shows right now."""

from pathlib import Path
from threading import Event, Timer

from edge.frame import CameraFrame, Still
from edge.settings import CameraSettings
from edge.sources.factory import dedicated_source


class NoFrame(Exception):
    """No frame came; the text says why, without credentials."""


class _First:
    """Keeps the first frame and stops the source."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop
        self.still: Still | None = None
        self.reason = "nothing came in time"

    def frame(self, frame: CameraFrame) -> None:
        self.still = self.still or frame.still
        self._stop.set()

    def bad_frame(self, camera_id: str, reason: str) -> None:
        self.reason = f"what {camera_id} sends {reason}"

    def reached(self, camera_id: str) -> None:
        """Nothing to do: only a frame counts."""

    def lost(self, camera_id: str, reason: str) -> None:
        self.reason = f"{camera_id}: {reason}"


def grab_still(
    camera: CameraSettings, ca_file: Path | None = None, within_s: float = 30.0
) -> Still:
    """The camera's next frame; `ca_file` as in the node's settings. Raises NoFrame."""
    stop = Event()
    first = _First(stop)
    source = dedicated_source(camera, first, ca_file)
    if source is None:
        raise NoFrame(
            f"{camera.camera_id} publishes its frames itself; pass one of them as a picture"
        )
    alarm = Timer(within_s, stop.set)
    alarm.start()
    source.run(stop)
    alarm.cancel()
    if first.still is None:
        raise NoFrame(first.reason)
    return first.still
