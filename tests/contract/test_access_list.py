"""A real broker holds every device to its own branch of the topics."""

import queue
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from deploy.local.mosquitto import Mosquitto, mosquitto
from tests.waiting import WITHIN_S
from wire import topics
from wire.acl import BrokerLogin, access_list
from wire.topics import Kind, Leaf

DISTRICT = "530303"
COMMAND_ID = "3f0c8a52-6f0b-4a36-9d5e-0c7a1b2d9e41"
LOGINS = (
    BrokerLogin(DISTRICT, Kind.TERMINAL, "T-0001"),
    BrokerLogin(DISTRICT, Kind.TERMINAL, "T-0002"),
    BrokerLogin(DISTRICT, Kind.CAMERA, "C-001"),
    BrokerLogin(DISTRICT, Kind.CAMERA, "C-002"),
    BrokerLogin(DISTRICT, Kind.EDGE, "E-01", cameras=("C-001",)),
)


class Device:
    """One connection; `answers` are what the broker said of each publication, in their order."""

    def __init__(self, port: int, name: str, client_id: str | None = None) -> None:
        self.received: queue.Queue[str] = queue.Queue()
        self.answers: queue.Queue[ReasonCode] = queue.Queue()
        self._subscribed: queue.Queue[bool] = queue.Queue()
        self.client = Client(
            CallbackAPIVersion.VERSION2, client_id=client_id or name, protocol=MQTTv5
        )
        self.client.username_pw_set(name, f"password of {name}")
        self.client.on_message = self._on_message
        self.client.on_publish = lambda _c, _u, _m, code, _p: self.answers.put(code)
        self.client.on_subscribe = lambda *_: self._subscribed.put(True)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        self.received.put(message.topic)

    def subscribe(self, topic_filter: str) -> None:
        self.client.subscribe(topic_filter, qos=1)
        self._subscribed.get(timeout=WITHIN_S)

    def publish(self, topic: str) -> str:
        """Publish, and return the broker's answer in words."""
        self.client.publish(topic, b"x", qos=1)
        return str(self.answers.get(timeout=WITHIN_S))


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    names = ["hub", *(login.device_id for login in LOGINS)]
    plain = "".join(f"{name}:password of {name}\n" for name in names)
    (tmp_path / "passwords").write_text(plain)
    program = shutil.which("mosquitto_passwd")
    assert program, "mosquitto_passwd is missing; script/bootstrap installs it"
    subprocess.run([program, "-U", str(tmp_path / "passwords")], check=True)
    (tmp_path / "acl").write_text(access_list(LOGINS, "hub"))
    for name in ("passwords", "acl"):
        (tmp_path / name).chmod(0o600)
    with mosquitto(tmp_path) as running:
        yield running


@pytest.fixture
def connect(broker: Mosquitto) -> Iterator[Callable[[str], Device]]:
    devices: list[Device] = []

    def connected(name: str) -> Device:
        devices.append(Device(broker.port, name))
        return devices[-1]

    yield connected
    for device in devices:
        device.client.disconnect()
        device.client.loop_stop()


def test_a_terminal_writes_to_its_own_branch_alone(connect: Callable[[str], Device]):
    hub, terminal = connect("hub"), connect("T-0001")
    hub.subscribe(f"{topics.PREFIX}/#")
    own = topics.device(DISTRICT, Kind.TERMINAL, "T-0001", Leaf.TELEMETRY)
    for forbidden in (
        topics.device(DISTRICT, Kind.TERMINAL, "T-0002", Leaf.TELEMETRY),
        topics.device(DISTRICT, Kind.TERMINAL, "T-0001", Leaf.COMMANDS, COMMAND_ID),
        topics.device(DISTRICT, Kind.TERMINAL, "T-0001", Leaf.CONFIG_DESIRED),
        topics.device("530302", Kind.TERMINAL, "T-0001", Leaf.TELEMETRY),
        topics.hub_status(DISTRICT),
    ):
        assert terminal.publish(forbidden) == "Not authorized"
    assert terminal.publish(own) == "Success"
    assert hub.received.get(timeout=WITHIN_S) == own
    assert hub.received.empty()


def test_a_terminal_hears_its_own_commands_alone_whatever_it_subscribes_to(
    connect: Callable[[str], Device],
):
    hub, terminal = connect("hub"), connect("T-0001")
    terminal.subscribe("#")
    mine = topics.device(DISTRICT, Kind.TERMINAL, "T-0001", Leaf.COMMANDS, COMMAND_ID)
    status = topics.hub_status(DISTRICT)
    others = (
        topics.device(DISTRICT, Kind.TERMINAL, "T-0002", Leaf.COMMANDS, COMMAND_ID),
        topics.device(DISTRICT, Kind.TERMINAL, "T-0002", Leaf.TELEMETRY),
        topics.device(DISTRICT, Kind.TERMINAL, "T-0001", Leaf.TELEMETRY),
    )
    for topic in (*others, mine, status):
        hub.publish(topic)
    assert [terminal.received.get(timeout=WITHIN_S) for _ in range(2)] == [mine, status]
    assert terminal.received.empty()


def test_an_edge_node_sees_the_frames_of_its_own_cameras_alone(connect: Callable[[str], Device]):
    edge = connect("E-01")
    edge.subscribe(topics.every_device(Kind.CAMERA, Leaf.FRAMES, DISTRICT))
    for camera in ("C-002", "C-001"):
        frames = topics.device(DISTRICT, Kind.CAMERA, camera, Leaf.FRAMES)
        assert connect(camera).publish(frames) == "Success"
    own = topics.device(DISTRICT, Kind.CAMERA, "C-001", Leaf.FRAMES)
    assert edge.received.get(timeout=WITHIN_S) == own
    assert edge.received.empty()


def test_a_device_cannot_cut_another_off_by_taking_its_client_id(broker: Mosquitto):
    victim = Device(broker.device_port, "T-0001")
    victim.subscribe(topics.own_commands(DISTRICT, Kind.TERMINAL, "T-0001"))
    lost: queue.Queue[object] = queue.Queue()
    victim.client.on_disconnect = lambda *_: lost.put(True)
    thief = Device(broker.device_port, "T-0002", client_id="T-0001")
    thief.subscribe(topics.own_commands(DISTRICT, Kind.TERMINAL, "T-0002"))
    own = topics.device(DISTRICT, Kind.TERMINAL, "T-0001", Leaf.TELEMETRY)
    assert victim.publish(own) in ("Success", "No matching subscribers")
    assert lost.empty()
    for device in (victim, thief):
        device.client.disconnect()
        device.client.loop_stop()
