"""The state of each camera that the node watches, and the intake of their frames."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog

from edge.frame import CameraFrame
from edge.gate import Gate
from edge.ground import CameraSite
from edge.log_throttle import LogThrottle
from edge.mailbox import Mailboxes
from edge.picture import Picture
from edge.road import LOWER_PART, Outline, surrounds
from edge.tile_scheduler import TileScheduler
from edge.tiling import TilingPlan, plan_tiles
from edge.usability import Usability
from wire.messages import CameraHealth, CameraState

_log = structlog.get_logger()

_REASON_LENGTH = 300


@dataclass
class CameraChannel:
    """One camera's channel: its geometry, its gate, and its counts since the node's start.

    It is silent after `silent_after_s` without a frame, blind after as long without a frame that shows
    anything, and down from `lost` to `reached`.
    """

    camera_id: str
    site: CameraSite
    silent_after_s: float = 30.0
    road: Outline = LOWER_PART
    ignore: tuple[Outline, ...] = ()
    blur: tuple[Outline, ...] = ()
    gate: Gate = field(default_factory=Gate)
    tile_scheduler: TileScheduler = field(default_factory=TileScheduler)
    frames_in: int = 0
    looked_at: int = 0
    bad: int = 0
    outages: int = 0
    newest_s: float | None = None
    usability: Usability = field(default_factory=Usability, init=False)
    _since_s: float = field(default_factory=time.monotonic)
    _down: str | None = field(default=None, init=False)
    _refusals: LogThrottle = field(default_factory=LogThrottle, init=False)
    _losses: LogThrottle = field(default_factory=LogThrottle, init=False)
    _loss_told: bool = field(default=False, init=False)
    _plan: TilingPlan | None = field(default=None, init=False)

    def plan(self, image: Picture, side: int) -> TilingPlan:
        """The views of its pictures for a detector with this input side."""
        height, width = image.shape[:2]
        if self._plan is None or not self._plan.fits(width, height, side):
            self._plan = plan_tiles(width, height, side, self.road)
        return self._plan

    def watches(self, point: tuple[float, float]) -> bool:
        """Whether objects at this point (u, v) of the picture are reported."""
        return not any(surrounds(outline, point) for outline in self.ignore)

    def arrived(self, at_s: float) -> None:
        """A frame has arrived."""
        self.frames_in += 1
        self.newest_s = at_s
        self.reached()

    def reached(self) -> None:
        """The camera is connected, whether or not frames come yet."""
        self._down = None
        if self._loss_told:
            self._loss_told = False
            _log.info("camera_back", camera_id=self.camera_id)

    def refuse(self, reason: str) -> None:
        """A frame cannot be used; the log says so once a minute."""
        self.bad += 1
        self.usability.useless(f"bad: {reason}", time.monotonic())
        if self._refusals.due():
            _log.warning("frame_refused", camera_id=self.camera_id, reason=reason, bad=self.bad)

    def lost(self, reason: str) -> None:
        """The camera cannot be reached, or no longer; the log says so once a minute."""
        if self._down is None:
            self.outages += 1
        self._down = "".join(c if c.isprintable() else " " for c in reason[:_REASON_LENGTH])
        if times := self._losses.due():
            self._loss_told = True
            _log.warning("camera_lost", camera_id=self.camera_id, reason=reason, times=times)

    def health(self, now_s: float, dropped: int = 0) -> CameraHealth:
        """The figures for the hub: every frame was looked at, bad, or skipped.

        `dropped` of the skipped ones were replaced before they had their turn.
        """
        frames_in, looked_at, bad = self.frames_in, self.looked_at, self.bad
        down, blind = self._down, self.usability.fault(now_s, self.silent_after_s)
        age_s = None if self.newest_s is None else round(max(0.0, now_s - self.newest_s), 3)
        state = self._state(now_s, blind)
        return CameraHealth(
            camera_id=self.camera_id,
            frames_in=frames_in,
            frames_looked_at=looked_at,
            frames_skipped=max(0, frames_in - looked_at - bad),
            frames_bad=bad,
            frames_dropped=dropped,
            newest_frame_age_s=age_s,
            state=CameraState.DOWN if down else state,
            reason=down or (blind if state is CameraState.BLIND else None),
            outages=self.outages,
        )

    def _state(self, now_s: float, blind: str | None) -> CameraState | None:
        """The state of a camera that is not down; None while it is too early to say."""
        heard_s = self._since_s if self.newest_s is None else self.newest_s
        if now_s - heard_s > self.silent_after_s:
            return CameraState.SILENT
        if self.newest_s is None:
            return None
        return CameraState.UP if blind is None else CameraState.BLIND


class Intake:
    """Receives frames from all sources; never waits."""

    def __init__(self, cameras: Iterable[CameraChannel], mailboxes: Mailboxes) -> None:
        self._mailboxes = mailboxes
        self.watch(cameras)

    def watch(self, cameras: Iterable[CameraChannel]) -> None:
        """Receive frames of these cameras from now on; the sources of others must have stopped."""
        self._cameras = {camera.camera_id: camera for camera in cameras}

    def frame(self, frame: CameraFrame) -> None:
        """Count a frame and leave it for the detector."""
        self._cameras[frame.camera_id].arrived(frame.arrived_s)
        self._mailboxes.put(frame)

    def bad_frame(self, camera_id: str, reason: str) -> None:
        """Count a delivery that is no usable frame."""
        camera = self._cameras[camera_id]
        camera.arrived(time.monotonic())
        camera.refuse(reason)

    def reached(self, camera_id: str) -> None:
        """The camera is connected: its outage is over."""
        self._cameras[camera_id].reached()

    def lost(self, camera_id: str, reason: str) -> None:
        """Count an outage; it lasts until the camera is reached again."""
        self._cameras[camera_id].lost(reason)
