"""The released model, as the rest of the node knows it."""

from edge.detector import Model
from models import Manifest
from wire.messages import LoadedModel


def model_of(manifest: Manifest, precision: str) -> Model:
    """What runs here. The hash is that of the weights in use."""
    loaded = LoadedModel(
        name=manifest.name, version=manifest.version, sha256=manifest.file(precision).sha256
    )
    return Model(loaded, dict(manifest.thresholds))
