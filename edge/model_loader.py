"""Loads a released model for the node."""

from pathlib import Path

import structlog

from edge.detector import LoadedDetector, ModelInfo
from edge.memory_tuning import release_free_memory
from models import OnnxDetector
from wire.messages import LoadedModel

_log = structlog.get_logger()


def load_model(directory: Path, precision: str) -> LoadedDetector:
    """Load the model of a folder and log what runs. Raises ModelRejected."""
    detector = OnnxDetector.load(directory, precision=precision)
    release_free_memory()
    model = model_info(detector)
    _log.info(
        "model_loaded",
        model=f"{model.loaded.name} {model.loaded.version}",
        precision=detector.weights.precision,
        sha256=model.loaded.sha256,
        trial_ms=detector.trial_ms or None,
    )
    return LoadedDetector(detector, model, detector.retune, model.thresholds)


def model_info(detector: OnnxDetector) -> ModelInfo:
    """What the node says of a detector. The hash is that of the weights in use."""
    manifest = detector.manifest
    loaded = LoadedModel(
        name=manifest.name, version=manifest.version, sha256=detector.weights.sha256
    )
    return ModelInfo(loaded, dict(manifest.thresholds), manifest.input.width)
