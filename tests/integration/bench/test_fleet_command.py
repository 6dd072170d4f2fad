import json
import subprocess
import sys

import pytest


def bench(*arguments: str, timeout_s: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


@pytest.mark.timeout(500)
def test_a_small_fleet_is_measured_and_its_crowd_outlives_the_broker():
    sizes = (
        "--terminals",
        "6",
        "--crowd",
        "9",
        "--interval",
        "0.5",
        "--crowd-interval",
        "0.5",
        "--seconds",
        "5",
    )
    done = bench("fleet", *sizes, "--within", "120", "--trouble", "flat=0.5", timeout_s=480)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 terminals, a sample each 0.5 s, for 5 s" in done.stdout
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["wrong"] == {}
    assert figures["reached"]["nothing_wrong"]
    assert figures["ordinary"]["connected"] == 6
    assert figures["ordinary"]["hub"] > 0
    assert figures["crowd"]["connected"] == 9
    assert figures["back"]["back_s"] >= figures["back"]["after_start_s"] > 0


def test_a_trouble_that_there_is_not_is_refused():
    done = bench("fleet", "--trouble", "rain=1", timeout_s=100)
    assert done.returncode == 2
    assert "rain=1" in done.stderr
