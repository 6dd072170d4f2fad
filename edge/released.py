"""The released model, as the rest of the node knows it."""

from pathlib import Path

import structlog

from edge.detector import Model, Ready
from edge.lean import give_back
from models import OnnxDetector
from wire.messages import LoadedModel

_log = structlog.get_logger()


def ready(directory: Path, precision: str) -> Ready:
    """Load the model of a folder, and say in the log what runs. Raises ModelRejected."""
    detector = OnnxDetector.load(directory, precision=precision)
    give_back()
    model = model_of(detector)
    _log.info(
        "model_loaded",
        model=f"{model.loaded.name} {model.loaded.version}",
        precision=detector.weights.precision,
        sha256=model.loaded.sha256,
        trial_ms=detector.trial_ms or None,
    )
    return Ready(detector, model, detector.retune, model.thresholds)


def model_of(detector: OnnxDetector) -> Model:
    """What runs here. The hash is that of the weights in use."""
    manifest = detector.manifest
    loaded = LoadedModel(
        name=manifest.name, version=manifest.version, sha256=detector.weights.sha256
    )
    return Model(loaded, dict(manifest.thresholds), manifest.input.width)
