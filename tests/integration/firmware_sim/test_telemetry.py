from datetime import UTC, datetime
from typing import Any

from firmware_sim.faults import FaultRates
from tests.integration.firmware_sim.conftest import Ear, Running
from tests.waiting import until
from wire.messages import SAMPLES
from wire.topics import Leaf


def samples(ear: Ear, device_id: str, leaf: Leaf) -> list[Any]:
    return [s for heard in ear.of(device_id, leaf) for s in SAMPLES.validate_json(heard.payload)]


async def test_samples_are_numbered_without_a_gap(ear: Ear, running: Running):
    async with running(("T-0001",), scenario="patrol"):
        await ear.until(lambda: len(samples(ear, "T-0001", Leaf.TELEMETRY)) >= 5)
    early = samples(ear, "T-0001", Leaf.BACKLOG)  # recorded before the line stood
    both = early + samples(ear, "T-0001", Leaf.TELEMETRY)
    assert [sample.seq for sample in both] == list(range(1, len(both) + 1))
    assert len({sample.boot_id for sample in both}) == 1
    assert all(0 < sample.battery <= 100 for sample in both)


async def test_what_is_recorded_while_cut_off_comes_as_backlog_and_nothing_is_missing(
    ear: Ear, running: Running
):
    async with running(("T-0001",)) as cast:
        terminal = cast.simulation.terminals["T-0001"]
        await ear.until(lambda: samples(ear, "T-0001", Leaf.TELEMETRY))
        terminal.connection.cut()
        await until(lambda: terminal.recorder.kept >= 4)
        terminal.connection.restore()
        await ear.until(lambda: samples(ear, "T-0001", Leaf.BACKLOG))
        last = samples(ear, "T-0001", Leaf.BACKLOG)[-1].seq
        await ear.until(lambda: samples(ear, "T-0001", Leaf.TELEMETRY)[-1].seq > last)
    kept = [s.seq for s in samples(ear, "T-0001", Leaf.BACKLOG)]
    live = [s.seq for s in samples(ear, "T-0001", Leaf.TELEMETRY)]
    assert len(kept) >= 4
    assert kept == sorted(kept)
    assert set(kept) | set(live) == set(range(1, max(live) + 1))


async def test_a_duplicate_keeps_its_number(ear: Ear, running: Running):
    async with running(("T-0001",), faults=FaultRates(duplicate=1.0)):
        await ear.until(lambda: len(samples(ear, "T-0001", Leaf.TELEMETRY)) >= 6)
    live = samples(ear, "T-0001", Leaf.TELEMETRY)
    pairs = list(zip(live[::2], live[1::2], strict=False))
    assert pairs
    assert all(first == second for first, second in pairs)


async def test_a_clock_that_is_ahead_shows_in_the_samples(ear: Ear, running: Running):
    async with running(("T-0001",), faults=FaultRates(clock_skew=3600)):
        await ear.until(lambda: samples(ear, "T-0001", Leaf.TELEMETRY))
        terminal = ear.of("T-0001", Leaf.STATUS)[0].json()
    ahead = samples(ear, "T-0001", Leaf.TELEMETRY)[0].observed_at
    assert ahead.isoformat()[:13] == terminal["at"][:13]
    assert 3500 < (ahead - datetime.now(UTC)).total_seconds() < 3700


async def test_rubbish_reaches_the_hub_beside_what_is_right(ear: Ear, running: Running):
    def rubbish() -> int:
        count = 0
        for heard in ear.of("T-0001", Leaf.TELEMETRY):
            try:
                SAMPLES.validate_json(heard.payload)
            except ValueError:
                count += 1
        return count

    async with running(("T-0001",), faults=FaultRates(garbage=1.0)):
        await ear.until(lambda: len(ear.of("T-0001", Leaf.TELEMETRY)) >= 12)
        assert rubbish() > 0
        assert rubbish() < len(ear.of("T-0001", Leaf.TELEMETRY))
