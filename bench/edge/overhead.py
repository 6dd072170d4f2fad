"""The whole way of a frame over the networks alone, frame by frame in turns."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.clocks import Took, now
from bench.edge.bare import Tapped
from bench.edge.scenery import Footage
from bench.edge.station import STAGES, Station
from edge.detector import LoadedDetector
from edge.model_loader import model_info
from edge.picture import Jpeg
from edge.tile_scheduler import TilingMode

_UNTIMED = 10


@dataclass(frozen=True)
class Overhead:
    """Medians over the frames by one clock, times in milliseconds.

    `frame` is all that happens to a decoded picture until what it means is committed, `bare` what
    the graphs take alone on the same inputs, `ratio` their quotient. `ratio_one_graph` counts only
    the detector as bare, and the second look as overhead. `ratio_from_jpeg` has the decoding in it.
    """

    stages: dict[str, float]
    detector: float
    second_look: float
    frame: float
    ratio: float
    ratio_one_graph: float
    ratio_from_jpeg: float


@dataclass(frozen=True)
class Overheads:
    """The same frames by both clocks."""

    wall: Overhead
    cpu: Overhead


@dataclass(frozen=True)
class _Turn:
    detector: Took
    second_look: Took
    whole: Took
    decoding: Took


def measure(footage: Footage, tapped: Tapped, frames: int, tiling: TilingMode) -> Overheads:
    """Show a street with a broken cover; every frame is looked at, as if they came a second apart."""
    model = model_info(tapped.detector)
    loaded_detector = LoadedDetector(
        tapped.detector, model, tapped.detector.retune, model.thresholds
    )
    turns = []
    with tempfile.TemporaryDirectory() as folder:
        station = Station(Path(folder), loaded_detector, ["C-001"], tiling, gated=False)
        runs = station.stopwatch.runs
        for turn in range(_UNTIMED + frames):
            jpeg = footage.broken[turn % len(footage.broken)]
            whole = station.show("C-001", jpeg, float(turn))
            decoding = runs["thumbnail"][-1] + runs["decode"][-1]
            detector, *second = tapped.replayed()
            turns.append(_Turn(detector, sum(second, Took(0, 0)), whole, decoding))
        station.close()
    kept, stages = turns[_UNTIMED:], {name: runs[name][_UNTIMED:] for name in STAGES}
    return Overheads(
        _summary(kept, stages, lambda took: took.wall),
        _summary(kept, stages, lambda took: took.cpu),
    )


@dataclass(frozen=True)
class Detecting:
    """From a decoded picture to boxes by one graph, which is what the peers do, over that graph alone."""

    ms: float
    bare_ms: float
    ratio: float
    ratio_cpu: float


def detecting(footage: Footage, tapped: Tapped, frames: int) -> Detecting:
    """Detect in decoded pictures, in turns with the graph alone on the same input."""
    pictures = [Jpeg(jpeg).picture() for jpeg in footage.broken]
    turns = []
    for turn in range(_UNTIMED + frames):
        start = now()
        tapped.one_graph.detect(pictures[turn % len(pictures)])
        look = now() - start
        turns.append((look, tapped.replayed()[0]))
    kept = turns[_UNTIMED:]
    return Detecting(
        ms=median(look.wall for look, _ in kept),
        bare_ms=median(bare.wall for _, bare in kept),
        ratio=median(look.wall / bare.wall for look, bare in kept),
        ratio_cpu=median(look.cpu / bare.cpu for look, bare in kept),
    )


def _summary(
    turns: Sequence[_Turn], stages: dict[str, list[Took]], clock: Callable[[Took], float]
) -> Overhead:
    def middle(of: Callable[[_Turn], float]) -> float:
        return median(of(turn) for turn in turns)

    def bare(turn: _Turn) -> float:
        return clock(turn.detector + turn.second_look)

    def frame(turn: _Turn) -> float:
        return clock(turn.whole - turn.decoding)

    return Overhead(
        stages={
            name: median([clock(one) for one in runs] or [0.0]) for name, runs in stages.items()
        },
        detector=middle(lambda turn: clock(turn.detector)),
        second_look=middle(lambda turn: clock(turn.second_look)),
        frame=middle(frame),
        ratio=middle(lambda turn: frame(turn) / bare(turn)),
        ratio_one_graph=middle(lambda turn: frame(turn) / clock(turn.detector)),
        ratio_from_jpeg=middle(lambda turn: clock(turn.whole) / bare(turn)),
    )
