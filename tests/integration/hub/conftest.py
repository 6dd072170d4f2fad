"""A real broker with the hub's login and those of a few devices, and ingest running against it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psycopg
import pytest
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from deploy.local.mosquitto import Mosquitto, mosquitto
from hub.devices.broker_files import write_broker_files
from hub.devices.listing import RegistryRow
from hub.devices.provisioning import broker_logins, make_passwords
from hub.evidence import open_evidence
from hub.ingest.subscriber import FIRST_GROUP, Broker
from hub.ingest.wiring import ingest_of
from tests.waiting import WITHIN_S, until_sync
from wire.topics import Kind

DISTRICT = "530303"
DEVICES = [
    RegistryRow(device_id="T-1", kind=Kind.TERMINAL, name_zh="终端", name_en="Terminal"),
    RegistryRow(device_id="T-2", kind=Kind.TERMINAL, name_zh="终端", name_en="Terminal"),
    RegistryRow(device_id="C-1", kind=Kind.CAMERA, name_zh="摄像头", name_en="Camera"),
    RegistryRow(device_id="E-1", kind=Kind.EDGE, name_zh="边缘", name_en="Edge", cameras=("C-1",)),
]
HUB = ("hub", "hub-secret")


@pytest.fixture
def passwords() -> dict[str, str]:
    return make_passwords(DEVICES, {})


@pytest.fixture
def broker(tmp_path: Path, passwords: dict[str, str]) -> Iterator[Mosquitto]:
    folder = tmp_path / "broker"
    write_broker_files(folder, broker_logins(DISTRICT, DEVICES), passwords, HUB)
    with mosquitto(folder) as running:
        yield running


@pytest.fixture
def registered(database_url: str) -> str:
    """The URL of a database that knows T-1, C-1 and E-1, but not T-2."""
    with psycopg.connect(database_url) as db:
        for device in DEVICES:
            if device.device_id != "T-2":
                db.execute(
                    "INSERT INTO device"
                    " (device_id, kind, name_zh, name_en, cameras, registered_at)"
                    " VALUES (%s, %s, '', '', %s, now())",
                    (device.device_id, str(device.kind), list(device.cameras)),
                )
    return database_url


@dataclass
class Publisher:
    """A device that publishes at QoS 1, and again where the broker says that nobody listens."""

    client: Client
    connected: threading.Event = field(default_factory=threading.Event)
    answers: dict[int, ReasonCode] = field(default_factory=dict)

    def publish(self, topic: str, payload: bytes | str, *, retain: bool = False) -> None:
        until_sync(lambda: self._heard(topic, payload, retain), within_s=60)

    def _heard(self, topic: str, payload: bytes | str, retain: bool) -> bool:
        until_sync(self.client.is_connected)
        sent = self.client.publish(topic, payload, qos=1, retain=retain)
        until_sync(lambda: sent.mid in self.answers)
        return self.answers.pop(sent.mid).getName() != "No matching subscribers"


@pytest.fixture
def as_user(broker: Mosquitto) -> Iterator[Callable[[str, str], Publisher]]:
    """Log in to the broker as somebody."""
    opened: list[Client] = []

    def log_in(username: str, password: str) -> Publisher:
        client = Client(CallbackAPIVersion.VERSION2, f"{username}-test", protocol=MQTTv5)
        client.username_pw_set(username, password)
        publisher = Publisher(client)
        client.on_connect = lambda *_: publisher.connected.set()
        client.on_publish = lambda _client, _data, mid, answer, _: publisher.answers.update(
            {mid: answer}
        )
        client.connect("127.0.0.1", broker.port if username == HUB[0] else broker.device_port)
        client.loop_start()
        opened.append(client)
        assert publisher.connected.wait(WITHIN_S)
        return publisher

    yield log_in
    for client in opened:
        client.disconnect()
        client.loop_stop()


@dataclass
class RunningIngest:
    """Ingest in a thread of this process."""

    broker_port: int
    database_url: str
    evidence_url: str
    instance: str = "test"
    share_group: str = FIRST_GROUP
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def start(self, *, leaving: bool = False) -> None:
        self.stop.clear()
        client_id = f"hub-ingest-{self.instance}"
        login = Broker("127.0.0.1", self.broker_port, *HUB, client_id, self.share_group)
        evidence = open_evidence(self.evidence_url)
        ingest = ingest_of(login, DISTRICT, "test", self.database_url, evidence, leaving=leaving)
        work = partial(ingest.leave, quiet_s=0.5) if leaving else ingest.run
        self.thread = threading.Thread(target=work, args=(self.stop,))
        self.thread.start()
        assert ingest.wait_until_subscribed(WITHIN_S)

    def end(self) -> None:
        self.stop.set()
        if self.thread is not None:
            self.thread.join(WITHIN_S)
            assert not self.thread.is_alive(), "it would go on under the next test"


@pytest.fixture
def ingest(broker: Mosquitto, registered: str, tmp_path: Path) -> Iterator[RunningIngest]:
    (tmp_path / "evidence").mkdir()
    running = RunningIngest(broker.port, registered, f"file://{tmp_path / 'evidence'}")
    running.start()
    yield running
    running.end()
