import hashlib
import io
import json
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from deploy.local.mosquitto import Mosquitto
from firmware_sim.activity_log import ActivityLog
from tests.integration.firmware_sim.conftest import Ear, Running
from wire.messages import TerminalEvent
from wire.topics import Leaf

ROOT = Path(__file__).parents[3]


@pytest.fixture
def story(folder: Path, broker: Mosquitto):
    command = [
        sys.executable,
        "-m",
        "firmware_sim",
        "run",
        str(folder),
        "--port",
        str(broker.device_port),
    ]
    command += ["--credentials", str(folder / "credentials.json"), "--scenario", "story"]
    command += ["--walk-speed", "60", "--camera-fps", "2", "--interval", "1", "--control", "0"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    yield process
    process.kill()
    process.communicate()


async def test_the_story_is_told_in_order_and_ends_when_asked(
    story: subprocess.Popen[str], ear: Ear
):
    await ear.until(lambda: ear.of("T-0002", Leaf.EVENTS), within_s=60)
    story.send_signal(signal.SIGTERM)
    out, err = story.communicate(timeout=20)
    assert story.returncode == 0, err
    assert json.loads(err.splitlines()[0])["event"] == "started"
    told = [json.loads(line) for line in out.splitlines()]
    plot = [line["did"] for line in told if line["did"] in PLOT]
    assert plot == list(PLOT)
    report = TerminalEvent.model_validate_json(ear.of("T-0002", Leaf.EVENTS)[0].payload)
    assert (report.category, report.condition) == ("manhole_cover", "broken")
    (photo,) = ear.of("T-0002", Leaf.EVIDENCE)
    assert report.evidence == (hashlib.sha256(photo.payload).hexdigest(),)
    await ear.until(lambda: ear.of("T-0002", Leaf.STATUS)[-1].json()["state"] == "offline")


PLOT = (
    "scenario_started",
    "cover_changed",
    "walking",
    "arrived",
    "photo_sent",
    "photo_report",
    "scenario_ended",
)


def cover_region_change(ear: Ear, camera_id: str) -> float:
    """How much the last frame differs from the first, where it differs most (0 to 255)."""
    frames = ear.of(camera_id, Leaf.FRAMES)
    first, last = (
        cv2.imdecode(np.frombuffer(heard.payload, np.uint8), cv2.IMREAD_GRAYSCALE)
        for heard in (frames[0], frames[-1])
    )
    return float(cv2.blur(cv2.absdiff(first, last), (15, 15)).max())


async def test_a_camera_shows_that_the_cover_broke(ear: Ear, running: Running):
    from scenes import CoverState

    async with running(("C-001",)) as cast:
        await ear.until(lambda: len(ear.of("C-001", Leaf.FRAMES)) >= 2, within_s=30)
        world, count = cast.simulation.world, len(ear.of("C-001", Leaf.FRAMES))
        world.set_cover("A-0172", CoverState.OPEN, "test")
        await ear.until(lambda: len(ear.of("C-001", Leaf.FRAMES)) >= count + 3, within_s=30)
    assert cover_region_change(ear, "C-001") > 30


def test_the_activity_log_keeps_chinese_as_it_is():
    out = io.StringIO()
    ActivityLog(out).record("T-0001", "sos", text="紧急求助")
    assert "紧急求助" in out.getvalue()
