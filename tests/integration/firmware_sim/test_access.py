"""The broker holds each device to its own branch, by the access list of the wire contract."""

import asyncio

import aiomqtt
import pytest

from deploy.local.mosquitto import Mosquitto
from tests.integration.firmware_sim.conftest import DISTRICT, Ear, client_of
from wire import topics
from wire.topics import Kind, Leaf

FOREIGN = [
    topics.device(DISTRICT, Kind.TERMINAL, "T-0002", Leaf.TELEMETRY),
    topics.device(DISTRICT, Kind.TERMINAL, "T-0002", Leaf.STATUS),
    topics.device(DISTRICT, Kind.CAMERA, "C-001", Leaf.FRAMES),
    topics.device("530302", Kind.TERMINAL, "T-0001", Leaf.TELEMETRY),
    topics.device(
        DISTRICT, Kind.TERMINAL, "T-0001", Leaf.COMMANDS, "00000000-0000-4000-8000-000000000000"
    ),
    topics.hub_status(DISTRICT),
]
OWN = topics.device(DISTRICT, Kind.TERMINAL, "T-0001", Leaf.TELEMETRY)
COMMAND_ID = "00000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize("topic", FOREIGN)
async def test_a_terminal_cannot_publish_outside_its_branch(
    broker: Mosquitto, ear: Ear, passwords: dict[str, str], topic: str
):
    async with client_of(broker, "T-0001", passwords["T-0001"]) as intruder:
        await intruder.publish(topic, b"intrusion", qos=1)
        await intruder.publish(OWN, b"own", qos=1)
        await ear.until(lambda: ear.heard)
    assert [(heard.topic, heard.payload) for heard in ear.heard] == [(OWN, b"own")]


@pytest.mark.parametrize(
    "wanted",
    [
        f"{topics.PREFIX}/#",
        topics.every_device(Kind.TERMINAL, Leaf.COMMANDS, DISTRICT),
        topics.own_commands(DISTRICT, Kind.TERMINAL, "T-0002"),
    ],
)
async def test_a_terminal_cannot_hear_what_is_meant_for_another(
    broker: Mosquitto, ear: Ear, passwords: dict[str, str], wanted: str
):
    async with client_of(broker, "T-0001", passwords["T-0001"]) as intruder:
        await intruder.subscribe(wanted, qos=1)
        await intruder.subscribe(topics.own_commands(DISTRICT, Kind.TERMINAL, "T-0001"), qos=1)
        for device_id in ("T-0002", "T-0001"):
            topic = topics.device(DISTRICT, Kind.TERMINAL, device_id, Leaf.COMMANDS, COMMAND_ID)
            await ear.say(topic, device_id.encode())
        async with asyncio.timeout(10):
            first = await anext(aiter(intruder.messages))
    assert first.payload == b"T-0001"


async def test_nobody_enters_without_the_right_password(broker: Mosquitto):
    with pytest.raises(aiomqtt.MqttError):
        async with client_of(broker, "T-0001", "guess"):
            pass
