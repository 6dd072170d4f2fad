"""An hour without the hub's broker, on a simulated clock; then everything arrives."""

import threading
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from deploy.local.mosquitto import Mosquitto
from edge.connection import BrokerSettings, RetainedMessage
from edge.database import Durability, connect
from edge.detector import ModelInfo
from edge.outbox import OutboxTable
from edge.uplink import NodeIdentity, Uplink
from scenes import encode_jpeg
from tests.integration.edge.conftest import DISTRICT, PASSWORD, Hub, wait_until
from tests.paint import BROKEN, GOOD
from tests.unit.edge.rig import Rig
from tests.waiting import WITHIN_S
from wire import topics
from wire.messages import LoadedModel
from wire.topics import Kind, Leaf

ROUNDS = 12
EACH_S = 150


def street(at_s: float, cover: tuple[int, int, int]) -> bytes:
    """A street of which no two pictures are the same."""
    image = np.full((360, 640, 3), 100, np.uint8)
    image[:40, : 1 + round(at_s) % 600] = 180
    image[210:240, 280:330] = cover
    return encode_jpeg(image)


@pytest.fixture
def cut_off(tmp_path: Path) -> Iterator[Rig]:
    loaded = LoadedModel(name="paint", version="1", sha256="ab" * 32)
    rig = Rig(tmp_path / "edge.db", ModelInfo(loaded, {}))
    yield rig
    rig.connection.close()


def test_every_transition_of_an_hour_cut_off_arrives_once_and_in_order(
    cut_off: Rig, broker: Mosquitto, hub: Hub
) -> None:
    for turn in range(2 * ROUNDS):
        cover = GOOD if turn % 2 else BROKEN
        cut_off.play(lambda at_s, cover=cover: street(at_s, cover), EACH_S, fps=0.5)
    assert cut_off.now_s == pytest.approx(3600)
    expected = cut_off.detections()
    assert [one.type for one in expected] == ["new", "cleared"] * ROUNDS

    deliver(cut_off.path, broker.device_port)

    heard = hub.detections()
    assert heard == expected
    pictures = {sha256(jpeg).hexdigest() for jpeg in hub.payloads(Leaf.EVIDENCE)}
    assert {one.evidence for one in heard} <= pictures
    assert {shot.evidence for one in heard for shot in one.shots} <= pictures


def deliver(path: Path, port: int) -> None:
    """Run the uplink over the node's database until nothing waits."""
    topic = topics.device(DISTRICT, Kind.EDGE, "E-01", Leaf.STATUS)
    birth, will = (
        RetainedMessage(topic, f'{{"state":"{state}","boot_id":"test"}}'.encode())
        for state in ("online", "offline")
    )
    identity = NodeIdentity("E-01", topics.hub_status(DISTRICT), lambda: [birth], will)
    stop = threading.Event()
    with closing(connect(path, Durability.NORMAL)) as connection:
        outbox = OutboxTable(connection, 100_000_000)
        uplink = Uplink(BrokerSettings("127.0.0.1", port, "E-01", PASSWORD), identity, outbox)
        thread = threading.Thread(target=uplink.run, args=(stop,))
        thread.start()
        with closing(connect(path, Durability.NORMAL)) as watching:
            depth = OutboxTable(watching, 100_000_000).depth
            wait_until(lambda: depth() == 0, 60, "everything is delivered")
        stop.set()
        uplink.wake()
        thread.join(WITHIN_S)
        assert not thread.is_alive()
