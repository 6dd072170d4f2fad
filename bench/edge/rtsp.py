"""`script/bench rtsp`: many cameras over RTSP at once on one node."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.edge.film import PER_SECOND, write_film
from bench.edge.process import NodeProcess, node
from bench.edge.scenery import render
from bench.machine import describe
from deploy.local.ports import free_port, wait_for_port
from wire.messages import CameraHealth, CameraState, EdgeHealth

_ROOT = Path(__file__).parents[2]
_SYSTEM_PYTHON = "/usr/bin/python3"
_ALL_UP_WITHIN_S = 90
_LOOP_S = 7
_STREETS = 3


@dataclass(frozen=True)
class WatchedStreams:
    """What became of one camera's frames in the time that was measured."""

    camera_id: str
    frames_in: int
    looked_at: int
    dropped: int
    bad: int
    outages: int


@dataclass(frozen=True)
class RtspFigures:
    """The last line. `cpu_share` is of one core; the counts are over all cameras."""

    cameras: int
    seconds: float
    all_up_after_s: float
    frames_in: int
    least_frames_in: int
    looked_at: int
    dropped: int
    bad: int
    outages: int
    cpu_share: float
    rss_mb: float
    peak_mb: float
    threads: int
    open_files: int
    load_before: float


def rtsp(
    cameras: Annotated[int, typer.Option(min=1, max=64, help="How many at once.")] = 24,
    seconds: Annotated[int, typer.Option(min=5, max=120, help="How long to measure.")] = 30,
    size: Annotated[str, typer.Option(help="Size of the pictures, in pixels.")] = "640x360",
    model: Annotated[Path, typer.Option(help="Folder of the model.")] = Path("models/street"),
) -> None:
    """A whole node with many cameras over RTSP: what comes in, what it costs.

    Rendered streets as H.264, 15 pictures a second with a key frame each second, from a server of
    GStreamer's on this machine (packages gir1.2-gst-rtsp-server-1.0, python3-gi). Measured from
    when every camera is up.
    """
    width, height = (int(side) for side in size.split("x"))
    shown = {**describe(), "cameras": f"{cameras}, {size}, {PER_SECOND} pictures a second"}
    for name, value in shown.items():
        typer.echo(f"{name:>12}  {value}")
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        films = [folder / f"street{number}.mkv" for number in range(_STREETS)]
        for film, footage in zip(films, render(_STREETS, _LOOP_S, width, height), strict=True):
            write_film(film, footage, 2 * _ALL_UP_WITHIN_S + seconds)
        with _served(films) as port, node(folder, _listed(cameras, port), model) as running:
            figures, table = _measured(running, cameras, seconds, load)
    _show(table)
    typer.echo(json.dumps(asdict(figures)))


@contextmanager
def _served(films: Sequence[Path]) -> Iterator[int]:
    """A server of these films; its port."""
    port = free_port()
    program = _ROOT / "firmware_sim" / "rtsp_server.py"
    server = subprocess.Popen([_SYSTEM_PYTHON, str(program), str(port), *map(str, films)])
    try:
        if not wait_for_port(port, within_s=30):
            raise SystemExit(
                "the RTSP server does not start: install gir1.2-gst-rtsp-server-1.0 and python3-gi"
            )
        yield port
    finally:
        server.kill()
        server.wait()


def _listed(cameras: int, port: int) -> list[dict[str, object]]:
    return [
        {
            "camera_id": f"C-{number:03}",
            "source": f"rtsp://127.0.0.1:{port}/street{number % _STREETS}",
            "place": [103.82, 25.61],
        }
        for number in range(cameras)
    ]


def _measured(
    running: NodeProcess, cameras: int, seconds: int, load: float
) -> tuple[RtspFigures, list[WatchedStreams]]:
    start_s = time.monotonic()
    before = _health_once(running, _all_up, _ALL_UP_WITHIN_S)
    from_s, from_cpu_s = time.monotonic(), running.cpu_s()
    time.sleep(seconds)
    cpu_share = (running.cpu_s() - from_cpu_s) / (time.monotonic() - from_s)
    after = _health_once(running, lambda health: health.at > before.at, _ALL_UP_WITHIN_S)
    table = [_between(*pair) for pair in zip(before.cameras, after.cameras, strict=True)]
    figures = RtspFigures(
        cameras=cameras,
        seconds=round((after.at - before.at).total_seconds(), 1),
        all_up_after_s=round(from_s - start_s, 1),
        frames_in=sum(one.frames_in for one in table),
        least_frames_in=min(one.frames_in for one in table),
        looked_at=sum(one.looked_at for one in table),
        dropped=sum(one.dropped for one in table),
        bad=sum(one.bad for one in table),
        outages=sum(one.outages for one in table),
        cpu_share=round(cpu_share, 3),
        rss_mb=round(running.memory_mb("VmRSS"), 1),
        peak_mb=round(running.memory_mb("VmHWM"), 1),
        threads=running.threads(),
        open_files=running.open_files(),
        load_before=round(load, 1),
    )
    return figures, table


def _health_once(
    node: NodeProcess, holds: Callable[[EdgeHealth], bool], within_s: float
) -> EdgeHealth:
    """The first report of which this holds."""
    until_s = time.monotonic() + within_s
    while time.monotonic() < until_s:
        health = node.health()
        if health is not None and holds(health):
            return health
        time.sleep(0.5)
    states = [(one.camera_id, one.state, one.reason) for one in health.cameras] if health else []
    raise SystemExit(f"the node did not get so far within {within_s:.0f} s: {states}")


def _all_up(health: EdgeHealth) -> bool:
    return all(one.state is CameraState.UP for one in health.cameras)


def _between(before: CameraHealth, after: CameraHealth) -> WatchedStreams:
    return WatchedStreams(
        after.camera_id,
        after.frames_in - before.frames_in,
        after.frames_looked_at - before.frames_looked_at,
        after.frames_dropped - before.frames_dropped,
        after.frames_bad - before.frames_bad,
        after.outages - before.outages,
    )


def _show(watched: Sequence[WatchedStreams]) -> None:
    table = Table("camera", "frames in", "looked at", "dropped", "bad", "outages")
    for one in watched:
        table.add_row(*(str(cell) for cell in asdict(one).values()))
    Console(highlight=False).print(table)
