"""`script/bench edge`."""

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import structlog
import typer

from bench.machine import describe, hold_to_one_core

_LOOP_S = 7
"""No part of the gate's heartbeat, which would else always see the same moments."""

_Peers = Annotated[
    bool,
    typer.Option(
        "--peers",
        help="Measure ultralytics and Roboflow inference as well; they are installed into a "
        "folder of their own under ~/.cache (some gigabytes, and minutes, the first time).",
    ),
]


def edge(
    model: Annotated[Path, typer.Option(help="Folder of the model.")] = Path("models/street"),
    precision: Annotated[str, typer.Option(help="fp32, int8, or auto: the faster one.")] = "auto",
    size: Annotated[str, typer.Option(help="Size of the pictures, in pixels.")] = "1280x720",
    frames: Annotated[
        int, typer.Option(min=20, max=2000, help="Frames to measure the overhead with.")
    ] = 150,
    seconds: Annotated[
        int, typer.Option(min=10, max=300, help="How long cameras send in real time.")
    ] = 20,
    streets: Annotated[int, typer.Option(min=1, max=20, help="Streets to render.")] = 3,
    cameras: Annotated[
        int, typer.Option(min=0, max=500, help="How many send in real time; 0: as many as fit.")
    ] = 0,
    peers: _Peers = False,
) -> None:
    """What an edge node costs per frame, and how many cameras a core can watch.

    Overhead: a street with a broken cover, every frame looked at; in turns with the networks alone,
    on the same inputs. Cameras: a street with some traffic at 5 frames a second, as many as take 70 % of
    the core; then that many in real time, where in every fourth street the cover breaks. Memory: of a
    whole node. Peers: other runtimes on the same weights, in environments of their own.
    """
    from edge.memory_tuning import limit_memory

    limit_memory()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    from bench.edge.report import EdgePlan, run
    from bench.edge.scenery import render

    width, height = (int(side) for side in size.split("x"))
    plan = EdgePlan(model, precision, frames, seconds, cameras, peers)
    _describe(
        pictures=f"{size}, {streets} rendered streets of {_LOOP_S} s",
        measured=f"{frames} frames, then {seconds} s in real time",
    )
    figures = run(plan, render(streets, _LOOP_S, width, height))
    typer.echo(json.dumps(asdict(figures)))


def _describe(**facts: str) -> None:
    for name, value in ({**describe(), "core": str(hold_to_one_core())} | facts).items():
        typer.echo(f"{name:>12}  {value}")
