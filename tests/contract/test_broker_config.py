"""The broker takes deploy/mosquitto/mosquitto.conf, and holds to it whom it lets in."""

import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.mosquitto import dynamic_security_plugin, mosquitto_program
from deploy.local.ports import free_port, wait_for_port
from hub.devices.broker_files import write_broker_files
from tests.contract.mqtt_client import MqttClient, password_of
from tests.waiting import WITHIN_S
from wire.acl import BrokerLogin
from wire.limits import MAX_JPEG_BYTES
from wire.topics import Kind

CONFIG = Path(__file__).parents[2] / "deploy" / "mosquitto" / "mosquitto.conf"
DEVICES = ("T-0001", "T-0002")
TELEMETRY = "patrol/v1/530303/terminals/T-0001/telemetry"
COMMANDS = "patrol/v1/530303/terminals/T-0001/commands/+"


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """The device's and the hub's port of a broker that runs with a copy of the configuration."""
    text = CONFIG.read_text("utf-8")
    assert re.findall(r"^listener (\d+)$", text, re.MULTILINE) == ["1883", "1884"]
    device_port, hub_port = free_port(), free_port()
    text = text.replace("listener 1883", f"listener {device_port} 127.0.0.1")
    text = text.replace("listener 1884", f"listener {hub_port} 127.0.0.1")
    text = text.replace("/usr/lib/mosquitto_dynamic_security.so", str(dynamic_security_plugin()))
    text = re.sub(r"/mosquitto/(logins|data)", str(tmp_path), text)
    config = tmp_path / "mosquitto.conf"
    config.write_text(f"{text}user root\n")
    logins = [BrokerLogin("530303", Kind.TERMINAL, name) for name in DEVICES]
    passwords = {name: password_of(name) for name in DEVICES}
    write_broker_files(tmp_path, logins, passwords, ("hub", password_of("hub")))
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
def connect() -> Iterator[Callable[..., MqttClient]]:
    made: list[MqttClient] = []

    def connected(port: int, name: str, client_id: str | None = None) -> MqttClient:
        made.append(MqttClient(port, name, client_id))
        return made[-1]

    yield connected
    for each in made:
        each.close()


Connect = Callable[..., MqttClient]


def test_a_device_cannot_cut_another_one_off(ports: tuple[int, int], connect: Connect):
    honest = connect(ports[0], "T-0001")
    assert connect(ports[0], "T-0002", "T-0001").login == "Success"
    assert honest.subscribe(COMMANDS) == "Granted QoS 1"
    assert honest.lost.empty()


def test_a_device_that_comes_twice_keeps_its_newer_connection(
    ports: tuple[int, int], connect: Connect
):
    first, second = connect(ports[0], "T-0001", "one"), connect(ports[0], "T-0001", "another")
    assert first.lost.get(timeout=WITHIN_S)
    assert second.subscribe(COMMANDS) == "Granted QoS 1"


def test_processes_of_the_hub_share_a_login(ports: tuple[int, int], connect: Connect):
    ingest, worker = (connect(ports[1], "hub", f"hub-{part}-1") for part in ("ingest", "worker"))
    assert ingest.subscribe("patrol/v1/#") == "Granted QoS 1"
    assert worker.subscribe("patrol/v1/#") == "Granted QoS 1"
    assert ingest.lost.empty()


def test_each_listener_knows_its_own_logins_alone(ports: tuple[int, int], connect: Connect):
    assert connect(ports[1], "T-0001", "hub-ingest-1").login == "Not authorized"
    assert connect(ports[0], "hub", "hub-ingest-1").login == "Not authorized"


def test_the_configured_broker_refuses_foreign_subscriptions(
    ports: tuple[int, int], connect: Connect
):
    terminal = connect(ports[0], "T-0001")
    for wanted in ("#", "$share/ingest/patrol/v1/+/terminals/+/events", "$SYS/#"):
        assert terminal.subscribe(wanted) == "Not authorized"


def test_a_photo_of_full_size_passes_and_twice_as_much_ends_the_connection(
    ports: tuple[int, int], connect: Connect
):
    terminal = connect(ports[0], "T-0001")
    assert terminal.publish(TELEMETRY, b"x" * MAX_JPEG_BYTES) == "No matching subscribers"
    terminal.send(TELEMETRY, b"x" * (2 * MAX_JPEG_BYTES + 128 * 1024))
    assert terminal.lost.get(timeout=WITHIN_S)


def test_connections_that_never_log_in_keep_nobody_out(ports: tuple[int, int], connect: Connect):
    silent = [socket.create_connection(("127.0.0.1", ports[0])) for _ in range(100)]
    for each in silent[::2]:
        each.sendall(b"\x10\x20\x00\x04MQ")  # the beginning of a CONNECT
    assert connect(ports[0], "T-0001").login == "Success"
    for each in silent:
        each.close()
