"""The whole system, from a camera's frame to a closed case, also with its parts killed on the way."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.local.__main__ import Breakage
from deploy.local.api_user import ApiUser, logged_in
from deploy.local.observer import Observer, observing
from deploy.local.stack import DISTRICT, HUB_USER, Options, Stack, running
from deploy.local.story import Story, StoryStep
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

    def __init__(self, stack: Stack, observer: Observer, victims: list[str]) -> None:
        super().__init__(daemon=True)
        self.stack, self.observer, self.victims = stack, observer, victims
        self.killed: list[str] = []

    def run(self) -> None:
        moments = {"ingest": Leaf.DETECTIONS, "worker": Leaf.COMMANDS, "broker": Leaf.ACKS}
        for victim in self.victims:
            if self.observer.first(moments[victim], lambda _: True, within_s=120):
                self._kill(victim)
                self.killed.append(victim)

    def _kill(self, victim: str) -> None:
        if victim == "broker":
            self.stack.broker.kill()
            self.stack.broker.start()
        else:
            self.stack.supervisor.processes[victim].kill()


@contextmanager
def story_with_deaths(*victims: str) -> Iterator[Story]:
    """A story to be played while these are killed; in the end there must be one case and one guard."""
    breakage = Breakage()
    with running(Options(terminals=12), on_line=lambda _, entry: breakage.note(entry)) as stack:
        seat, unit = stack.accounts["dispatcher"], stack.accounts["housing"]
        with (
            observing(stack.broker.port, HUB_USER, stack.hub_password, DISTRICT) as observer,
            logged_in(stack.url, seat.username, seat.password) as dispatcher,
            logged_in(stack.url, unit.username, unit.password) as handler,
        ):
            killer = Killer(stack, observer, list(victims))
            killer.start()
            stack.start_devices()
            yield Story(
                observer,
                dispatcher,
                handler,
                breakage.wait,
                lambda: datetime.now(UTC),
                _tell_nobody,
            )
            killer.join(5)
            assert killer.killed == list(victims)
            assert_one_case_and_one_guard(dispatcher)


def _tell_nobody(_: StoryStep) -> None: ...


def test_the_story_ends_well_though_ingest_worker_and_broker_are_all_killed() -> None:
    with story_with_deaths("ingest", "worker", "broker") as story:
        story.play()
        assert [step.name for step in story.steps] == STEPS


@pytest.mark.parametrize("victim", ["ingest", "worker", "broker"])
def test_one_case_and_one_accepted_command_though_one_part_is_killed(victim: str) -> None:
    with story_with_deaths(victim) as story:
        story.play_until_guarded()


def assert_one_case_and_one_guard(dispatcher: ApiUser) -> None:
    cases = dispatcher.get("/api/cases")["items"]
    covers = [case for case in cases if case["item_key"] == "manhole_cover"]
    assert len(covers) == 1
    commands = dispatcher.get("/api/commands", case_id=covers[0]["case_id"])["items"]
    accepted = [c for c in commands if c["type"] == "guard" and c["accepted_at"]]
    assert len(accepted) == 1
