"""The vision model that looks at photos, one for all of a process."""

from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
import structlog
from numpy.typing import NDArray

from models import Detections, OnnxDetector

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class PhotoModelInfo:
    """The name and version of a model; `sha256` is that of the weights in use."""

    name: str
    version: str
    sha256: str


class PhotoModel:
    """A detector that threads share; they take turns, because it serves one at a time."""

    def __init__(self, detector: OnnxDetector) -> None:
        self._detector = detector
        self._turn = Lock()
        manifest = detector.manifest
        self.info = PhotoModelInfo(manifest.name, manifest.version, detector.weights.sha256)

    def detect(self, image: NDArray[np.uint8], *, min_score: float | None = None) -> Detections:
        """Find objects in a picture [H, W, 3] BGR, as `Detector.detect` does. Blocking."""
        with self._turn:
            return self._detector.detect(image, min_score=min_score)

    def threshold(self, label: str) -> float:
        """The score from which a detection of a class counts."""
        return self._detector.threshold(label)


def open_photo_model(model_dir: Path) -> PhotoModel:
    """Load the model in `model_dir` in the precision that is fastest on this machine.

    Raises models.ModelRejected. Weights take memory: open it once in a process.
    """
    detector = OnnxDetector.load(model_dir, precision="auto")
    model = PhotoModel(detector)
    log.info(
        "model_loaded",
        model=f"{model.info.name} {model.info.version}",
        precision=detector.weights.precision,
        sha256=model.info.sha256,
        trial_ms=detector.trial_ms or None,
    )
    return model
