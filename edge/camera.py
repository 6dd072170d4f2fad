"""The cameras that a node watches: what is kept of each, and the way in for their frames."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog

from edge.frame import Frame
from edge.gate import Gate
from edge.ground import Site
from edge.mailbox import Mailboxes
from wire.messages import CameraHealth

_log = structlog.get_logger()

_COMPLAIN_EVERY_S = 60.0


@dataclass
class Camera:
    """One camera. The counts run from the node's start."""

    camera_id: str
    site: Site
    gate: Gate = field(default_factory=Gate)
    frames_in: int = 0
    looked_at: int = 0
    bad: int = 0
    newest_s: float | None = None
    _complained_s: float | None = None

    def arrived(self, at_s: float) -> None:
        """A frame has come in."""
        self.frames_in += 1
        self.newest_s = at_s

    def refuse(self, reason: str) -> None:
        """A frame could not be used; the log says so once a minute."""
        self.bad += 1
        now_s = time.monotonic()
        if self._complained_s is None or now_s - self._complained_s >= _COMPLAIN_EVERY_S:
            self._complained_s = now_s
            _log.warning("frame_refused", camera_id=self.camera_id, reason=reason, bad=self.bad)

    def health(self, now_s: float) -> CameraHealth:
        """The figures as the hub gets them: what came in was looked at, bad, or skipped."""
        frames_in, looked_at, bad = self.frames_in, self.looked_at, self.bad
        age_s = None if self.newest_s is None else round(max(0.0, now_s - self.newest_s), 3)
        return CameraHealth(
            camera_id=self.camera_id,
            frames_in=frames_in,
            frames_looked_at=looked_at,
            frames_skipped=max(0, frames_in - looked_at - bad),
            frames_bad=bad,
            newest_frame_age_s=age_s,
        )


class Intake:
    """Takes frames from all sources; never waits."""

    def __init__(self, cameras: Iterable[Camera], mailboxes: Mailboxes) -> None:
        self._cameras = {camera.camera_id: camera for camera in cameras}
        self._mailboxes = mailboxes

    def frame(self, frame: Frame) -> None:
        """Count a frame and leave it for the detector."""
        self._cameras[frame.camera_id].arrived(frame.arrived_s)
        self._mailboxes.put(frame)

    def bad_frame(self, camera_id: str, reason: str) -> None:
        """Count what came instead of a frame."""
        camera = self._cameras[camera_id]
        camera.arrived(time.monotonic())
        camera.refuse(reason)
