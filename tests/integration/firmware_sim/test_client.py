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
from tests.waiting import WITHIN_S, until
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


@pytest.mark.parametrize("cancelled", [False, True])
async def test_who_gives_up_while_the_broker_is_silent_leaves_nothing_behind(cancelled: bool):
    hung_up = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1024):
            accepted.set()
        hung_up.set()
        writer.close()

    accepted = asyncio.Event()
    status = Branch(DISTRICT, Kind.TERMINAL, "T-0001").message(
        Leaf.STATUS, TerminalStatus(state=Link.OFFLINE, boot_id="boot")
    )
    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        within_s = 30.0 if cancelled else 0.2
        settings = ConnectionSettings("127.0.0.1", port, "word", answers_within_s=within_s)
        client = Client(settings, status, "T-0001")
        entering = asyncio.create_task(client.__aenter__())
        await asyncio.wait_for(accepted.wait(), WITHIN_S)
        if cancelled:
            entering.cancel()
        with pytest.raises(asyncio.CancelledError if cancelled else aiomqtt.MqttError):
            await entering
        await asyncio.wait_for(hung_up.wait(), WITHIN_S)
        await until(client._misc_task.done)


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
