"""A real broker with the contract's access list, a hub that listens, and nodes as processes."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from pydantic import BaseModel

from deploy.local.mosquitto import Mosquitto, mosquitto
from hub.devices.broker_files import write_broker_files
from tests.waiting import WITHIN_S, until_sync
from wire import topics
from wire.acl import BrokerLogin
from wire.messages import Detection, HubStatus, Link
from wire.topics import Address, Kind, Leaf

DISTRICT = "530303"
PASSWORD = "of-this-test-only"
PROGRAMS = Path(__file__).with_name("programs")
ROOT = Path(__file__).parents[3]


def wait_until(holds: Callable[[], bool], within_s: float, what: str) -> None:
    """Return once `holds`; fail with `what` after the deadline, or what a busy machine takes."""
    until_sync(holds, max(within_s, WITHIN_S), what)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    folder = tmp_path / "broker"
    cameras = ("C-001", "C-002")
    logins = [BrokerLogin(DISTRICT, Kind.EDGE, "E-01", cameras)]
    logins += [BrokerLogin(DISTRICT, Kind.CAMERA, camera_id) for camera_id in cameras]
    passwords = {login.device_id: PASSWORD for login in logins}
    write_broker_files(folder, logins, passwords, ("hub", PASSWORD))
    with mosquitto(folder) as running:
        yield running


@dataclass
class Hub:
    """What a hub hears; its session outlives its connection, and the connection comes back."""

    port: int
    heard: list[tuple[Address, bytes]] = field(default_factory=list)
    subscribed: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id="hub-ingest-test", protocol=mqtt.MQTTv5
        )
        client.username_pw_set("hub", PASSWORD)
        client.reconnect_delay_set(1, 1)
        client.on_connect = lambda c, *_: c.subscribe(
            [
                (topics.every_device(Kind.EDGE, leaf), 1)
                for leaf in (
                    Leaf.STATUS,
                    Leaf.HEALTH,
                    Leaf.DETECTIONS,
                    Leaf.EVIDENCE,
                    Leaf.CONFIG_REPORTED,
                    Leaf.MODELS_REPORTED,
                )
            ]
        )
        client.on_subscribe = lambda *_: self.subscribed.set()
        client.on_message = lambda _c, _d, m: self.heard.append((topics.parse(m.topic), m.payload))
        session = Properties(PacketTypes.CONNECT)
        session.SessionExpiryInterval = 3600
        client.connect("127.0.0.1", self.port, clean_start=False, properties=session)
        client.loop_start()
        self._client = client
        assert self.subscribed.wait(WITHIN_S)

    def announce(self) -> None:
        """The hub's birth."""
        status = HubStatus(state=Link.ONLINE, started_at=datetime.now(UTC), version="test")
        self._client.publish(
            topics.hub_status(DISTRICT), status.model_dump_json(), qos=1, retain=True
        ).wait_for_publish(WITHIN_S)

    def desire(self, leaf: Leaf, desired: BaseModel) -> None:
        """What the node is to run, retained."""
        topic = topics.device(DISTRICT, Kind.EDGE, "E-01", leaf)
        payload = desired.model_dump_json(exclude_none=True)
        self._client.publish(topic, payload, qos=1, retain=True).wait_for_publish(WITHIN_S)

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        del self._client  # it points back here: its sockets would stay open until a collection

    def payloads(self, leaf: Leaf) -> list[bytes]:
        return [payload for address, payload in list(self.heard) if address.leaf is leaf]

    def detections(self) -> list[Detection]:
        """Each once: a node that dies before it has read the acknowledgement sends one again."""
        heard = [Detection.model_validate_json(one) for one in self.payloads(Leaf.DETECTIONS)]
        return list({(one.detection_id, one.seq): one for one in heard}.values())

    def states(self) -> list[str]:
        return [json.loads(one)["state"] for one in self.payloads(Leaf.STATUS)]


@pytest.fixture
def hub(broker: Mosquitto) -> Iterator[Hub]:
    listening = Hub(broker.port)
    listening.start()
    yield listening
    listening.stop()


@dataclass
class Program:
    """A process of ours, its log lines, and its end."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def has_said(self, text: str) -> bool:
        return any(text in line for line in list(self.lines))

    def has_ended(self) -> bool:
        """Whether it has, and all that it said has been read."""
        return self.process.poll() is not None and not self._reader.is_alive()

    def kill(self) -> None:
        self.process.kill()
        self._finish()

    def stop(self, within_s: float = WITHIN_S) -> int:
        self.process.terminate()
        self.process.wait(within_s)
        return self._finish()

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 1024

    def _finish(self) -> int:
        code = self.process.wait(WITHIN_S)
        self._reader.join(WITHIN_S)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@contextmanager
def launched(*command: object, environ: dict[str, str] | None = None) -> Iterator[Program]:
    """A program of this project, killed at the latest at the end."""
    program = Program(
        subprocess.Popen(
            [sys.executable, *(str(part) for part in command)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(environ or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    )
    try:
        yield program
    finally:
        program.kill()
        sys.stdout.writelines(program.lines)  # shown where the test fails


@contextmanager
def running(*command: object, environ: dict[str, str] | None = None) -> Iterator[Program]:
    """A program of this project, from when it is ready, killed at the latest at the end."""
    with launched(*command, environ=environ) as program:
        wait_until(lambda: program.has_said("started") or program.has_ended(), 90, "it starts")
        assert program.has_said("started"), "it ended before it was ready"
        yield program


def exit_code(*command: object, environ: dict[str, str]) -> int:
    """With which code a program of this project ends by itself, be it before it is ready."""
    with launched(*command, environ=environ) as program:
        wait_until(program.has_ended, 90, "it ends")
        return program.process.returncode


@pytest.fixture
def node_environ(broker: Mosquitto, tmp_path: Path) -> dict[str, str]:
    cameras = [{"camera_id": "C-001", "source": "mqtt", "place": [103.82, 25.61], "coverage_m": 40}]
    (tmp_path / "cameras.json").write_text(json.dumps(cameras), encoding="utf-8")
    values = {
        "EDGE_ID": "E-01",
        "DISTRICT": DISTRICT,
        "MQTT_PORT": str(broker.device_port),
        "MQTT_PASSWORD": PASSWORD,
        "CAMERAS": str(tmp_path / "cameras.json"),
        "DATA_DIR": str(tmp_path / "edge"),
        "HEALTH_EVERY_S": "1",
        "CAMERA_FOLDERS": str(tmp_path),
    }
    return {f"PATROLHUB_EDGE_{name}": value for name, value in values.items()}


class FilmingCamera:
    """Camera C-001: publishes what it is told to show, several times a second."""

    def __init__(self, port: int) -> None:
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id="C-001", protocol=mqtt.MQTTv5
        )
        self._client.username_pw_set("C-001", PASSWORD)
        self._client.reconnect_delay_set(1, 1)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._picture: Callable[[], bytes] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._film, daemon=True)
        self._thread.start()

    def show(self, picture: Callable[[], bytes]) -> None:
        self._picture = picture

    def send(self, payload: bytes) -> None:
        topic = topics.device(DISTRICT, Kind.CAMERA, "C-001", Leaf.FRAMES)
        properties = Properties(PacketTypes.PUBLISH)
        properties.UserProperty = [("observed_at", datetime.now(UTC).isoformat()), ("seq", "1")]
        self._client.publish(topic, payload, qos=0, properties=properties)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(WITHIN_S)
        self._client.disconnect()
        self._client.loop_stop()

    def _film(self) -> None:
        while not self._stop.wait(0.15):
            if self._picture is not None:
                self.send(self._picture())


@pytest.fixture
def camera(broker: Mosquitto) -> Iterator[FilmingCamera]:
    filming = FilmingCamera(broker.device_port)
    yield filming
    filming.stop()
