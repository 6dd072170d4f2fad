"""A worker over a database file, shown pictures as a camera would take them."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge.camera import CameraChannel
from edge.database import Durability, connect
from edge.detector import ModelInfo, ObjectDetector
from edge.frame import CameraFrame
from edge.ground import CameraSite
from edge.messages import MessageEncoder
from edge.outbox import OutboxTable
from edge.picture import Jpeg
from edge.stopwatch import Stopwatch
from edge.worker import Worker
from tests.paint import PaintDetector
from wire import topics
from wire.decode import decode
from wire.messages import Detection
from wire.topics import Leaf

START_AT = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)


@dataclass
class Rig:
    """A worker over a database file; `film` shows it one picture for a time at 5 frames a second."""

    path: Path
    model: ModelInfo
    detector: ObjectDetector = field(default_factory=PaintDetector)
    new_camera: Callable[[], CameraChannel] = lambda: CameraChannel(
        "C-001", CameraSite(103.82, 25.61, 40)
    )
    now_s: float = 0.0
    committed: int = 0

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Start the worker, as after a restart: only the file is left of what was."""
        self.connection: sqlite3.Connection = connect(self.path, Durability.FULL)
        self.outbox = OutboxTable(self.connection, 100_000_000)
        self.camera = self.new_camera()
        encoder = MessageEncoder("530303", "E-01", "boot-1", self.model)
        self.worker = Worker(
            [self.camera],
            self.detector,
            encoder,
            self.connection,
            self.outbox,
            Stopwatch(),
            self._count,
        )

    def restart(self) -> None:
        self.connection.close()
        self.open()

    def film(self, jpeg: bytes, for_s: float) -> None:
        self.play(lambda _: jpeg, for_s)

    def play(self, jpeg_at: Callable[[float], bytes], for_s: float, fps: float = 5) -> None:
        """Show what the street looks like from instant to instant."""
        for _ in range(round(for_s * fps)):
            self.show(jpeg_at(self.now_s), 1 / fps)

    def show(self, jpeg: bytes, for_s: float = 0.2) -> None:
        at = START_AT + timedelta(seconds=self.now_s)
        self.worker.handle(CameraFrame("C-001", Jpeg(jpeg), self.now_s, at))
        self.now_s += for_s

    def waiting(self) -> list[tuple[Leaf, str, bytes]]:
        rows = []
        for one in self.outbox.after(0, 1000):
            address = topics.parse(one.message.topic)
            assert decode(address, one.message.payload)
            rows.append((address.leaf, address.tail, one.message.payload))
        return rows

    def detections(self) -> list[Detection]:
        return [
            Detection.model_validate_json(payload)
            for leaf, _, payload in self.waiting()
            if leaf is Leaf.DETECTIONS
        ]

    def kept_pictures(self) -> int:
        """How many pictures are kept of what is not certain yet."""
        return int(self.connection.execute("SELECT count(*) FROM pictures").fetchone()[0])

    def _count(self) -> None:
        self.committed += 1
