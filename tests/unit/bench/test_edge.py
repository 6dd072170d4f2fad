"""The edge benchmark measures what it says; how fast anything is, no test asks."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.edge import overhead, peers, street
from bench.edge.bare import Tapped
from bench.edge.scenery import Footage, render
from bench.edge.station import STAGES
from edge.model_loader import load_model
from edge.tile_scheduler import TilingMode
from models import released

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def footage() -> Footage:
    (made,) = render(1, 1, 640, 360)
    return made


def test_a_tapped_detector_replays_what_it_was_asked(footage: Footage) -> None:
    tapped = Tapped(released(), "fp32")
    figures = overhead.measure(footage, tapped, 2, TilingMode.OFF).wall
    assert set(figures.stages) == set(STAGES)
    assert figures.stages["infer"] > 0
    assert figures.frame > figures.stages["infer"] > 0.5 * figures.detector
    assert [took.wall < figures.detector for took in tapped.replayed()] == [True, True], "none left"


def test_a_camera_costs_less_with_its_gate(footage: Footage) -> None:
    model = load_model(released(), "fp32")
    free, gated = (street.cost(footage, model, 4, gated=gate) for gate in (False, True))
    assert free.looked_at == 1.0
    assert gated.looked_at < 0.5
    assert gated.busy < free.busy


def test_peers_that_nobody_asked_for_are_said_to_be_missing() -> None:
    assert peers.none().figures == {}
    assert "--peers" in peers.none().note


@pytest.mark.parametrize(
    ("command", "option"), [("edge", "--peers"), ("rtsp", "--cameras"), ("tiles", "--first")]
)
def test_the_commands_explain_themselves(command: str, option: str) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "bench", command, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert option in shown.stdout
