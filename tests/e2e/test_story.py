"""The whole system, from a camera's frame to a closed case, also with its parts killed on the way."""

import json
import subprocess
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.local.__main__ import Breakage
from deploy.local.observer import Observer, observing
from deploy.local.people import Person, logged_in
from deploy.local.stack import DISTRICT, HUB_USER, Options, Stack, running
from deploy.local.story import Story
from tests.e2e.conftest import eventually
from wire.topics import Leaf

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
STEPS = [
    "frame_shows_broken_cover",
    "edge_confirms_detection",
    "exactly_one_case",
    "routed_with_deadline",
    "nearest_terminal_accepts",
    "live_video_plays",
    "repair_photo_checked",
    "closed_and_replayed",
]


def test_the_demo_checks_itself_and_ends_with_a_line_of_json() -> None:
    done = subprocess.run(
        [ROOT / ".venv/bin/python", "-m", "deploy.local", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=390,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["ok"] is True
    assert [step["name"] for step in result["steps"]] == STEPS
    assert set(result["latency_ms"]) == {"frame_to_case", "case_to_delivered"}
    assert all(value > 0 for value in result["latency_ms"].values())


class Killer(threading.Thread):
    """Kills ingest at the first detection, the worker at the first command, the broker at the first ack."""

    def __init__(self, stack: Stack, observer: Observer) -> None:
        super().__init__(daemon=True)
        self.stack, self.observer = stack, observer
        self.killed: list[str] = []

    def run(self) -> None:
        processes = self.stack.supervisor.processes
        if self.observer.first(Leaf.DETECTIONS, lambda _: True, within_s=120):
            processes["ingest"].kill()
            self.killed.append("ingest")
        if self.observer.first(Leaf.COMMANDS, lambda _: True, within_s=120):
            processes["worker"].kill()
            self.killed.append("worker")
        acked = self.observer.first(Leaf.ACKS, lambda _: True, within_s=60)
        if acked is not None:
            # Mosquitto acknowledges some milliseconds before it saves; within them it can lose.
            saved = self.stack.folder / "broker" / "mosquitto.db"
            eventually(
                lambda: saved.stat().st_mtime > acked.seen_at.timestamp(), 10, "the broker saves"
            )
            self.stack.broker.kill()
            self.stack.broker.start()
            self.killed.append("broker")


@pytest.mark.xfail(
    reason="not yet: in 3 of 5 runs the terminal's report, sent while all three die, is not joined",
    strict=False,
)
def test_one_case_and_one_accepted_command_though_ingest_worker_and_broker_are_killed() -> None:
    breakage = Breakage()
    with running(Options(terminals=12), on_line=lambda _, entry: breakage.heed(entry)) as stack:
        people = stack.accounts["dispatcher"], stack.accounts["housing"]
        with (
            observing(stack.broker.port, HUB_USER, stack.hub_password, DISTRICT) as observer,
            logged_in(stack.url, people[0].username, people[0].password) as dispatcher,
            logged_in(stack.url, people[1].username, people[1].password) as handler,
        ):
            killer = Killer(stack, observer)
            killer.start()
            stack.start_devices()
            story = Story(
                observer,
                dispatcher,
                handler,
                breakage.wait,
                lambda: datetime.now(UTC),
                lambda step: None,
            )
            story.play()
            killer.join(5)
            assert killer.killed == ["ingest", "worker", "broker"]
            assert [step.name for step in story.steps] == STEPS
            assert_one_case_and_one_guard(dispatcher)


def assert_one_case_and_one_guard(dispatcher: Person) -> None:
    cases = dispatcher.get("/api/cases")["items"]
    covers = [case for case in cases if case["item_key"] == "manhole_cover"]
    assert len(covers) == 1
    commands = dispatcher.get("/api/commands", case_id=covers[0]["case_id"])["items"]
    accepted = [c for c in commands if c["type"] == "guard" and c["accepted_at"]]
    assert len(accepted) == 1
