"""The dispatch benchmark finds every guard that it has caused; how fast anything is, no test asks."""

import json
import subprocess
import sys

import pytest


@pytest.mark.timeout(300)
def test_every_signal_of_a_small_run_gets_its_guard_and_the_inbox_is_emptied():
    options = ("--rate", "2", "--rate", "5", "--seconds", "2", "--terminals", "24")
    options += ("--messages", "60", "--cases", "10", "--interval", "2", "--within", "100")
    done = subprocess.run(
        [sys.executable, "-m", "bench", "dispatch", *options],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    for rate, signals in zip(figures["rates"], (4, 10), strict=True):
        assert (rate["commands"], rate["missing"], rate["reasons"]) == (signals, 0, {})
        assert 0 < rate["waited_p50_ms"] < rate["p50_ms"] <= rate["p95_ms"] <= rate["max_ms"]
        assert set(rate["shares"]) == {"ingest", "worker", "database", "broker", "terminals"}
    for drain in (figures["acks"], figures["events"]):
        assert (drain["handled"], drain["left"], drain["parked"]) == (60, 0, 0)
    assert figures["acks_per_s"] == figures["acks"]["per_s"] > 0
    assert figures["events_per_s"] == figures["events"]["per_s"] > 0
    assert (figures["writers"]["cases"], figures["writers"]["left"]) == (10, 0)
    held = figures["journal_lock_held_ms"]
    assert held["holds"] >= 10
    assert 0 < held["mean"] <= held["max"]
    assert held["resolution"] > 0
