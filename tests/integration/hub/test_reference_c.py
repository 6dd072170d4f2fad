"""The terminal in C of firmware_sim/reference_c, against a real broker, ingest and the trial."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from deploy.local.mosquitto import Mosquitto
from tests.integration.hub.conftest import DISTRICT, HUB, RunningIngest
from tests.waiting import until_sync
from wire import topics
from wire.conform.command import run_trial
from wire.conform.orders import TrialPlace
from wire.conform.played_hub import BrokerAccess, DeviceOnTrial
from wire.conform.sheet import Sheet, Verdict
from wire.conform.trial import TrialLimits, TrialOptions
from wire.topics import Kind, Leaf

ANY = "00000000-0000-4000-8000-000000000000"
SOURCES = Path(__file__).parents[3] / "firmware_sim" / "reference_c"


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built program; its memory is watched where the compiler can do that."""
    if not (shutil.which("make") and shutil.which("cc")):
        pytest.skip("no C compiler here; script/bootstrap dev installs one")
    build = tmp_path_factory.mktemp("reference_c")
    done = subprocess.run(
        ["make", "-C", SOURCES, f"BUILD={build}", "SANITIZE=1"],
        check=False,
        capture_output=True,
        text=True,
    )
    if "mosquitto.h" in done.stderr or "cJSON.h" in done.stderr:
        pytest.skip("no libmosquitto-dev or libcjson-dev here; script/bootstrap dev installs them")
    assert done.returncode == 0, done.stderr
    return build / "terminal"


class CTerminal:
    """One run of the program; its state folder outlives it."""

    def __init__(self, program: Path, folder: Path, port: int, password: str) -> None:
        (folder / "password").write_text(password + "\n")
        self.log = folder / "log"
        self._arguments = [
            program, "--id", "T-1", "--password-file", folder / "password",
            "--state", folder / "state", "--port", str(port), "--district", DISTRICT,
            "--interval", "0.2", "--work", "0.2",
        ]  # fmt: skip
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> "CTerminal":
        before = self.logged(" connected ") if self.log.exists() else 0
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                self._arguments, stdin=subprocess.PIPE, stdout=log, stderr=log, text=True
            )
        until_sync(lambda: self.logged(" connected ") > before, what="the terminal connects")
        return self

    def logged(self, words: str) -> int:
        return self.log.read_text().count(words)

    def say(self, line: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def end(self, *, by_force: bool = False) -> None:
        if self._process is not None:
            (self._process.kill if by_force else self._process.terminate)()
            code = self._process.wait(20)
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process = None
            assert by_force or code == 0, self.log.read_text()


@pytest.fixture
def terminal(
    program: Path, broker: Mosquitto, passwords: dict[str, str], tmp_path: Path
) -> Iterator[CTerminal]:
    folder = tmp_path / "terminal"
    folder.mkdir()
    made = CTerminal(program, folder, broker.device_port, passwords["T-1"])
    yield made
    made.end()


@pytest.fixture
def stored(registered: str) -> Callable[..., list[Any]]:
    def rows(query: str, *values: object) -> list[Any]:
        with psycopg.connect(registered) as db:
            return db.execute(query, values).fetchall()

    return rows


@contextmanager
def heard_answers(broker: Mosquitto) -> Iterator[tuple[Client, list[dict[str, Any]]]]:
    """Somebody with the hub's login, and the answers of T-1 that they hear."""
    answers: list[dict[str, Any]] = []
    client = Client(CallbackAPIVersion.VERSION2, f"listener-{uuid4()}", protocol=MQTTv5)
    client.username_pw_set(*HUB)
    client.on_message = lambda _c, _u, message: answers.append(json.loads(message.payload))
    client.connect("127.0.0.1", broker.port)
    client.subscribe(
        topics.device(DISTRICT, Kind.TERMINAL, "T-1", Leaf.ACKS, ANY).replace(ANY, "+"), 1
    )
    client.loop_start()
    yield client, answers
    client.disconnect()
    client.loop_stop()


def send(client: Client, command_id: str, type_: str) -> None:
    now = datetime.now(UTC)
    command = {
        "command_id": command_id,
        "type": type_,
        "issued_at": now.isoformat(),
        "expires_at": (now + timedelta(minutes=5)).isoformat(),
        "body": {},
    }
    topic = topics.device(DISTRICT, Kind.TERMINAL, "T-1", Leaf.COMMANDS, command_id)
    client.publish(topic, json.dumps(command), qos=1)


def states(answers: list[dict[str, Any]]) -> list[str]:
    return [answer["state"] for answer in answers]


def events(stored: Callable[..., list[Any]]) -> list[str]:
    rows = stored("SELECT payload->>'type' FROM inbox WHERE leaf = 'events' ORDER BY inbox_id")
    return [row[0] for row in rows]


def test_its_positions_and_reports_are_stored(
    terminal: CTerminal, ingest: RunningIngest, stored: Callable[..., list[Any]]
):
    terminal.start()
    terminal.say("report manhole_cover broken 井盖破损")
    terminal.say("sos 请求支援")
    until_sync(lambda: sorted(events(stored)) == ["report", "sos"])
    until_sync(lambda: stored("SELECT count(*) FROM telemetry")[0][0] > 3)
    assert stored("SELECT count(*) FROM dead_letter") == [(0,)]


def test_what_it_says_without_a_broker_arrives_once_though_its_battery_falls_out(
    terminal: CTerminal,
    broker: Mosquitto,
    ingest: RunningIngest,
    stored: Callable[..., list[Any]],
):
    terminal.start()
    until_sync(lambda: stored("SELECT count(*) FROM telemetry")[0][0] > 0)
    broker.stop()
    until_sync(lambda: terminal.logged(" cut_off "))
    terminal.say("sos 断线时的求助")
    until_sync(lambda: terminal.logged(" sos "))
    terminal.end(by_force=True)
    broker.start()
    terminal.start()
    until_sync(lambda: "sos" in events(stored))
    until_sync(lambda: stored("SELECT count(*) FROM telemetry WHERE backlog")[0][0] > 0)
    assert events(stored) == ["sos"]
    assert stored("SELECT count(*) FROM dead_letter") == [(0,)]


def test_it_passes_the_trial(terminal: CTerminal, broker: Mosquitto):
    terminal.start()
    sheet = Sheet("T-1")
    run_trial(
        BrokerAccess("127.0.0.1", broker.port, *HUB),
        DeviceOnTrial(DISTRICT, Kind.TERMINAL, "T-1"),
        TrialOptions(TrialLimits(person_s=10), TrialPlace(103.82, 25.6), "127.0.0.1"),
        sheet,
    )
    assert sheet.passed, [f for f in sheet.findings if f.verdict is Verdict.FAIL]
    assert sheet.count(Verdict.PASS) >= 15


def test_a_command_that_it_knew_before_its_restart_is_not_carried_out_again(
    terminal: CTerminal, broker: Mosquitto, tmp_path: Path
):
    terminal.start()
    with heard_answers(broker) as (client, answers):
        command_id = str(uuid4())
        send(client, command_id, "locate")
        until_sync(lambda: "succeeded" in states(answers))
        terminal.end(by_force=True)
        answers.clear()
        terminal.start()
        send(client, command_id, "locate")
        until_sync(lambda: terminal.logged(" repeat "))
        until_sync(lambda: "succeeded" in states(answers))
    said = {(answer["rev"], answer["state"]) for answer in answers}
    assert said <= {(1, "delivered"), (2, "succeeded")}, "the outbox may say it again, not anew"
