"""A program that knows only `script/demo --describe` uses the system, and brings a terminal of its own."""

import json
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deploy.local.api_user import logged_in
from tests.contract.mqtt_client import MqttClient
from tests.waiting import until_sync

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
FEW = ["--terminals", "3", "--cameras", "2", "--villages", "12"]


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file of a demo that is up; it is gone once the demo has ended."""
    file = tmp_path_factory.mktemp("demo") / "demo.json"
    command = [ROOT / ".venv/bin/python", "-m", "deploy.local", *FEW]
    command += ["--describe", file, "--devices", "H-1,H-2"]
    demo = subprocess.Popen(command, cwd=ROOT)
    try:
        until_sync(lambda: file.exists() or demo.poll() is not None, within_s=200)
        assert demo.poll() is None
        yield file
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(60)
    assert not file.exists()


@pytest.fixture
def demo(described: Path) -> Any:
    return json.loads(described.read_text())


def test_the_file_is_for_its_owner_alone(described: Path):
    assert stat.S_IMODE(described.stat().st_mode) == 0o600


def test_every_account_logs_in_with_its_role(demo: Any):
    for account in demo["accounts"]:
        with logged_in(demo["url"], account["username"], account["password"]) as user:
            assert user.get("/api/session")["account"]["role"] == account["role"]


def test_the_named_terminals_are_registered_and_nobody_plays_them(demo: Any):
    assert [(each["device_id"], each["kind"]) for each in demo["devices"]] == [
        ("H-1", "terminals"),
        ("H-2", "terminals"),
    ]
    with psycopg.connect(demo["database_url"]) as db:
        found = db.execute(
            "SELECT device_id, presence FROM device WHERE device_id LIKE 'H-%' ORDER BY 1"
        ).fetchall()
    assert [device_id for device_id, _presence in found] == ["H-1", "H-2"]
    assert "online" not in {presence for _device_id, presence in found}


def test_a_real_terminal_logs_in_as_one_of_them_and_is_heard(demo: Any):
    mqtt, (device, _other) = demo["mqtt"], demo["devices"]
    name = device["device_id"]
    terminal = MqttClient(mqtt["port"], name, password=device["password"], host=mqtt["host"])
    branch = f"patrol/v1/{demo['district']}/terminals/{name}"
    birth = json.loads((ROOT / "wire/examples/valid/terminal_status/birth.json").read_text())
    assert terminal.subscribe(f"{branch}/commands/+") == "Granted QoS 1"
    assert terminal.subscribe("$share/ingest/patrol/v1/+/terminals/+/events") == "Not authorized"
    terminal.publish(f"{branch}/status", json.dumps(birth["payload"]).encode(), retain=True)

    def is_online() -> bool:
        with psycopg.connect(demo["database_url"]) as db:
            row = db.execute("SELECT presence FROM device WHERE device_id = %s", (name,)).fetchone()
        return row is not None and row[0] == "online"

    until_sync(is_online)
    terminal.close()
