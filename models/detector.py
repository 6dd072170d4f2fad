"""The detector's runtime: one picture in, detections out."""

from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from models.detections import MANHOLE, Detections, nothing
from models.errors import ModelRejected, RejectionReason
from models.letterbox import Letterbox
from models.manifest import Manifest, read_manifest, verified_bytes

INPUT_NAME = "image"
OUTPUT_NAMES = ("boxes", "scores")
"""boxes [N, 4]: x, y, w, h in input pixels; scores [classes, N] in 0..1."""

_MOST_CANDIDATES = 300


class Detector:
    """A loaded model. One instance serves one thread."""

    def __init__(self, manifest: Manifest, session: onnxruntime.InferenceSession) -> None:
        self.manifest = manifest
        self._session = session
        self._input: NDArray[np.uint8] = np.zeros(
            (1, manifest.input.height, manifest.input.width, 3), np.uint8
        )
        self._thresholds = np.array(
            [manifest.thresholds[name] for name in manifest.classes], np.float32
        )
        self._rivals = rival_groups(manifest.classes)

    @classmethod
    def load(cls, directory: Path, *, threads: int = 1, precision: str = "fp32") -> "Detector":
        """Load a released model from its folder; raises ModelRejected.

        The weights must have the sha256 that the manifest states.
        """
        manifest = read_manifest(directory)
        weights = verified_bytes(directory, manifest.file(precision))
        session = _session(weights, threads)
        _check_graph(session, manifest)
        return cls(manifest, session)

    def detect(self, image: NDArray[np.uint8], *, min_score: float | None = None) -> Detections:
        """Find objects in a picture [H, W, 3] BGR.

        Each class has its operating threshold from the manifest; `min_score` replaces them all.
        A cover has one state: of overlapping boxes of different states the best one stays.
        """
        height, width = image.shape[:2]
        frame = self.manifest.input
        letterbox = Letterbox.fitting(width, height, frame.width, frame.height)
        letterbox.fill(image, self._input[0])
        boxes, scores = self._session.run(list(OUTPUT_NAMES), {INPUT_NAME: self._input})
        found = self._decide(
            np.asarray(boxes, np.float32), np.asarray(scores, np.float32), min_score
        )
        return Detections(
            letterbox.to_picture(found.boxes, width, height),
            found.scores,
            found.class_ids,
            found.labels,
        )

    def threshold(self, label: str) -> float:
        """Return the operating threshold of a class."""
        return self.manifest.thresholds[label]

    def _decide(
        self, boxes: NDArray[np.float32], scores: NDArray[np.float32], min_score: float | None
    ) -> Detections:
        class_ids = scores.argmax(0)
        best = scores.max(0)
        least = self._thresholds[class_ids] if min_score is None else np.float32(min_score)
        candidates = np.flatnonzero(best >= least)
        if not len(candidates):
            return nothing(self.manifest.classes)
        candidates = candidates[np.argsort(-best[candidates])][:_MOST_CANDIDATES]
        boxes, best, class_ids = boxes[candidates], best[candidates], class_ids[candidates]
        kept = cv2.dnn.NMSBoxesBatched(
            boxes.tolist(),
            best.tolist(),
            self._rivals[class_ids].tolist(),
            0.0,
            self.manifest.overlap,
        )
        order = np.array(kept, np.int64).ravel()
        order = order[np.argsort(-best[order], kind="stable")]
        corners = np.c_[boxes[order, :2], boxes[order, :2] + boxes[order, 2:]].astype(np.float32)
        return Detections(
            corners, best[order], class_ids[order].astype(np.int64), self.manifest.classes
        )


def rival_groups(classes: tuple[str, ...]) -> NDArray[np.int64]:
    """Number the classes so that those which exclude each other at one place share a number."""
    first_cover = next((k for k, name in enumerate(classes) if name.startswith(MANHOLE)), 0)
    groups = [first_cover if name.startswith(MANHOLE) else k for k, name in enumerate(classes)]
    return np.array(groups, np.int64)


def _session(weights: bytes, threads: int) -> onnxruntime.InferenceSession:
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
