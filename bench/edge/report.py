"""Runs the parts of `script/bench edge` one after another, and shows what each has found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.edge import memory, overhead, peers, street
from bench.edge.bare import Tapped
from bench.edge.overhead import Detecting, Overhead, Overheads
from bench.edge.scenery import Footage
from bench.edge.station import STAGES
from edge.model_loader import load_model
from edge.tile_scheduler import TilingMode

_console = Console(highlight=False, width=120)
_MEMORY_CAMERAS = 8


@dataclass(frozen=True)
class EdgePlan:
    """What to measure with."""

    model_dir: Path
    precision: str
    frames: int
    seconds: int
    cameras: int
    with_peers: bool


@dataclass(frozen=True)
class EdgeFigures:
    """The last line. Ratios are over the networks alone, on the same inputs in the same run.

    `overhead_ratio` is by the clock on the wall; `_cpu` by processor time, which others on the
    machine disturb less; `_fp32` is over the larger graphs, whichever is in use; `_one_graph`
    counts the second look as overhead. `detecting` is what compares with `peers`: from a decoded
    picture to boxes by the fp32 detector.
    """

    precision: str
    bare_ms: float
    overhead_ratio: float
    overhead_ratio_cpu: float
    overhead_ratio_fp32: float
    overhead_ratio_one_graph: float
    overhead_ratio_from_jpeg: float
    overhead_ratio_with_tiles: float
    detecting_ratio: float
    detecting_ratio_cpu: float
    cameras_per_core: int
    cameras_per_core_ungated: int
    cameras: int
    p50_ms: float
    p95_ms: float
    dropped: int
    rss_mb: float
    peers: dict[str, dict[str, object]] = field(default_factory=dict)
    note: str = ""


def run(plan: EdgePlan, streets: Sequence[Footage]) -> EdgeFigures:
    """Measure everything, showing tables on the way."""
    tapped = Tapped(plan.model_dir, plan.precision)
    whole, tiled = (
        overhead.measure(streets[0], tapped, plan.frames, tiling)
        for tiling in (TilingMode.OFF, TilingMode.ROTATE)
    )
    _show_overhead(tapped.precision, whole, tiled)
    model = load_model(plan.model_dir, tapped.precision)
    free = street.cost(streets[0], model, max(5, plan.seconds // 4), gated=False)
    gated = street.cost(streets[0], model, max(60, plan.seconds), gated=True)
    cameras = plan.cameras or max(1, gated.cameras_per_core)
    waits = street.waits(streets, model, cameras, plan.seconds)
    _show_cameras(free, gated, waits)
    rss_mb = memory.peak_mb(streets, _MEMORY_CAMERAS, plan.model_dir, seconds=25)
    _console.print(f"memory of a whole node with {_MEMORY_CAMERAS} cameras: {rss_mb:.0f} MB\n")
    full = Tapped(plan.model_dir, "fp32")
    boxes = overhead.detecting(streets[0], full, plan.frames)
    same = (
        whole
        if tapped.precision == "fp32"
        else overhead.measure(streets[0], full, plan.frames, TilingMode.OFF)
    )
    others = peers.measure(plan.model_dir, streets[0]) if plan.with_peers else peers.none()
    _show_peers(boxes, others)
    return EdgeFigures(
        precision=tapped.precision,
        bare_ms=round(whole.wall.detector + whole.wall.second_look, 2),
        overhead_ratio=round(whole.wall.ratio, 3),
        overhead_ratio_cpu=round(whole.cpu.ratio, 3),
        overhead_ratio_fp32=round(same.wall.ratio, 3),
        overhead_ratio_one_graph=round(whole.wall.ratio_one_graph, 3),
        overhead_ratio_from_jpeg=round(whole.wall.ratio_from_jpeg, 3),
        overhead_ratio_with_tiles=round(tiled.wall.ratio, 3),
        detecting_ratio=round(boxes.ratio, 3),
        detecting_ratio_cpu=round(boxes.ratio_cpu, 3),
        cameras_per_core=gated.cameras_per_core,
        cameras_per_core_ungated=free.cameras_per_core,
        cameras=waits.cameras,
        p50_ms=round(waits.p50, 1),
        p95_ms=round(waits.p95, 1),
        dropped=waits.dropped,
        rss_mb=round(rss_mb, 1),
        peers=others.figures,
        note=others.note,
    )


def _show_overhead(precision: str, whole: Overheads, tiled: Overheads) -> None:
    table = Table(title=f"one frame, {precision}: medians in ms", title_justify="left")
    table.add_column("")
    for column in ("whole picture", "of it cpu", "and 2 tiles", "of it cpu"):
        table.add_column(column, justify="right")
    columns = (whole.wall, whole.cpu, tiled.wall, tiled.cpu)
    for name in STAGES:
        table.add_row(name, *(f"{one.stages[name]:.3f}" for one in columns))
    table.add_section()
    rows: dict[str, Callable[[Overhead], float]] = {
        "detector alone": lambda one: one.detector,
        "second look alone": lambda one: one.second_look,
        "decoded picture to commit": lambda one: one.frame,
        "  over the networks alone": lambda one: one.ratio,
        "  over the detector alone": lambda one: one.ratio_one_graph,
        "JPEG to commit over the networks alone": lambda one: one.ratio_from_jpeg,
    }
    for name, figure in rows.items():
        table.add_row(name, *(f"{figure(one):.3f}" for one in columns))
    _console.print(table)


def _show_cameras(free: street.Cost, gated: street.Cost, waits: street.StreetWaits) -> None:
    table = Table(title="cameras at 5 frames a second", title_justify="left")
    for column in ("", "looked at", "of the core", "cameras per core"):
        table.add_column(column, justify="left" if not column else "right")
    for name, one in (("without the gate", free), ("with the gate", gated)):
        share, count = f"{one.looked_at:.0%}", str(one.cameras_per_core)
        table.add_row(name, share, f"{one.busy:.2%}", count)
    _console.print(table)
    _console.print(
        f"{waits.cameras} cameras in real time: busy {waits.busy:.0%}, looked at "
        f"{waits.looked_at:.1%}, arrival to commit p50 {waits.p50:.1f} ms, p95 {waits.p95:.1f} ms, "
        f"{waits.dropped} frames dropped\n"
    )


def _show_peers(own: Detecting, others: peers.Peers) -> None:
    title = "decoded picture to boxes by the fp32 detector, over its graph alone"
    table = Table(title=title, title_justify="left")
    for column in ("", "ms", "alone, ms", "ratio", "by cpu time"):
        table.add_column(column, justify="left" if not column else "right")
    row = (own.ms, own.bare_ms, own.ratio, own.ratio_cpu)
    table.add_row("this node's detector", *(f"{one:.3f}" for one in row))
    for name, figures in others.figures.items():
        keys = ("ms", "bare_ms", "ratio", "ratio_cpu")
        cells = (f"{figures[key]:.3f}" for key in keys)
        table.add_row(f"{name} {figures['version']}", *cells)
    _console.print(table)
    if others.note:
        _console.print(others.note)
