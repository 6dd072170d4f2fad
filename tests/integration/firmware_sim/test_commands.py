import asyncio
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from firmware_sim import command_acks
from firmware_sim.device_clock import DeviceClock
from firmware_sim.district.folder import SimulatedDistrict
from firmware_sim.geometry import LocalProjection, distance_m
from scenes import CoverState
from tests.integration.firmware_sim.conftest import (
    DISTRICT,
    QUICK,
    Ear,
    Running,
    cover_place,
    task,
    times,
)
from wire import topics
from wire.command_times import COMMAND_TIMES
from wire.messages import CommandType, DeviceConfig
from wire.messages.commands import PlainOrder, PtzBody, PtzOrder, TextBody, TextOrder
from wire.topics import Kind, Leaf


async def test_a_dispatch_is_done_step_by_step_and_proved_by_a_photo_from_the_place(
    ear: Ear, running: Running, district: SimulatedDistrict
):
    place = cover_place(district)
    async with running(("T-0001",)) as cast:
        world = cast.simulation.world
        world.set_cover("A-0172", CoverState.BROKEN, "test")
        command_id = await ear.command("T-0001", task(CommandType.DISPATCH, place))
        done = await ear.until_acked(command_id, "succeeded")
        assert world.cover("A-0172") is CoverState.GOOD
    acks = ear.acks(command_id)
    assert [a["state"] for a in acks] == ["delivered", "accepted", "in_progress", "succeeded"]
    assert [a["rev"] for a in acks] == [1, 2, 3, 4]
    (sha256,) = done["result"]["evidence"]
    (photo,) = ear.of("T-0001", Leaf.EVIDENCE)
    assert photo.address.tail == sha256 == hashlib.sha256(photo.payload).hexdigest()
    projection = LocalProjection(*place)
    there = (done["result"]["place"]["lon"], done["result"]["place"]["lat"])
    assert distance_m(projection.to_metres(there), (0, 0)) < 10


async def test_the_photo_is_with_the_broker_before_the_ack_that_names_it(
    ear: Ear, running: Running, district: SimulatedDistrict
):
    async with running(("T-0001",)):
        command = task(CommandType.VERIFY, cover_place(district))
        command_id = await ear.command("T-0001", command)
        await ear.until_acked(command_id, "succeeded")
    heard = [h.address.leaf for h in ear.heard]
    assert heard.index(Leaf.EVIDENCE) < len(heard) - heard[::-1].index(Leaf.ACKS)
    assert "succeeded" in ear.heard[-1 - heard[::-1].index(Leaf.ACKS)].payload.decode()


async def test_a_repeated_command_gets_its_last_state_again_and_nothing_is_done_twice(
    ear: Ear, running: Running, district: SimulatedDistrict
):
    command = task(CommandType.DISPATCH, cover_place(district))
    async with running(("T-0001",)):
        await ear.command("T-0001", command)
        first = await ear.until_acked(command.command_id, "succeeded")
        await ear.command("T-0001", command)
        await ear.until(lambda: len(ear.acks(command.command_id)) == 5)
    assert ear.acks(command.command_id)[-1] == first
    assert len(ear.of("T-0001", Leaf.EVIDENCE)) == 1


async def test_a_command_that_comes_too_late_is_refused_as_expired(
    ear: Ear, running: Running, district: SimulatedDistrict
):
    late = task(CommandType.DISPATCH, cover_place(district), valid_s=-1)
    async with running(("T-0001",)) as cast:
        await ear.until(lambda: "connected" in cast.did("T-0001"))
        await ear.command("T-0001", late)
        await ear.until_acked(late.command_id, "expired")
    assert ear.states(late.command_id) == ["expired"]
    assert "walking" not in cast.did("T-0001")


async def test_a_command_that_came_in_time_is_taken_on_though_its_holder_reads_it_later(
    ear: Ear, running: Running
):
    hesitant = {"habits": QUICK.__class__(interval_s=0.2, think_s=(1.2, 1.3))}
    async with running(("T-0001",), **hesitant) as cast:
        await ear.until(lambda: "connected" in cast.did("T-0001"))
        command = TextOrder(type=CommandType.MESSAGE, body=TextBody(text="收到请回复"), **times(1))
        await ear.command("T-0001", command)
        await ear.until_acked(command.command_id, "accepted")
    assert ear.states(command.command_id)[:2] == ["delivered", "accepted"]


async def test_a_command_that_its_holder_reads_after_the_time_to_accept_it_expires(
    ear: Ear, running: Running, monkeypatch: pytest.MonkeyPatch
):
    brief = replace(COMMAND_TIMES[CommandType.MESSAGE], accept_s=0.0)
    monkeypatch.setattr(command_acks, "COMMAND_TIMES", {CommandType.MESSAGE: brief})
    command = TextOrder(type=CommandType.MESSAGE, body=TextBody(text="收到请回复"), **times())
    async with running(("T-0001",)) as cast:
        await ear.until(lambda: "connected" in cast.did("T-0001"))
        await ear.command("T-0001", command)
        await ear.until_acked(command.command_id, "expired")
    assert ear.states(command.command_id) == ["delivered", "expired"]


async def test_a_terminal_whose_clock_is_ahead_counts_a_commands_time_from_its_arrival(
    ear: Ear, running: Running, monkeypatch: pytest.MonkeyPatch
):
    ahead = timedelta(seconds=16)
    monkeypatch.setattr(DeviceClock, "now", lambda _: datetime.now(UTC) + ahead)
    text = TextBody(text="收到请回复")
    fresh = TextOrder(type=CommandType.MESSAGE, body=text, valid_for_s=15, **times(15))
    old = TextOrder(type=CommandType.MESSAGE, body=text, **times(15))
    async with running(("T-0001",)) as cast:
        await ear.until(lambda: "connected" in cast.did("T-0001"))
        await ear.command("T-0001", fresh)
        await ear.until_acked(fresh.command_id, "accepted")
        await ear.command("T-0001", old)
        await ear.until_acked(old.command_id, "expired")


async def test_a_command_sent_while_the_terminal_is_away_arrives_when_it_is_back(
    ear: Ear, running: Running
):
    command = TextOrder(type=CommandType.MESSAGE, body=TextBody(text="集合"), **times())
    async with running(("T-0001",)) as cast:
        await ear.until(lambda: ear.of("T-0001", Leaf.STATUS))
        connection = cast.simulation.terminals["T-0001"].connection
        await connection.connected.wait()
        connection.cut()
        await ear.until(lambda: len(ear.of("T-0001", Leaf.STATUS)) == 2)
        await ear.command("T-0001", command)
        assert ear.states(command.command_id) == []
        connection.restore()
        await ear.until_acked(command.command_id, "accepted")
    assert ear.states(command.command_id)[:2] == ["delivered", "accepted"]


async def test_a_guard_stands_until_the_case_is_done_by_another(
    ear: Ear, running: Running, district: SimulatedDistrict
):
    place = cover_place(district)
    guard = task(CommandType.GUARD, place, case_id=5)
    repair = task(CommandType.DISPATCH, place, case_id=5)
    async with running(("T-0001", "T-0003")) as cast:
        cast.simulation.world.set_cover("A-0172", CoverState.OPEN, "test")
        await ear.command("T-0001", guard)
        await ear.until(lambda: "guarding" in cast.did("T-0001"))
        assert ear.states(guard.command_id) == ["delivered", "accepted", "in_progress"]
        await ear.command("T-0003", repair)
        await ear.until_acked(guard.command_id, "succeeded")
        await ear.until_acked(repair.command_id, "succeeded")


async def test_a_guard_outlasts_the_commands_delivery_and_ends_with_the_cases_deadline(
    ear: Ear, running: Running, district: SimulatedDistrict
):
    guard = task(CommandType.GUARD, cover_place(district), valid_s=4)
    due_at = guard.issued_at + timedelta(seconds=7)
    guard = guard.model_copy(update={"body": guard.body.model_copy(update={"due_at": due_at})})
    async with running(("T-0001",)):
        await ear.command("T-0001", guard)
        done = await ear.until_acked(guard.command_id, "succeeded")
    assert done["result"]["text"] == "看守时限已到"
    assert datetime.fromisoformat(done["at"]) >= due_at


async def test_a_guard_who_is_called_to_another_case_says_so(
    ear: Ear, running: Running, district: SimulatedDistrict
):
    guard = task(CommandType.GUARD, cover_place(district), case_id=5)
    other = task(CommandType.VERIFY, district.info.center, case_id=6)
    async with running(("T-0001",)) as cast:
        await ear.command("T-0001", guard)
        await ear.until(lambda: "guarding" in cast.did("T-0001"))
        await ear.command("T-0001", other)
        failed = await ear.until_acked(guard.command_id, "failed")
        await ear.until_acked(other.command_id, "succeeded")
    assert failed["reason"] == "called away to another task"


async def test_a_reporter_who_is_sent_to_guard_stays_at_the_place(
    ear: Ear, running: Running, district: SimulatedDistrict
):
    guard = task(CommandType.GUARD, cover_place(district), case_id=5)
    async with running(("T-0002",), scenario="patrol") as cast:
        terminal = cast.simulation.terminals["T-0002"]
        reporting = asyncio.create_task(
            terminal.report("A-0172", "manhole_cover", "broken", "井盖破损")
        )
        await ear.command("T-0002", guard)
        await reporting
        await ear.until(lambda: "guarding" in cast.did("T-0002"))
        count = len(ear.of("T-0002", Leaf.TELEMETRY))
        await ear.until(lambda: len(ear.of("T-0002", Leaf.TELEMETRY)) >= count + 3)
    speeds = [heard.json()[0]["speed"] for heard in ear.of("T-0002", Leaf.TELEMETRY)]
    assert speeds[count + 1 : count + 3] == [0, 0]


async def test_locate_is_answered_with_a_fresh_sample_and_the_place(ear: Ear, running: Running):
    slow = {"habits": QUICK.__class__(interval_s=3600)}
    command = PlainOrder(type=CommandType.LOCATE, **times())
    async with running(("T-0001",), **slow):
        await ear.until(lambda: ear.of("T-0001", Leaf.TELEMETRY))
        await ear.command("T-0001", command)
        done = await ear.until_acked(command.command_id, "succeeded")
        await ear.until(lambda: len(ear.of("T-0001", Leaf.TELEMETRY)) == 2)
    assert done["result"]["place"]["accuracy_m"] > 0


async def test_a_reboot_starts_the_numbers_anew_under_a_new_boot(ear: Ear, running: Running):
    command = PlainOrder(type=CommandType.REBOOT, **times())

    def boots() -> set[str]:
        return {heard.json()[0]["boot_id"] for heard in ear.of("T-0001", Leaf.TELEMETRY)}

    async with running(("T-0001",)):
        await ear.until(boots)
        await ear.command("T-0001", command)
        await ear.until(lambda: len(boots()) == 2)
    assert ear.states(command.command_id) == ["delivered", "succeeded"]


async def test_a_command_that_makes_no_sense_is_rejected(ear: Ear, running: Running):
    command = PlainOrder(type=CommandType.LOCATE, **times())
    topic = topics.device(DISTRICT, Kind.TERMINAL, "T-0001", Leaf.COMMANDS, command.command_id)
    async with running(("T-0001",)) as cast:
        await ear.until(lambda: "connected" in cast.did("T-0001"))
        await ear.say(topic, b'{"type": "locate"')
        rejected = await ear.until_acked(command.command_id, "rejected")
    assert rejected["reason"].startswith("malformed")


async def test_a_fixed_camera_refuses_to_turn(ear: Ear, running: Running):
    command = PtzOrder(type=CommandType.PTZ_GOTO, body=PtzBody(pan_deg=1, tilt_deg=2), **times())
    async with running(("C-001",)):
        await ear.command("C-001", command, Kind.CAMERA)
        rejected = await ear.until_acked(command.command_id, "rejected")
    assert rejected["reason"] == "this camera is fixed"


async def test_desired_settings_are_taken_over_and_reported(ear: Ear, running: Running):
    desired = topics.device(DISTRICT, Kind.TERMINAL, "T-0001", Leaf.CONFIG_DESIRED)
    async with running(("T-0001",)):
        await ear.say(desired, DeviceConfig(version=3, settings={"interval_s": 1.5}), retain=True)
        await ear.until(lambda: ear.of("T-0001", Leaf.CONFIG_REPORTED))
        await ear.say(desired, DeviceConfig(version=4, settings={"colour": "red"}), retain=True)
        await ear.until(lambda: len(ear.of("T-0001", Leaf.CONFIG_REPORTED)) == 2)
    taken, refused = (heard.json() for heard in ear.of("T-0001", Leaf.CONFIG_REPORTED))
    assert (taken["version"], taken["settings"]) == (3, {"interval_s": 1.5})
    assert (refused["version"], refused["error"]) == (3, "unknown settings: colour")
