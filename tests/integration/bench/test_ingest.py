"""The ingest benchmark counts right; how fast anything is, no test asks."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import deploy
from bench.ingest.load import MessageLoad
from bench.ingest.rig import SAVES_EVERY_S, Rig, rigs
from bench.ingest.rounds import delays, limit, throughput

# Processor time is counted in hundredths of a second, and ingest may store a few hundred messages in none.
LOAD = MessageLoad("round-1", messages=3000, samples=2, terminals=20, connections=3)


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with rigs(1, LOAD.terminals) as (made,):
        yield made


@pytest.mark.parametrize("who", ["ingest", "usual"])
def test_what_is_sent_is_counted_by_whoever_stores_it(rig: Rig, who: str):
    process = rig.ingest() if who == "ingest" else rig.usual()
    process.start()
    try:
        process.wait_until_ready()
        found = throughput(rig, [process], replace(LOAD, boot_id=f"round-{who}"))
        waits = delays(
            rig, MessageLoad(f"paced-{who}", 100, terminals=20, connections=3, per_s=200.0)
        )
    finally:
        process.stop()
    assert (found.lost, found.duplicated) == (0, 0)
    assert set(found.cpu_us) == {"broker", "database", "storing", "generator"}
    assert found.cpu_us["storing"] > 0
    assert found.samples_per_s == pytest.approx(2 * found.messages_per_s)
    assert 0 < waits.p50_ms <= waits.p99_ms <= waits.most_ms


def test_generator_and_broker_have_a_limit_of_their_own(rig: Rig):
    assert limit(rig, replace(LOAD, boot_id="unheard")) > 0


def test_the_broker_saves_as_in_production(rig: Rig):
    config = Path(deploy.__file__).parent / "mosquitto" / "mosquitto.conf"
    saving = [line for line in config.read_text("utf-8").splitlines() if "autosave" in line]
    assert saving == [f"autosave_interval {SAVES_EVERY_S}"]
    assert saving[0] in (rig.folder / "mosquitto.conf").read_text("utf-8")
