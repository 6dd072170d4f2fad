"""The detector's runtime: one picture in, detections out."""

from collections.abc import Mapping
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from models.condition import ConditionReader, settle
from models.detections import MANHOLE, Detections
from models.errors import ModelRejected, RejectionReason
from models.letterbox import Letterbox
from models.manifest import FileSpec, Manifest, read_manifest
from models.session import Graph, open_graph

if TYPE_CHECKING:
    import onnxruntime

INPUT_NAME = "image"
OUTPUT_NAMES = ("boxes", "scores")
"""boxes [N, 4]: x, y, w, h in input pixels; scores [classes, N] in 0..1."""

_MOST_CANDIDATES = 300
_MOST_LOOKED_AT = 24
_GLANCE = 0.7
"""Share of the threshold from which a box is worth the second look, which may raise its score."""


class OnnxDetector:
    """A loaded model. One instance serves one thread."""

    def __init__(
        self, manifest: Manifest, graph: Graph, second_look: ConditionReader | None = None
    ) -> None:
        self.manifest = manifest
        self._graph = graph
        self._session = graph.session
        self._second_look = second_look
        frame = manifest.input
        self._input: NDArray[np.uint8] = np.zeros((1, frame.height, frame.width, 3), np.uint8)
        self.retune(manifest.thresholds)
        self._rivals = rival_groups(manifest.classes)
        self._states = np.flatnonzero([name.startswith(MANHOLE) for name in manifest.classes])

    @classmethod
    def load(cls, directory: Path, *, threads: int = 1, precision: str = "fp32") -> "OnnxDetector":
        """Load a released model from its folder; raises ModelRejected.

        The weights must have the sha256 that the manifest states. The precision may be `auto`.
        """
        manifest = read_manifest(directory)
        graph = open_graph(directory, manifest, "detector", precision, threads)
        _check_graph(graph.session, manifest)
        second_look = None
        if manifest.condition:
            second = open_graph(directory, manifest, "condition", precision, threads)
            second_look = ConditionReader(manifest.condition, second.session)
        return cls(manifest, graph, second_look)

    @property
    def weights(self) -> FileSpec:
        """The file of the detector's graph that is in use."""
        return self._graph.spec

    @property
    def trial_ms(self) -> dict[str, float]:
        """Milliseconds of a run by precision if a trial chose between several, else empty."""
        return dict(self._graph.trial_ms)

    def retune(self, thresholds: Mapping[str, float]) -> None:
        """Give every class the threshold at which it counts from now on."""
        self._thresholds = np.array(
            [thresholds[name] for name in self.manifest.classes], np.float32
        )

    def trusting(self, trust: float) -> "OnnxDetector":
        """Return the same detector with another weight of the second look; see ConditionSpec."""
        spec = self.manifest.condition
        if spec is None:
            return self
        told = self.manifest.model_copy(
            update={"condition": spec.model_copy(update={"trust": trust})}
        )
        other = copy(self)
        other.manifest = told
        return other

    def detect(self, image: NDArray[np.uint8], *, min_score: float | None = None) -> Detections:
        """Find objects in a picture [H, W, 3] BGR, best first.

        Each class has its operating threshold from the manifest; `min_score` replaces them all.
        A cover has one state: of overlapping boxes of different states the best one stays, and
        the second look, if the model has one, decides.
        """
        corners, scores = self._look(image, min_score)
        class_ids, best = scores.argmax(0).astype(np.int64), scores.max(0)
        found = Detections(corners, best, class_ids, self.manifest.classes)
        return found.where(best >= self._least(class_ids, min_score)).ranked()

    def rank(self, image: NDArray[np.uint8], min_score: float) -> Detections:
        """Find candidates for measuring: as `detect`, but each cover is listed with each of its states.

        Average precision depends on the rank of every state, not only of the most likely one.
        """
        corners, scores = self._look(image, min_score)
        class_ids = scores.argmax(0)
        wanted = np.zeros(scores.shape, bool)
        wanted[class_ids, np.arange(len(class_ids))] = True
        wanted[np.ix_(self._states, np.isin(class_ids, self._states))] = True
        rows, columns = np.nonzero(wanted & (scores >= min_score))
        return Detections(
            corners[columns], scores[rows, columns], rows, self.manifest.classes
        ).ranked()

    def _look(
        self, image: NDArray[np.uint8], min_score: float | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the boxes xyxy [n, 4] that stay, in the picture's pixels, and their scores [classes, n]."""
        height, width = image.shape[:2]
        frame = self.manifest.input
        letterbox = Letterbox.fitting(width, height, frame.width, frame.height)
        letterbox.fill(image, self._input[0])
        boxes, scores = self._session.run(list(OUTPUT_NAMES), {INPUT_NAME: self._input})
        candidates = self._candidates(scores, min_score)
        boxes, scores = boxes[candidates], scores[:, candidates]
        corners = np.hstack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])
        # Boxes overlap more once they are clipped at the picture's edge, so clipping comes before choosing.
        corners = letterbox.to_picture(corners, width, height)
        chosen = self._choose(corners, scores)
        return corners[chosen], self._settled(image, corners[chosen], scores[:, chosen])

    def _lowest(self, min_score: float | None) -> float:
        return float(self._thresholds.min()) if min_score is None else min_score

    def _least(self, class_ids: NDArray[np.int64], min_score: float | None) -> NDArray[np.float32]:
        if min_score is None:
            return np.asarray(self._thresholds[class_ids], np.float32)
        return np.full(len(class_ids), min_score, np.float32)

    def _candidates(
        self, scores: NDArray[np.float32], min_score: float | None
    ) -> NDArray[np.int64]:
        """Return the points that may count, best first; covers are kept a little below the threshold."""
        best = scores.max(0)
        candidates = np.flatnonzero(best >= _GLANCE * self._lowest(min_score))
        least = self._least(scores[:, candidates].argmax(0), min_score)
        candidates = candidates[best[candidates] >= _GLANCE * least]
        order = np.argsort(-best[candidates])[:_MOST_CANDIDATES]
        return np.asarray(candidates[order], np.int64)

    def _choose(
        self, corners: NDArray[np.float32], scores: NDArray[np.float32]
    ) -> NDArray[np.int64]:
        """Return which of the boxes [n, 4], best first, with scores [classes, n], stay."""
        if not len(corners):
            return np.zeros(0, np.int64)
        lows, highs = corners[:, :2], corners[:, 2:]
        kept = cv2.dnn.NMSBoxesBatched(
            np.c_[lows, highs - lows].tolist(),
            scores.max(0).tolist(),
            self._rivals[scores.argmax(0)].tolist(),
            0.0,
            self.manifest.overlap,
        )
        return np.sort(np.array(kept, np.int64).ravel())

    def _settled(
        self, image: NDArray[np.uint8], corners: NDArray[np.float32], scores: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Apply the second look to the covers among boxes [n, 4] with scores [classes, n]."""
        spec = self.manifest.condition
        covers = np.flatnonzero(np.isin(scores.argmax(0), self._states))[:_MOST_LOOKED_AT]
        if self._second_look and spec and len(covers):
            conditions = self._second_look.read(image, corners[covers])
            places = np.ix_(self._states, covers)
            scores[places] = settle(scores[places].T, conditions, spec).T
        return scores

    def threshold(self, label: str) -> float:
        """Return the operating threshold of a class."""
        return float(self._thresholds[self.manifest.classes.index(label)])


def rival_groups(classes: tuple[str, ...]) -> NDArray[np.int64]:
    """Number the classes; classes that exclude each other at one place share a number."""
    first_cover = next((k for k, name in enumerate(classes) if name.startswith(MANHOLE)), 0)
    groups = [first_cover if name.startswith(MANHOLE) else k for k, name in enumerate(classes)]
    return np.array(groups, np.int64)


def _check_graph(session: "onnxruntime.InferenceSession", manifest: Manifest) -> None:
    frame = manifest.input
    wanted = [1, frame.height, frame.width, 3]
    takes = {node.name: list(node.shape) for node in session.get_inputs()}
    gives = {node.name: list(node.shape) for node in session.get_outputs()}
    if takes != {INPUT_NAME: wanted} or set(gives) != set(OUTPUT_NAMES):
        raise ModelRejected(RejectionReason.WRONG_SHAPE, f"takes {takes} and gives {gives}")
    if gives["scores"][0] != len(manifest.classes):
        raise ModelRejected(
            RejectionReason.WRONG_SHAPE,
            f"{gives['scores'][0]} classes, not {len(manifest.classes)}",
        )
