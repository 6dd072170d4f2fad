"""Which model the node starts with: the newest one, unless that one does harm."""

from pathlib import Path

from edge.detector import LoadedDetector, Loader
from edge.remote.model_store import ModelStore
from models import ModelRejected


def first_model(model_store: ModelStore, load: Loader, installed: Path) -> LoadedDetector:
    """Load the model to start with.

    A model that cannot be loaded, or with which the node died again and again before it had proved
    itself, is rolled back to the one before it. Raises ModelRejected if the model that the node was
    installed with is unusable too.
    """
    if model_store.state.failed:
        model_store.roll_back(
            f"the node ended {model_store.state.starts} times before it had proved itself"
        )
    model_store.count_start()
    while (model := model_store.state.current) is not None:
        try:
            return load(model_store.folder(model))
        except ModelRejected as error:
            model_store.roll_back(f"it cannot be loaded any more: {error}")
    return load(installed)


def previous_model(model_store: ModelStore, load: Loader, installed: Path) -> LoadedDetector:
    """Load the model that was in use before the present one. Raises ModelRejected."""
    before = model_store.state.previous
    return load(installed if before is None else model_store.folder(before))
