"""Opening the graphs of a model: the precision that is asked for, or the one that runs fastest here."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.errors import ModelRejected, RejectionReason
from models.manifest import FileSpec, Manifest, Role, verified_path

if TYPE_CHECKING:
    import onnxruntime

AUTO = "auto"
"""Takes the file that is fastest in a few timed runs on this processor."""

_UNTIMED_RUNS = 2
_TIMED_RUNS = 9


@dataclass(frozen=True)
class Graph:
    """An open file of weights. `trial_ms` holds the best run of each precision that was tried."""

    spec: FileSpec
    session: "onnxruntime.InferenceSession"
    trial_ms: Mapping[str, float] = field(default_factory=dict)


def open_graph(
    directory: Path, manifest: Manifest, role: Role, precision: str, threads: int
) -> Graph:
    """Open the file of this role; raises ModelRejected.

    A file with another role than the detector need not exist in this precision; the existing one is opened.
    """
    specs = [spec for spec in manifest.files if spec.role == role]
    if precision != AUTO:
        exact = [spec for spec in specs if spec.precision == precision]
        if role == "detector" or exact:
            specs = exact
    if not specs:
        missing = f"{manifest.name} {manifest.version} has no {precision} file for the {role}"
        raise ModelRejected(RejectionReason.FILE_MISSING, missing)
    graphs = [Graph(spec, open_session(verified_path(directory, spec), threads)) for spec in specs]
    return graphs[0] if len(graphs) == 1 else fastest(graphs)


def fastest(graphs: list[Graph]) -> Graph:
    """Run the graphs in turns on one picture of noise, and return the one with the best single run.

    The best run rather than the mean: whatever else the machine is doing only ever adds to a run.
    """
    feeds = [_noise(graph.session) for graph in graphs]
    best_ms = [float("inf")] * len(graphs)
    for turn in range(_UNTIMED_RUNS + _TIMED_RUNS):
        for index, graph in enumerate(graphs):
            start_s = time.perf_counter()
            graph.session.run(None, feeds[index])
            took_ms = (time.perf_counter() - start_s) * 1000
            if turn >= _UNTIMED_RUNS:
                best_ms[index] = min(best_ms[index], took_ms)
    winner = graphs[int(np.argmin(best_ms))]
    trial_ms: dict[str, float] = {
        graph.spec.precision: round(ms, 2) for graph, ms in zip(graphs, best_ms, strict=True)
    }
    return Graph(winner.spec, winner.session, trial_ms)


def open_session(weights: Path, threads: int) -> "onnxruntime.InferenceSession":
    """Open a graph on the processor, quiet and without spinning; raises ModelRejected."""
    import onnxruntime  # half a second and 30 MB, which processes that only decode don't spend

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # One memory plan for all tensors saves no time here and takes some megabytes more.
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
    except Exception as refused:
        # onnxruntime raises a family of exceptions that share no public base but this one.
        raise ModelRejected(RejectionReason.NOT_LOADABLE, str(refused)) from refused


def _noise(session: "onnxruntime.InferenceSession") -> dict[str, object]:
    """One picture for each input; a side that may have any length gets 1."""
    rng = np.random.default_rng(0)
    return {
        node.name: rng.integers(
            0, 256, [side if isinstance(side, int) else 1 for side in node.shape], np.uint8
        )
        for node in session.get_inputs()
    }
