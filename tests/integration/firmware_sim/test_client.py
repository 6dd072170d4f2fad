import asyncio
import json
import os
import signal
import socket
from datetime import UTC, datetime

import aiomqtt
import pytest

from deploy.local.mosquitto import Mosquitto
from firmware_sim.client import Client, ConnectionSettings
from firmware_sim.outgoing_message import Branch
from tests.integration.firmware_sim.conftest import DISTRICT, Ear, Running
from tests.waiting import until
from wire import topics
from wire.messages import Link, RefusalOutcome, Refused, TerminalStatus
from wire.topics import Kind, Leaf


async def test_a_message_on_its_way_fails_as_soon_as_the_line_breaks(
    broker: Mosquitto, passwords: dict[str, str]
):
    status = Branch(DISTRICT, Kind.TERMINAL, "T-0001").message(
        Leaf.STATUS, TerminalStatus(state=Link.OFFLINE, boot_id="boot")
    )
    client = Client(
        ConnectionSettings("127.0.0.1", broker.device_port, passwords["T-0001"]), status, "T-0001"
    )
    async with client:
        os.kill(broker.pid, signal.SIGSTOP)
        try:
            sending = asyncio.create_task(client.deliver(status))
            await until(lambda: client._answers)
            client._client.socket().shutdown(socket.SHUT_RDWR)
            with pytest.raises(aiomqtt.MqttError, match="before the answer"):
                await asyncio.wait_for(sending, client.timeout / 2)
        finally:
            os.kill(broker.pid, signal.SIGCONT)


async def test_a_device_records_what_the_hub_refused_of_its_messages(ear: Ear, running: Running):
    refused = topics.device(DISTRICT, Kind.TERMINAL, "T-0001", Leaf.REFUSED)
    told = Refused(
        topic=topics.device(DISTRICT, Kind.TERMINAL, "T-0001", Leaf.EVENTS),
        payload_sha256="ab" * 32,
        reason="text: too long",
        at=datetime.now(UTC),
        outcome=RefusalOutcome.MALFORMED,
    )
    async with running(("T-0001",)) as cast:
        await ear.say(refused, b"not JSON")
        await ear.say(refused, told)
        await until(lambda: "told_of_refusal" in cast.did("T-0001"))
    (line,) = [each for each in cast.told.getvalue().splitlines() if "told_of_refusal" in each]
    assert json.loads(line)["reason"] == "text: too long"
