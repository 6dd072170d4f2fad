"""The networks alone, on exactly the inputs that the pipeline gave them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from bench.clocks import Took, now
from models import OnnxDetector, read_manifest
from models.condition import ConditionReader
from models.session import Graph, open_graph


@dataclass
class Tap:
    """Stands in for a session, and remembers what it was asked.

    Copies would cost the pipeline time, so several views that came in one buffer are all the last.
    """

    session: onnxruntime.InferenceSession
    asked: list[Mapping[str, NDArray[np.uint8]]] = field(default_factory=list)

    def run(self, outputs: Sequence[str] | None, feed: Mapping[str, NDArray[np.uint8]]) -> Any:
        self.asked.append(feed)
        return self.session.run(outputs, feed)

    def get_inputs(self) -> Any:
        return self.session.get_inputs()

    def get_outputs(self) -> Any:
        return self.session.get_outputs()


class Tapped:
    """A detector of a model's folder, and its graphs opened once more to be run bare."""

    def __init__(self, model_dir: Path, precision: str) -> None:
        self._manifest = read_manifest(model_dir)
        self._where = (model_dir, precision)
        graph = self._open("detector")
        self.precision = graph.spec.precision
        self._taps = [Tap(graph.session)]
        self._bare = [self._open("detector", graph.spec.precision).session]
        second_look = None
        if self._manifest.condition:
            second = self._open("condition")
            self._taps.append(Tap(second.session))
            self._bare.append(self._open("condition", second.spec.precision).session)
            second_look = ConditionReader(self._manifest.condition, self._taps[1])
        tapped = Graph(graph.spec, self._taps[0], graph.trial_ms)
        self.detector = OnnxDetector(self._manifest, tapped, second_look)
        self.one_graph = OnnxDetector(self._manifest, tapped)
        """The same without its second look."""

    def replayed(self) -> list[Took]:
        """Run bare what was asked since the last time; the time of each graph."""
        took = []
        for tap, session in zip(self._taps, self._bare, strict=True):
            start = now()
            for feed in tap.asked:
                session.run(None, feed)
            took.append(now() - start)
            tap.asked.clear()
        return took

    def _open(self, role: Any, precision: str | None = None) -> Graph:
        directory, wanted = self._where
        return open_graph(directory, self._manifest, role, precision or wanted, threads=1)
