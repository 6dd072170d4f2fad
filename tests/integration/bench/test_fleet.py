"""Small fleets against a real broker and a real ingest, and the checker that looks for what is wrong."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from bench.fleet.check import FleetComparison, NoTruth, compare
from firmware_sim.fleet.ground_truth import read_rows
from tests.integration.bench.conftest import TERMINALS, Centre
from tests.waiting import latest, until_sync

pytestmark = pytest.mark.timeout(300)
BAD_DAY = ("flat=0.3", "wrong_clock=0.2", "garbage=0.05", "duplicate=0.1", "zones=4", "storms=2")


def settled(truth: Path, database_url: str) -> FleetComparison:
    """The verdict, once ingest has had the time to store what the broker took."""
    return latest(lambda: compare(truth, database_url), lambda verdict: verdict.holds, 60)


@dataclass(frozen=True)
class BadDay:
    """A fleet that had a bad day: its truth, and its output at the end."""

    truth: Path
    counters: dict[str, int]
    output: str


@pytest.fixture(scope="module")
def bad_day(centre: Centre, tmp_path_factory: pytest.TempPathFactory) -> BadDay:
    truth = tmp_path_factory.mktemp("truth")
    troubles = [part for trouble in BAD_DAY for part in ("--trouble", trouble)]
    options = ("--seconds", "12", "--interval", "0.5", "--settle", "60", "--processes", "2")
    done = centre.fleet(truth, *options, *troubles)
    assert done.returncode == 0, done.stderr
    return BadDay(truth, json.loads(done.stdout.splitlines()[-1]), done.stderr)


def test_after_a_bad_day_truth_and_hub_agree(centre: Centre, bad_day: BadDay):
    verdict = settled(bad_day.truth, centre.database_url)
    assert verdict.wrong == {}
    counts = verdict.counts
    assert counts.stored == counts.recorded == bad_day.counters["recorded"] > TERMINALS * 12
    assert counts.acknowledged == counts.recorded


def test_a_bad_day_has_all_its_faults(bad_day: BadDay):
    struck = {row[2] for row in read_rows(bad_day.truth, "faults")}
    assert struck >= {"storm", "flat_battery", "wrong_clock", "garbage", "duplicate", "booted"}
    assert bad_day.counters["connects"] > TERMINALS
    assert bad_day.counters["backlog"] > 0
    assert bad_day.counters["garbage"] > 0


def test_the_end_is_told_in_the_terminal(bad_day: BadDay):
    assert f"{TERMINALS} terminals in 2 processes" in bad_day.output
    assert f"/{TERMINALS}  messages" in bad_day.output
    assert f"{bad_day.counters['recorded']:,} recorded" in bad_day.output
    assert "Traceback" not in bad_day.output


@pytest.fixture
def hub(centre: Centre, bad_day: BadDay) -> Iterator[psycopg.Connection]:
    """The hub's database after the bad day, to be spoilt and mended again by each test."""
    assert settled(bad_day.truth, centre.database_url).holds
    with psycopg.connect(centre.database_url, autocommit=True) as db:
        yield db


def a_sample(bad_day: BadDay) -> tuple[str, str, str]:
    """The key of some sample, not the newest of its terminal."""
    row = next(read_rows(bad_day.truth, "samples"))
    return row[0], row[1], row[2]


ONE = "WHERE (device_id, boot_id, seq) = (%s, %s, %s)"


def test_a_lost_sample_is_found(centre: Centre, bad_day: BadDay, hub: psycopg.Connection):
    key = a_sample(bad_day)
    hub.execute("CREATE TABLE away AS SELECT * FROM telemetry LIMIT 0")
    hub.execute(f"INSERT INTO away SELECT * FROM telemetry {ONE}", key)
    hub.execute(f"DELETE FROM telemetry {ONE}", key)
    verdict = compare(bad_day.truth, centre.database_url)
    hub.execute("INSERT INTO telemetry SELECT * FROM away")
    hub.execute("DROP TABLE away")
    assert verdict.wrong == {"lost_samples": [" ".join(key)]}


def test_a_doubled_sample_is_found(centre: Centre, bad_day: BadDay, hub: psycopg.Connection):
    key = a_sample(bad_day)
    columns = (
        "received_at, lon, lat, accuracy_m, speed, heading, battery, signal, network, crs, backlog"
    )
    hub.execute(
        f"INSERT INTO telemetry (device_id, boot_id, seq, observed_at, {columns})"
        f" SELECT device_id, boot_id, seq, observed_at + interval '1 ms', {columns}"
        f" FROM telemetry {ONE}",
        key,
    )
    verdict = compare(bad_day.truth, centre.database_url)
    hub.execute(
        f"DELETE FROM telemetry {ONE} AND observed_at ="
        f" (SELECT max(observed_at) FROM telemetry {ONE})",
        (*key, *key),
    )
    name = " ".join(key)
    assert verdict.wrong == {"doubled_samples": [f"{name}: 2 times"], "altered_samples": [name]}


def test_an_altered_sample_is_found(centre: Centre, bad_day: BadDay, hub: psycopg.Connection):
    key = a_sample(bad_day)
    hub.execute(f"UPDATE telemetry SET lon = lon + 0.01 {ONE}", key)
    verdict = compare(bad_day.truth, centre.database_url)
    hub.execute(f"UPDATE telemetry SET lon = lon - 0.01 {ONE}", key)
    assert verdict.wrong == {"altered_samples": [" ".join(key)]}


def test_an_invented_sample_is_found(centre: Centre, bad_day: BadDay, hub: psycopg.Connection):
    device_id, boot_id, seq = a_sample(bad_day)
    hub.execute(f"UPDATE telemetry SET seq = 999999 {ONE}", (device_id, boot_id, seq))
    verdict = compare(bad_day.truth, centre.database_url)
    hub.execute(f"UPDATE telemetry SET seq = {seq} {ONE}", (device_id, boot_id, 999999))
    assert verdict.wrong == {
        "lost_samples": [f"{device_id} {boot_id} {seq}"],
        "invented_samples": [f"{device_id} {boot_id} 999999"],
    }


def test_lost_garbage_is_found(centre: Centre, bad_day: BadDay, hub: psycopg.Connection):
    device_id = next(row[0] for row in read_rows(bad_day.truth, "taken") if row[1] == "garbage")
    spoil = "UPDATE dead_letter SET messages = messages + %s WHERE source LIKE %s"
    hub.execute(spoil, (-1000, f"%/{device_id}/%"))
    verdict = compare(bad_day.truth, centre.database_url)
    hub.execute(spoil, (1000, f"%/{device_id}/%"))
    assert list(verdict.wrong) == ["lost_garbage"]
    assert verdict.wrong["lost_garbage"][0].startswith(f"{device_id}: -")


def test_a_lost_event_is_found(centre: Centre, bad_day: BadDay, hub: psycopg.Connection):
    row = next(row for row in read_rows(bad_day.truth, "taken") if row[1] == "event")
    spoil = "UPDATE inbox SET identity = %s WHERE identity = %s"
    identity = f"{row[0]}/events/{row[3]}"
    hub.execute(spoil, ("another", identity))
    verdict = compare(bad_day.truth, centre.database_url)
    hub.execute(spoil, (identity, "another"))
    assert verdict.wrong == {"lost_events": [f"{row[0]} {row[3]}"]}


def test_a_live_position_that_is_behind_is_found(
    centre: Centre, bad_day: BadDay, hub: psycopg.Connection
):
    device_id = next(row[0] for row in read_rows(bad_day.truth, "taken") if row[4] == "telemetry")
    spoil = "UPDATE terminal_live SET observed_at = observed_at + %s WHERE device_id = %s"
    hub.execute(spoil, (timedelta(hours=-1), device_id))
    verdict = compare(bad_day.truth, centre.database_url)
    hub.execute(spoil, (timedelta(hours=1), device_id))
    assert list(verdict.wrong) == ["markers_behind"]
    assert verdict.wrong["markers_behind"][0].startswith(f"{device_id}: ")


def check_fleet(truth: Path, database_url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", "check-fleet", str(truth)]
    return subprocess.run(
        [*command, "--database-url", database_url],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_the_checker_is_a_command_that_ends_with_a_line_of_json(
    centre: Centre, bad_day: BadDay, hub: psycopg.Connection
):
    done = check_fleet(bad_day.truth, centre.database_url)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["wrong"] == {}


def test_a_folder_without_truth_is_refused(tmp_path: Path):
    with pytest.raises(NoTruth, match=r"exercise\.json"):
        compare(tmp_path, "postgresql://nowhere")
    done = check_fleet(tmp_path, "postgresql://nowhere")
    assert done.returncode == 2
    assert "exercise.json" in done.stderr


def test_the_same_seed_and_beginning_write_the_same_truth(centre: Centre, tmp_path: Path):
    def truth_of(name: str) -> dict[str, list[list[str]]]:
        options = ("--scale", "10", "--seconds", "3", "--interval", "0.5", "--settle", "60")
        options += ("--begin", "2026-11-26T08:00:00", "--trouble", "garbage=0.2")
        assert centre.fleet(tmp_path / name, *options).returncode == 0
        return {
            what: sorted(read_rows(tmp_path / name, what))
            for what in ("samples", "events", "faults")
        }

    first, second = truth_of("first"), truth_of("second")
    assert len(first["samples"]) == 60
    assert first == second


def test_an_interrupted_fleet_ends_in_order_and_leaves_the_truth_so_far(
    centre: Centre, tmp_path: Path
):
    options = ("--scale", "5", "--seconds", "600", "--interval", "0.2", "--calm")
    in_background = ["/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh"]
    with subprocess.Popen(
        [*in_background, *centre.command(tmp_path, *options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as fleet:
        try:
            until_sync((tmp_path / "taken-0.csv").exists, 100)
            until_sync(lambda: online(centre, 5), 100)
            fleet.send_signal(signal.SIGINT)
            out, err = fleet.communicate(timeout=100)
        finally:
            fleet.kill()
    assert fleet.returncode == 0, err
    assert json.loads(out.splitlines()[-1])["terminals"] == 5
    assert "Traceback" not in err
    until_sync(lambda: online(centre, 0), 100)
    assert settled(tmp_path, centre.database_url).holds


def online(centre: Centre, count: int) -> bool:
    """Whether so many terminals' last word, as the hub got it, is that they are there."""
    with psycopg.connect(centre.database_url) as db:
        rows = db.execute(
            "SELECT DISTINCT ON (device_id) payload ->> 'state' FROM inbox WHERE leaf = 'status'"
            " ORDER BY device_id, inbox_id DESC"
        ).fetchall()
    return [state for (state,) in rows].count("online") == count


def test_a_fleet_that_is_larger_than_its_district_is_refused(centre: Centre, tmp_path: Path):
    done = centre.fleet(tmp_path, "--scale", "full")
    assert done.returncode == 2
    output = " ".join(done.stderr.replace("│", " ").split())
    assert f"{TERMINALS} terminals, not 1,436" in output
