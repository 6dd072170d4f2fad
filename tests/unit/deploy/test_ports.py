import os
import socket

import pytest
from typer.testing import CliRunner

from deploy.local import ports
from deploy.local.__main__ import app
from deploy.local.ports import free_port


def test_a_port_in_use_is_named_before_anything_is_started() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        refused = CliRunner().invoke(app, ["--port", str(port)])
    assert refused.exit_code == 2
    assert f"{port} is in use" in refused.output


def test_a_port_to_serve_on_is_none_that_outgoing_connections_are_given() -> None:
    with socket.create_server(("127.0.0.1", 0)) as any_port:
        given = any_port.getsockname()[1]
    assert free_port() < min(given, 32_768)


def test_no_port_is_given_out_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    two = (os.getpid() * 10, os.getpid() * 10 + 1)
    monkeypatch.setattr(ports, "_SERVED", two)
    monkeypatch.setattr(ports, "is_taken", lambda _port: False)
    assert {free_port(), free_port()} == set(two)
