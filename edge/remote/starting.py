"""Which model the node begins with: the newest one, unless it has done harm."""

from pathlib import Path

from edge.detector import Loader, Ready
from edge.remote.shelf import Shelf
from models import ModelRejected


def first_model(shelf: Shelf, load: Loader, installed: Path) -> Ready:
    """Load the model to begin with; one that cannot be loaded, or ended the node again and again
    before it had proved itself, makes way for the one before it.

    Raises ModelRejected where the model that the node was installed with is unusable too.
    """
    if shelf.state.failed:
        shelf.roll_back(f"the node ended {shelf.state.starts} times before it had proved itself")
    shelf.count_start()
    while (model := shelf.state.current) is not None:
        try:
            return load(shelf.folder(model))
        except ModelRejected as error:
            shelf.roll_back(f"it cannot be loaded any more: {error}")
    return load(installed)


def model_before(shelf: Shelf, load: Loader, installed: Path) -> Ready:
    """Load the model that was in use before the present one. Raises ModelRejected."""
    before = shelf.state.previous
    return load(installed if before is None else shelf.folder(before))
