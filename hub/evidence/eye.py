"""The one detector of a process, which sees for whoever has a photo."""

from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
import structlog
from numpy.typing import NDArray

from models import Detections, OnnxDetector

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class EyeModel:
    """What sees. `sha256` is that of the weights in use."""

    name: str
    version: str
    sha256: str


class Eye:
    """A detector that threads share: they take turns, since an instance serves one at a time."""

    def __init__(self, detector: OnnxDetector) -> None:
        self._detector = detector
        self._turn = Lock()
        manifest = detector.manifest
        self.model = EyeModel(manifest.name, manifest.version, detector.weights.sha256)

    def detect(self, image: NDArray[np.uint8], *, min_score: float | None = None) -> Detections:
        """Find objects in a picture [H, W, 3] BGR, as `Detector.detect` does. Blocking."""
        with self._turn:
            return self._detector.detect(image, min_score=min_score)

    def threshold(self, label: str) -> float:
        """The score from which a class counts."""
        return self._detector.threshold(label)


def open_eye(model_dir: Path) -> Eye:
    """The eye with the model in `model_dir`, in the precision that is fastest here.

    Raises models.ModelRejected. Weights cost memory: open it once in a process.
    """
    detector = OnnxDetector.load(model_dir, precision="auto")
    eye = Eye(detector)
    log.info(
        "model_loaded",
        model=f"{eye.model.name} {eye.model.version}",
        precision=detector.weights.precision,
        sha256=eye.model.sha256,
        trial_ms=detector.trial_ms or None,
    )
    return eye
