"""A node's worker with everything real but the broker: detector, gate, tracks, evidence, outbox."""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.clocks import Took, now
from edge.camera import CameraChannel
from edge.database import Durability, connect
from edge.detector import LoadedDetector
from edge.frame import CameraFrame
from edge.gate import Gate, Thumbnail, Trigger, phase_of
from edge.ground import CameraSite
from edge.messages import MessageEncoder
from edge.outbox import OutboxTable
from edge.picture import Jpeg
from edge.road import LOWER_PART
from edge.stopwatch import Stopwatch
from edge.tile_scheduler import TileScheduler, TilingLimits, TilingMode
from edge.worker import Worker

STAGES = ("thumbnail", "gate", "decode", "infer", "track", "evidence", "commit")
_START_AT = datetime(2025, 8, 7, tzinfo=UTC)
_OUTBOX_BYTES = 64 * 1024 * 1024


class OpenGate(Gate):
    """A gate that does its work and then lets every frame through."""

    def update(
        self,
        thumbnail: Thumbnail,
        now_s: float,
        *,
        watch_every_s: float | None = None,
        stretch: float = 1.0,
    ) -> Trigger | None:
        super().update(thumbnail, now_s, watch_every_s=watch_every_s, stretch=stretch)
        return Trigger.HEARTBEAT


class Recording(Stopwatch):
    """Keeps every run of every stage."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: dict[str, list[Took]] = defaultdict(list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = now()
        try:
            yield
        finally:
            self.runs[name].append(now() - start)


@dataclass(frozen=True, slots=True)
class Handled:
    """A frame that the worker is done with; seconds of the monotonic clock."""

    arrived_s: float
    from_s: float
    to_s: float
    looked_at: bool


class ClockedWorker(Worker):
    """Notes when each frame came, when its turn was, and when what it means was committed."""

    def __init__(self, stopwatch: Recording, **named: Any) -> None:
        super().__init__(stopwatch=stopwatch, **named)
        self.handled: list[Handled] = []
        self._looks = stopwatch.runs["infer"]

    def handle(self, frame: CameraFrame) -> None:
        looks, from_s = len(self._looks), time.monotonic()
        super().handle(frame)
        looked_at = len(self._looks) > looks
        self.handled.append(Handled(frame.arrived_s, from_s, time.monotonic(), looked_at))


@dataclass
class Station:
    """A worker that watches some cameras; its database is a file in `folder`."""

    folder: Path
    loaded_detector: LoadedDetector
    camera_ids: Sequence[str]
    tiling: TilingMode = TilingMode.ROTATE
    gated: bool = True
    stopwatch: Recording = field(default_factory=Recording)

    def __post_init__(self) -> None:
        connection = connect(self.folder / "edge.db", Durability.FULL)
        self.outbox = OutboxTable(connection, _OUTBOX_BYTES)
        self.cameras = [self._camera(camera_id) for camera_id in self.camera_ids]
        encoder = MessageEncoder("530303", "E-01", "bench", self.loaded_detector.model)
        self.worker = ClockedWorker(
            self.stopwatch,
            cameras=self.cameras,
            detector=self.loaded_detector.detector,
            encoder=encoder,
            connection=connection,
            outbox=self.outbox,
            committed=lambda: None,
        )
        self.close = connection.close

    def show(self, camera_id: str, jpeg: bytes, at_s: float) -> Took:
        """Take in a frame as if it had come at this instant; the time until it is done with."""
        frame = CameraFrame(camera_id, Jpeg(jpeg), at_s, _START_AT + timedelta(seconds=at_s))
        start = now()
        self.worker.handle(frame)
        return now() - start

    def _camera(self, camera_id: str) -> CameraChannel:
        kind = Gate if self.gated else OpenGate
        gate = kind(road=LOWER_PART, phase=phase_of(camera_id))
        tile_scheduler = TileScheduler(TilingLimits(self.tiling))
        return CameraChannel(
            camera_id, CameraSite(103.82, 25.61, 40), gate=gate, tile_scheduler=tile_scheduler
        )
