"""The broker takes deploy/mosquitto/mosquitto.conf, and no device can cut another one off."""

import queue
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from deploy.local.mosquitto import mosquitto_program
from deploy.local.ports import free_port, wait_for_port
from hub.devices.provisioning import hashed
from tests.waiting import WITHIN_S
from wire.acl import BrokerLogin, access_list
from wire.topics import Kind

CONFIG = Path(__file__).parents[2] / "deploy" / "mosquitto" / "mosquitto.conf"
NAMES = ("hub", "T-0001", "T-0002")


class Connected:
    """A connection with the broker; `lost` is filled once it ends."""

    def __init__(self, port: int, username: str, client_id: str) -> None:
        self.lost: queue.Queue[str] = queue.Queue()
        answers: queue.Queue[str] = queue.Queue()
        self._pongs: queue.Queue[bool] = queue.Queue()
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id, protocol=MQTTv5, reconnect_on_failure=False
        )
        self._client.username_pw_set(username, f"password of {username}")
        self._client.on_connect = lambda _c, _u, _f, code, _p: answers.put(str(code))
        self._client.on_disconnect = lambda _c, _u, _f, code, _p: self.lost.put(str(code))
        self._client.on_subscribe = lambda *_: self._pongs.put(True)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert answers.get(timeout=WITHIN_S) == "Success"

    def answers(self) -> bool:
        """Whether the broker still does what this connection asks."""
        self._client.subscribe("own", qos=1)
        try:
            return self._pongs.get(timeout=WITHIN_S)
        except queue.Empty:
            return False

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """The device's and the hub's port of a broker that runs with a copy of the configuration."""
    text = CONFIG.read_text("utf-8")
    assert re.findall(r"^listener (\d+)$", text, re.MULTILINE) == ["1883", "1884"]
    device_port, hub_port = free_port(), free_port()
    text = text.replace("listener 1883", f"listener {device_port} 127.0.0.1")
    text = text.replace("listener 1884", f"listener {hub_port} 127.0.0.1")
    text = re.sub(r"/mosquitto/(logins|data)", str(tmp_path), text)
    config = tmp_path / "mosquitto.conf"
    config.write_text(f"{text}user root\n")
    logins = [BrokerLogin("530303", Kind.TERMINAL, name) for name in NAMES[1:]]
    (tmp_path / "acl").write_text(access_list(logins, "hub"))
    lines = [f"{name}:{hashed(f'password of {name}')}\n" for name in NAMES]
    (tmp_path / "passwords").write_text("".join(lines))
    log = tmp_path / "log"
    with log.open("wb") as file:
        broker = subprocess.Popen(
            [mosquitto_program(), "-c", str(config)], stdout=file, stderr=file
        )
    try:
        up = all(wait_for_port(port, within_s=WITHIN_S) for port in (device_port, hub_port))
        assert up, log.read_text()
        yield device_port, hub_port
    finally:
        broker.terminate()
        broker.wait(timeout=WITHIN_S)


@pytest.fixture
def connections() -> Iterator[list[Connected]]:
    made: list[Connected] = []
    yield made
    for each in made:
        each.close()


def test_a_device_cannot_cut_another_one_off(ports: tuple[int, int], connections: list[Connected]):
    honest = Connected(ports[0], "T-0001", "T-0001")
    connections += [honest, Connected(ports[0], "T-0002", "T-0001")]
    assert honest.answers()
    assert honest.lost.empty()


def test_a_device_that_comes_twice_keeps_its_newer_connection(
    ports: tuple[int, int], connections: list[Connected]
):
    first = Connected(ports[0], "T-0001", "one")
    second = Connected(ports[0], "T-0001", "another")
    connections += [first, second]
    assert first.lost.get(timeout=WITHIN_S)
    assert second.answers()


def test_processes_of_the_hub_share_a_login(ports: tuple[int, int], connections: list[Connected]):
    ingest = Connected(ports[1], "hub", "hub-ingest-1")
    worker = Connected(ports[1], "hub", "hub-worker-1")
    connections += [ingest, worker]
    assert ingest.answers()
    assert worker.answers()
    assert ingest.lost.empty()
