import asyncio
from datetime import UTC, datetime

import pytest

from deploy.local.mosquitto import Mosquitto
from tests.integration.firmware_sim.conftest import (
    DISTRICT,
    Cast,
    Ear,
    Running,
    ear_at,
)
from tests.waiting import turns, until
from wire import topics
from wire.messages import HubStatus, Link
from wire.topics import Leaf


def states(ear: Ear, device_id: str) -> list[str]:
    return [heard.json()["state"] for heard in ear.of(device_id, Leaf.STATUS)]


async def told(cast: Cast, device_id: str, story: list[str]) -> None:
    """Wait until the device has told these things of its line, in this order."""
    await until(lambda: [did for did in cast.did(device_id) if did in story] == story)


async def test_a_terminal_announces_who_it_is_and_what_it_can_do(ear: Ear, running: Running):
    async with running(("T-0001",)):
        birth = await ear.until(lambda: ear.of("T-0001", Leaf.STATUS))
    content = birth[0].json()
    assert content["state"] == "online"
    assert content["holder"] == "网格员 0001"
    assert sorted(content["capabilities"]) == ["photo", "talk", "video"]


async def test_a_camera_announces_its_streams(ear: Ear, running: Running):
    async with running(("C-001",)):
        birth = await ear.until(lambda: ear.of("C-001", Leaf.STATUS))
    assert birth[0].json()["streams"][0]["role"] == "main"


async def test_the_broker_tells_of_a_broken_line_by_the_last_will(ear: Ear, running: Running):
    async with running(("T-0001",)) as cast:
        await ear.until(lambda: states(ear, "T-0001") == ["online"])
        cast.simulation.terminals["T-0001"].connection.cut()
        await ear.until(lambda: states(ear, "T-0001") == ["online", "offline"])
        await told(cast, "T-0001", ["connected", "cut_off"])


async def test_a_terminal_that_ends_in_order_says_that_it_is_offline(ear: Ear, running: Running):
    async with running(("T-0001", "C-001")):
        await ear.until(lambda: states(ear, "T-0001") and states(ear, "C-001"))
    await ear.until(lambda: states(ear, "T-0001") == ["online", "offline"])
    await ear.until(lambda: states(ear, "C-001") == ["online", "offline"])


async def test_devices_announce_themselves_again_when_the_hub_starts_anew(
    ear: Ear, running: Running
):
    first = HubStatus(state=Link.ONLINE, started_at=datetime(2026, 1, 1, tzinfo=UTC), version="1")
    again = first.model_copy(update={"started_at": datetime(2026, 1, 2, tzinfo=UTC)})
    await ear.say(topics.hub_status(DISTRICT), first, retain=True)
    async with running(("T-0001",)) as cast:
        await ear.until(lambda: states(ear, "T-0001"))
        await ear.say(topics.hub_status(DISTRICT), first, retain=True)
        await ear.say(topics.hub_status(DISTRICT), again, retain=True)
        await ear.until(lambda: len(states(ear, "T-0001")) == 2)
        await told(cast, "T-0001", ["announced_again"])
    assert states(ear, "T-0001")[:2] == ["online", "online"]


async def test_what_nobody_was_there_to_hear_is_kept_until_somebody_is(
    broker: Mosquitto, running: Running
):
    async with running(("T-0001",)) as cast:
        terminal = cast.simulation.terminals["T-0001"]
        terminal.sos()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await terminal.outbox.settled()
        async with ear_at(broker) as ear:
            await ear.until(lambda: ear.of("T-0001", Leaf.EVENTS))
            await terminal.outbox.settled()
            await ear.until(lambda: ear.of("T-0001", Leaf.BACKLOG))


async def test_what_others_heard_while_the_hub_did_not_is_sent_again_at_its_birth(
    ear: Ear, running: Running
):
    async with running(("T-0001",)) as cast:
        terminal = cast.simulation.terminals["T-0001"]
        terminal.sos()
        await ear.until(lambda: ear.of("T-0001", Leaf.EVENTS))
        await ear.until(lambda: ear.of("T-0001", Leaf.TELEMETRY))
        birth = HubStatus(state=Link.ONLINE, started_at=datetime.now(UTC), version="1")
        await ear.say(topics.hub_status(DISTRICT), birth, retain=True)
        await ear.until(lambda: ear.of("T-0001", Leaf.BACKLOG))
        await ear.until(lambda: len(ear.of("T-0001", Leaf.EVENTS)) == 2)
        first, again = ear.of("T-0001", Leaf.EVENTS)
        assert first.payload == again.payload


async def test_devices_come_back_after_the_broker_was_restarted(
    broker: Mosquitto, running: Running
):
    async with running(("T-0001", "T-0002", "C-001")) as cast:
        broker.stop()
        broker.start()
        for device_id in ("T-0001", "T-0002", "C-001"):
            await told(cast, device_id, ["connected", "cut_off", "connected"])


async def test_a_wrong_password_is_told_and_tried_again(
    ear: Ear, running: Running, passwords: dict[str, str]
):
    passwords["T-0001"] = "wrong"
    async with running(("T-0001", "T-0002"), settled=False) as cast:
        await ear.until(lambda: states(ear, "T-0002"))
        await told(cast, "T-0001", ["cut_off"])
        assert states(ear, "T-0001") == []


async def test_a_simulation_ends_at_whatever_moment_it_is_asked_to(
    running: Running, passwords: dict[str, str]
):
    passwords["T-0001"] = "wrong"
    for step in range(40):
        async with asyncio.timeout(10):
            async with running(("T-0001", "T-0002"), settled=False):
                await turns(25 * step)
