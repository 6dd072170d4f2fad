import asyncio
import json

import pytest

from scenes import CoverState
from tests.integration.firmware_sim.conftest import Cast, Ear, Running
from tests.waiting import until
from wire.topics import Leaf


async def port_of(cast: Cast) -> int:
    await until(lambda: "control_opened" in cast.did("world"))
    lines = [json.loads(line) for line in cast.told.getvalue().splitlines()]
    return int(next(line["port"] for line in lines if line["did"] == "control_opened"))


async def ask(cast: Cast, *lines: str) -> list[dict[str, object]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", await port_of(cast))
    try:
        answers = []
        for line in lines:
            writer.write(line.encode() + b"\n")
            answers.append(json.loads(await reader.readline()))
        return answers
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    ("action", "event_type"),
    [("sos", "sos"), ("check_in", "checkin"), ("fall", "fall"), ("low_battery", "low_battery")],
)
async def test_a_holder_can_be_made_to_act(
    ear: Ear, running: Running, action: str, event_type: str
):
    async with running(("T-0001",), control_port=0) as cast:
        answers = await ask(cast, json.dumps({"do": action, "device_id": "T-0001"}))
        assert answers == [{"ok": True}]
        (event,) = await ear.until(lambda: ear.of("T-0001", Leaf.EVENTS))
    assert event.json()["type"] == event_type
    assert event.json()["place"]["lon"] > 103


async def test_a_cover_can_be_broken_and_reported(ear: Ear, running: Running):
    broken = '{"do": "change_cover", "asset_id": "A-0172", "state": "open"}'
    report = {"do": "report", "device_id": "T-0001", "asset_id": "A-0172"}
    report |= {"condition": "missing_or_hazard"}
    async with running(("T-0001",), control_port=0) as cast:
        await ask(cast, broken, json.dumps(report))
        (event,) = await ear.until(lambda: ear.of("T-0001", Leaf.EVENTS))
        assert cast.simulation.world.cover("A-0172") is CoverState.OPEN
    assert event.json()["condition"] == "missing_or_hazard"


async def test_a_terminal_loses_its_line_for_a_while(ear: Ear, running: Running):
    async with running(("T-0001",), control_port=0) as cast:
        await ask(cast, '{"do": "lose_line", "device_id": "T-0001", "for_s": 0.5}')
        line = ("connected", "cut_off", "backlog_sent")
        wanted = ["connected", "cut_off", "connected", "backlog_sent"]
        await until(lambda: [did for did in cast.did("T-0001") if did in line] == wanted)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('{"do": "dance"}', "does not match"),
        ('{"do": "sos", "device_id": "T-9999"}', "there is no terminal T-9999"),
        ('{"do": "change_cover", "asset_id": "A-9999", "state": "open"}', "no cover A-9999"),
        ('{"do": "play", "scenario": "opera"}', "there is no scenario opera"),
        ("not even json", "Invalid JSON"),
    ],
)
async def test_what_cannot_be_done_is_answered_with_the_reason(
    running: Running, line: str, error: str
):
    async with running(("T-0001",), control_port=0) as cast:
        (answer,) = await ask(cast, line)
    assert answer["ok"] is False
    assert error in str(answer["error"])
