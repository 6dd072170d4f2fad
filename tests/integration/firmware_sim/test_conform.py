"""The trial of a device: a simulated terminal passes, and one with a fault is told which."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from typer.testing import CliRunner

from deploy.local.mosquitto import Mosquitto
from deploy.local.ports import free_port
from tests.integration.firmware_sim.conftest import DISTRICT, HUB_USER, Running
from wire import topics
from wire.__main__ import app
from wire.topics import Kind, Leaf

QUICKLY = ("--device-s", "1.5", "--person-s", "1", "--samples-s", "1", "--returns-s", "1")
Trial = Callable[..., Awaitable[tuple[int, str, dict[str, Any]]]]


@pytest.fixture
def conform(broker: Mosquitto, passwords: dict[str, str], tmp_path: Path) -> Trial:
    """Runs the command beside the devices' loop; returns its exit code, its output and the sheet."""

    async def run(device_id: str, *options: str) -> tuple[int, str, dict[str, Any]]:
        (tmp_path / "hub").write_text(HUB_USER)
        (tmp_path / "device").write_text(passwords[device_id])
        sheet = tmp_path / "sheet.json"
        arguments = [
            "conform", "--device", device_id, "--broker", f"127.0.0.1:{broker.port}",
            "--device-broker", f"127.0.0.1:{broker.device_port}",
            "--username", HUB_USER, "--password-file", str(tmp_path / "hub"),
            "--district", DISTRICT, "--json", str(sheet), *options,
        ]  # fmt: skip
        result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
        found = json.loads(sheet.read_text()) if sheet.exists() else {}
        return result.exit_code, result.output, found

    return run


def verdicts(sheet: dict[str, Any]) -> dict[str, str]:
    return {finding["check"]: finding["verdict"] for finding in sheet["findings"]}


def found(sheet: dict[str, Any], check: str) -> str:
    return next(each["found"] for each in sheet["findings"] if each["check"] == check)


async def test_a_simulated_terminal_passes_every_check(
    running: Running, conform: Trial, tmp_path: Path
):
    (tmp_path / "device").write_text("secret of T-0001")
    port = free_port()
    options = ("--line", str(port), "--device-password-file", str(tmp_path / "device"))
    async with running(("T-0001",), settled=False) as cast:
        _connect_through(cast, port)
        code, output, sheet = await conform("T-0001", *options)
    assert code == 0, output
    said = verdicts(sheet)
    assert {check for check, verdict in said.items() if verdict == "not tried"} == {
        "SOS",
        "command lock",
        "command reboot",
    }
    assert said["last will"] == said["comes back after a take-over"] == "pass"
    assert sheet["passed"] is True


def _connect_through(cast: Any, port: int) -> None:
    """Let the terminal use the line of the trial instead of the broker itself."""
    connection = cast.simulation.terminals["T-0001"].connection
    connection._settings = replace(connection._settings, port=port)


async def test_a_simulated_camera_passes_every_check(running: Running, conform: Trial):
    async with running(("C-001",)):
        code, output, sheet = await conform("C-001", "--kind", "cameras")
    assert code == 0, output
    assert verdicts(sheet)["birth"] == "pass"


class FaultyTerminal:
    """Speaks almost by the contract; a test overrides what it does wrong."""

    boot_id = "faulty"
    retains_birth = True

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client

    async def say(self, leaf: Leaf, document: Any, tail: str = "", *, retain: bool = False) -> None:
        topic = topics.device(DISTRICT, Kind.TERMINAL, "T-0001", leaf, tail)
        await self.client.publish(topic, json.dumps(document).encode(), 1, retain)

    async def born(self) -> None:
        status = {
            "state": "online",
            "boot_id": self.boot_id,
            "firmware": "1",
            "at": now(),
            "capabilities": ["photo"],
        }
        await self.say(Leaf.STATUS, status, retain=self.retains_birth)

    async def answer(self, command: dict[str, Any], state: str, rev: int, **more: Any) -> None:
        answer = {"command_id": command["command_id"], "state": state, "rev": rev, "at": now()}
        await self.say(Leaf.ACKS, answer | more, command["command_id"])

    async def obey(self, command: dict[str, Any]) -> None:
        await self.answer(command, "delivered", 1)
        await self.answer(command, "rejected", 2, reason="not today")

    async def live(self) -> None:
        await self.born()
        async for message in self.client.messages:
            assert isinstance(message.payload, bytes)
            if str(message.topic) == topics.hub_status(DISTRICT):
                await self.born()
            elif "/commands/" in str(message.topic):
                await self.obey(json.loads(message.payload))


def now() -> str:
    return datetime.now(UTC).isoformat()


@asynccontextmanager
async def alive(
    kind: type[FaultyTerminal], broker: Mosquitto, password: str
) -> AsyncIterator[None]:
    protocol = aiomqtt.ProtocolVersion.V5
    async with aiomqtt.Client(
        "127.0.0.1", broker.device_port, username="T-0001", password=password, protocol=protocol
    ) as client:
        commands = topics.own_commands(DISTRICT, Kind.TERMINAL, "T-0001")
        await client.subscribe([(commands, 1), (topics.hub_status(DISTRICT), 1)])
        living = asyncio.create_task(kind(client).live())
        yield
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)


class UsesANumberTwice(FaultyTerminal):
    async def obey(self, command: dict[str, Any]) -> None:
        await self.answer(command, "delivered", 1)
        await self.answer(command, "succeeded", 1)


class ForgetsToRetain(FaultyTerminal):
    retains_birth = False


class ClaimsAPhoto(FaultyTerminal):
    async def obey(self, command: dict[str, Any]) -> None:
        await self.answer(command, "delivered", 1)
        await self.answer(command, "succeeded", 2, result={"evidence": ["0" * 64]})


class SaysLocalTime(FaultyTerminal):
    async def answer(self, command: dict[str, Any], state: str, rev: int, **more: Any) -> None:
        await super().answer(command, state, rev, at="2026-11-30 09:00:00")


FAULTS: dict[type[FaultyTerminal], dict[str, str]] = {
    FaultyTerminal: {
        "positions": "no samples within",
        "an expired command": "it must be answered expired",
        "desired and reported state": "no config/reported within",
        "send again at the hub's birth": "nothing of what it sent recently",
    },
    UsesANumberTwice: {
        "command dispatch": "rev 1 was used for delivered and again for succeeded",
    },
    ForgetsToRetain: {
        "birth": "the birth is not retained",
        "QoS and retained": "not retained, and must be",
    },
    ClaimsAPhoto: {"command snapshot": "did not come", "command locate": "no sample came"},
    SaysLocalTime: {"command locate": "at: ", "payloads": "would be refused"},
}


@pytest.mark.parametrize("kind", FAULTS)
async def test_a_fault_is_named_on_the_sheet(
    broker: Mosquitto, conform: Trial, passwords: dict[str, str], kind: type[FaultyTerminal]
):
    async with alive(kind, broker, passwords["T-0001"]):
        code, output, sheet = await conform("T-0001", *QUICKLY)
    assert code == 1, output
    said = verdicts(sheet)
    for check, words in FAULTS[kind].items():
        assert said[check] == "fail", output
        assert words in found(sheet, check)


async def test_a_device_that_is_not_there_fails_by_its_birth(conform: Trial):
    code, output, sheet = await conform("T-0001", *QUICKLY)
    assert code == 1
    assert "is the device connected?" in output
    assert verdicts(sheet)["birth"] == "fail"


async def test_a_broker_that_refuses_is_an_error_of_its_own(conform: Trial, tmp_path: Path):
    (tmp_path / "wrong").write_text("wrong")
    code, output, _ = await conform("T-0001", "--password-file", str(tmp_path / "wrong"))
    assert code == 2
    assert "refused 'hub'" in output
