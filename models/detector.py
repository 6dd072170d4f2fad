"""The detector's runtime: one picture in, detections out."""

from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from models.condition import ConditionReader, settle
from models.detections import MANHOLE, Detections
from models.errors import ModelRejected, RejectionReason
from models.letterbox import Letterbox
from models.manifest import Manifest, read_manifest, verified_path

INPUT_NAME = "image"
OUTPUT_NAMES = ("boxes", "scores")
"""boxes [N, 4]: x, y, w, h in input pixels; scores [classes, N] in 0..1."""

_MOST_CANDIDATES = 300
_MOST_LOOKED_AT = 24
_GLANCE = 0.7
"""Share of the threshold from which a box is worth the second look, which only lowers scores."""


class Detector:
    """A loaded model. One instance serves one thread."""

    def __init__(
        self,
        manifest: Manifest,
        session: onnxruntime.InferenceSession,
        second_look: ConditionReader | None = None,
    ) -> None:
        self.manifest = manifest
        self._session = session
        self._second_look = second_look
        frame = manifest.input
        self._input: NDArray[np.uint8] = np.zeros((1, frame.height, frame.width, 3), np.uint8)
        self._thresholds = np.array(
            [manifest.thresholds[name] for name in manifest.classes], np.float32
        )
        self._rivals = rival_groups(manifest.classes)
        self._states = [k for k, name in enumerate(manifest.classes) if name.startswith(MANHOLE)]

    @classmethod
    def load(cls, directory: Path, *, threads: int = 1, precision: str = "fp32") -> "Detector":
        """Load a released model from its folder; raises ModelRejected.

        The weights must have the sha256 that the manifest states.
        """
        manifest = read_manifest(directory)
        session = open_session(verified_path(directory, manifest.file(precision)), threads)
        _check_graph(session, manifest)
        second_look = None
        if manifest.condition:
            weights = verified_path(directory, manifest.file("fp32", "condition"))
            second_look = ConditionReader(manifest.condition, open_session(weights, threads))
        return cls(manifest, session, second_look)

    def detect(self, image: NDArray[np.uint8], *, min_score: float | None = None) -> Detections:
        """Find objects in a picture [H, W, 3] BGR, best first.

        Each class has its operating threshold from the manifest; `min_score` replaces them all.
        A cover has one state: of overlapping boxes of different states the best one stays, and
        the second look at it, where the model has one, has the last word.
        """
        height, width = image.shape[:2]
        frame = self.manifest.input
        letterbox = Letterbox.fitting(width, height, frame.width, frame.height)
        letterbox.fill(image, self._input[0])
        boxes, scores = self._session.run(list(OUTPUT_NAMES), {INPUT_NAME: self._input})
        corners = np.c_[boxes[:, :2], boxes[:, :2] + boxes[:, 2:]].astype(np.float32)
        # Boxes overlap more once they are cut at the picture's edge, so cutting comes before choosing.
        corners = letterbox.to_picture(corners, width, height)
        chosen = self._choose(corners, scores, min_score)
        found = self._named(image, corners[chosen], scores[:, chosen])
        return found.where(found.scores >= self._least(found.class_ids, min_score)).ranked()

    def _least(self, class_ids: NDArray[np.int64], min_score: float | None) -> NDArray[np.float32]:
        if min_score is None:
            return np.asarray(self._thresholds[class_ids], np.float32)
        return np.full(len(class_ids), min_score, np.float32)

    def _choose(
        self, corners: NDArray[np.float32], scores: NDArray[np.float32], min_score: float | None
    ) -> NDArray[np.int64]:
        """Return the points whose boxes stay, best first; covers are kept a little below threshold."""
        class_ids, best = scores.argmax(0), scores.max(0)
        candidates = np.flatnonzero(best >= _GLANCE * self._least(class_ids, min_score))
        candidates = candidates[np.argsort(-best[candidates])][:_MOST_CANDIDATES]
        if not len(candidates):
            return candidates
        lows, highs = corners[candidates, :2], corners[candidates, 2:]
        kept = cv2.dnn.NMSBoxesBatched(
            np.c_[lows, highs - lows].tolist(),
            best[candidates].tolist(),
            self._rivals[class_ids[candidates]].tolist(),
            0.0,
            self.manifest.overlap,
        )
        return candidates[np.sort(np.array(kept, np.int64).ravel())]

    def _named(
        self, image: NDArray[np.uint8], corners: NDArray[np.float32], scores: NDArray[np.float32]
    ) -> Detections:
        """Name what lies in the boxes [n, 4], of which the scores [classes, n] are known."""
        class_ids, best = scores.argmax(0).astype(np.int64), scores.max(0)
        covers = np.flatnonzero(np.isin(class_ids, self._states))[:_MOST_LOOKED_AT]
        spec = self.manifest.condition
        if self._second_look and spec and len(covers):
            conditions = self._second_look.read(image, corners[covers])
            settled = settle(scores[self._states][:, covers].T, conditions, spec.trust)
            class_ids[covers] = np.array(self._states)[settled.states]
            best[covers] = settled.scores
        return Detections(corners, best.astype(np.float32), class_ids, self.manifest.classes)

    def threshold(self, label: str) -> float:
        """Return the operating threshold of a class."""
        return self.manifest.thresholds[label]


def rival_groups(classes: tuple[str, ...]) -> NDArray[np.int64]:
    """Number the classes so that those which exclude each other at one place share a number."""
    first_cover = next((k for k, name in enumerate(classes) if name.startswith(MANHOLE)), 0)
    groups = [first_cover if name.startswith(MANHOLE) else k for k, name in enumerate(classes)]
    return np.array(groups, np.int64)


def open_session(weights: Path, threads: int) -> onnxruntime.InferenceSession:
    """Open a graph on the processor, quiet and without spinning; raises ModelRejected."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
    except Exception as refused:
        # onnxruntime raises a family of exceptions that share no public base but this one.
        raise ModelRejected(RejectionReason.NOT_LOADABLE, str(refused)) from refused


def _check_graph(session: onnxruntime.InferenceSession, manifest: Manifest) -> None:
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
