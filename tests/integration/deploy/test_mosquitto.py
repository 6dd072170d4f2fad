"""The private broker says why it does not start, and leaves nothing behind."""

import socket
from pathlib import Path

import pytest

from deploy.local.mosquitto import Mosquitto
from hub.devices.broker_files import write_broker_files


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(RuntimeError, match=f"port {port} is in use"):
            Mosquitto(tmp_path, device_port=port).start()


def test_a_broker_that_does_not_come_up_is_ended_and_its_last_words_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.local.mosquitto.wait_for_port", lambda *_, **__: False)
    write_broker_files(tmp_path, [], {}, ("hub", "secret"))
    broker = Mosquitto(tmp_path, starts_within_s=0.5)
    with pytest.raises(RuntimeError, match=r"did not start: .+mosquitto\.log"):
        broker.start()
    with pytest.raises(AssertionError):
        _ = broker.pid


def test_a_broker_that_ends_while_starting_is_not_waited_for(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)  # its files are missing
    with pytest.raises(RuntimeError, match=r"did not start: .*passwords"):
        broker.start()
