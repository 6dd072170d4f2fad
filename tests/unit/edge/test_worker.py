"""The whole way from frame to outbox, with a detector that sees what the test paints."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from edge.camera import Camera
from edge.database import Durability, connect
from edge.detector import Model
from edge.frame import Frame
from edge.ground import Site
from edge.messages import Sender
from edge.outbox import Outbox
from edge.picture import Picture
from edge.stopwatch import Stopwatch
from edge.worker import Worker
from models import Detection as Found
from scenes import encode_jpeg
from wire import topics
from wire.decode import JpegPayload, decode
from wire.messages import Detection
from wire.topics import Leaf

START_AT = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
GOOD, BROKEN = (0, 160, 0), (0, 0, 200)
CAR = (220, 120, 20)


@dataclass
class PaintDetector:
    """Sees a whole cover in green paint and a broken one in red, where covers are painted."""

    looks: int = 0
    scores: Sequence[float] = (0.8,)

    def detect(self, image_bgr: Picture, /) -> list[Found]:
        self.looks += 1
        blue, green, red = (int(level) for level in image_bgr[450, 600])
        score = self.scores[self.looks % len(self.scores)]
        if green > 110 and red < 90 and blue < 90:
            return [Found("manhole_good", score, 560, 420, 80, 60)]
        if red > 140 and green < 90:
            return [Found("manhole_broken", score, 560, 420, 80, 60)]
        return []


def street(cover: tuple[int, int, int] | None, light: int = 0, car_at: int | None = None) -> bytes:
    image = np.full((720, 1280, 3), 100 + light, np.uint8)
    image[::16] = 90 + light
    if cover is not None:
        image[420:480, 560:640] = cover
    if car_at is not None:
        image[300:420, car_at : car_at + 260] = CAR
    return encode_jpeg(image)


@dataclass
class Bench:
    """A worker over a database file; `film` shows it one picture for a time at 5 frames a second."""

    path: Path
    model: Model
    detector: PaintDetector = field(default_factory=PaintDetector)
    now_s: float = 0.0
    committed: int = 0

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Start the worker, as after a restart: only the file is left of what was."""
        self.connection: sqlite3.Connection = connect(self.path, Durability.FULL)
        self.outbox = Outbox(self.connection, 100_000_000)
        self.camera = Camera("C-001", Site(103.82, 25.61, 40))
        sender = Sender("530303", "E-01", "boot-1", self.model)
        self.worker = Worker(
            [self.camera],
            self.detector,
            sender,
            self.connection,
            self.outbox,
            Stopwatch(),
            self._count,
        )

    def restart(self) -> None:
        self.connection.close()
        self.open()

    def film(self, jpeg: bytes, for_s: float) -> None:
        for _ in range(round(for_s * 5)):
            self.show(jpeg)

    def show(self, jpeg: bytes) -> None:
        at = START_AT + timedelta(seconds=self.now_s)
        self.worker.handle(Frame("C-001", jpeg, self.now_s, at))
        self.now_s += 0.2

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

    def _count(self) -> None:
        self.committed += 1


@pytest.fixture
def bench(tmp_path: Path, model: Model) -> Iterator[Bench]:
    made = Bench(tmp_path / "edge.db", model)
    yield made
    made.connection.close()


def test_a_cover_that_breaks_is_published_once_with_its_picture_before_it(bench: Bench) -> None:
    bench.film(street(GOOD), 15)
    broken = street(BROKEN)
    bench.film(broken, 60)
    (_, tail, jpeg), (leaf, camera_id, payload) = bench.waiting()
    assert (leaf, camera_id) == (Leaf.DETECTIONS, "C-001")
    message = json.loads(payload)
    assert message["class"] == "manhole_broken"
    assert message["evidence"] == tail == sha256(jpeg).hexdigest()
    assert jpeg == broken
    assert (message["type"], message["seq"]) == ("new", 1)
    assert message["ground"] == {"lon": 103.82, "lat": 25.61, "error_m": 40.0}
    assert message["box"]["x"] == pytest.approx(560 / 1280)
    assert bench.committed == 1


def test_it_is_published_within_fifteen_seconds(bench: Bench) -> None:
    bench.film(street(GOOD), 15)
    bench.film(street(BROKEN), 15)
    assert [one.type for one in bench.detections()] == ["new"]


def test_three_restarts_tell_nothing_again(bench: Bench) -> None:
    bench.film(street(BROKEN), 20)
    for _ in range(3):
        bench.restart()
        bench.film(street(BROKEN), 40)
    assert [one.type for one in bench.detections()] == ["new"]


def test_a_restart_in_the_middle_of_doubt_loses_nothing(bench: Bench) -> None:
    bench.film(street(BROKEN), 2.2)
    assert bench.detections() == []
    bench.restart()
    bench.film(street(BROKEN), 10)
    assert [one.type for one in bench.detections()] == ["new"]


def test_a_repair_clears_the_fault_also_after_a_restart(bench: Bench) -> None:
    bench.film(street(BROKEN), 20)
    bench.restart()
    bench.film(street(GOOD), 30)
    new, cleared = bench.detections()
    assert cleared.type == "cleared"
    assert cleared.detection_id == new.detection_id
    assert cleared.seq == new.seq + 1
    assert cleared.evidence is not None
    assert cleared.evidence != new.evidence
    bench.restart()
    bench.film(street(GOOD), 60)
    assert len(bench.detections()) == 2


def test_a_change_of_light_tells_nothing(bench: Bench) -> None:
    bench.film(street(GOOD), 12)
    for light in (60, 0, 100, -40):
        bench.film(street(GOOD, light), 12)
    assert bench.detections() == []


def test_a_parked_car_tells_nothing_and_costs_few_looks(bench: Bench) -> None:
    bench.film(street(GOOD), 12)
    before = bench.detector.looks
    bench.film(street(GOOD, car_at=500), 60)
    assert bench.detections() == []
    assert bench.detector.looks - before <= 8


def test_a_car_over_a_broken_cover_neither_ends_nor_repeats_the_fault(bench: Bench) -> None:
    bench.film(street(BROKEN), 20)
    covered = street(None, car_at=500)
    bench.film(covered, 60)
    bench.film(street(BROKEN), 30)
    assert [one.type for one in bench.detections()] == ["new"]


def test_bad_frames_are_counted_and_the_next_good_one_is_looked_at(bench: Bench) -> None:
    broken = street(BROKEN)
    for bad in (b"", b"\xff\xd8\xff", broken[:5000], bytes(3000), broken[:100] * 50):
        bench.show(bad)
    assert bench.camera.bad == 5
    bench.film(broken, 10)
    assert [one.type for one in bench.detections()] == ["new"]


def test_every_waiting_message_keeps_the_contract(bench: Bench) -> None:
    bench.film(street(BROKEN), 20)
    bench.film(street(GOOD), 30)
    decoded = [
        decode(topics.parse(one.message.topic), one.message.payload)
        for one in bench.outbox.after(0, 100)
    ]
    kinds = [JpegPayload, Detection, JpegPayload, Detection]
    assert [type(one) for one in decoded] == kinds


def test_the_outbox_and_the_slots_hold_together_or_not_at_all(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    class DiskFull(Exception):
        pass

    def fail(*_: object) -> None:
        raise DiskFull

    monkeypatch.setattr(bench.outbox, "append", fail)
    with pytest.raises(DiskFull):
        bench.film(street(BROKEN), 20)
    with closing(connect(bench.path, Durability.FULL)) as other:
        assert other.execute("SELECT count(*) FROM slots").fetchone()[0] == 0
    bench.restart()
    bench.film(street(BROKEN), 20)
    assert [one.type for one in bench.detections()] == ["new"]
