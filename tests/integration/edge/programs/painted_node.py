"""A whole edge node, as `python -m edge run`, whose detectors see red and green paint.

A model's folder says in `manners.onnx` how the detector that is made from it behaves; the one that
the node is installed with behaves well.
"""

import json
import os
import signal
import threading
import time
from pathlib import Path

from edge.detector import LoadedDetector, ModelInfo
from edge.logs import configure_logs
from edge.node import Node
from edge.remote.model_store import ModelStore
from edge.remote.startup import first_model
from edge.settings import read_cameras, read_settings
from models import ModelRejected, RejectionReason, read_manifest
from tests.paint import BROKEN, GOOD, PaintDetector
from wire.messages import LoadedModel

CLASSES = {"manhole_broken": 0.4, "manhole_good": 0.4, "manhole_open": 0.4}


class Painted(PaintDetector):
    """`slow_s` is added to each look; from look `fails_at` on it raises, from `dies_at` on it dies.

    It also dies of a picture that is black all over.
    """

    def __init__(self, slow_s=0.0, fails_at=None, dies_at=None, blind=False) -> None:
        super().__init__(paints=() if blind else (GOOD, BROKEN))
        self.slow_s, self.fails_at, self.dies_at = slow_s, fails_at, dies_at

    def detect(self, image_bgr, /):
        if "PAINT_FAILS" in os.environ:
            raise RuntimeError("no paint left")
        if not image_bgr.any():
            os._exit(3)
        found = super().detect(image_bgr)
        time.sleep(self.slow_s)
        if self.fails_at is not None and self.looks >= self.fails_at:
            raise RuntimeError("the paint is dry")
        if self.dies_at is not None and self.looks >= self.dies_at:
            os._exit(3)
        return found


def load(folder: Path) -> LoadedDetector:
    if not (folder / "manners.onnx").exists():
        return loaded("paint", "1", Painted())
    manifest = read_manifest(folder)
    manners = json.loads((folder / "manners.onnx").read_text())
    if manners.pop("unloadable", False):
        raise ModelRejected(RejectionReason.NOT_LOADABLE, "no graph in it")
    return loaded(manifest.name, manifest.version, Painted(**manners))


def loaded(name: str, version: str, detector: PaintDetector) -> LoadedDetector:
    loaded = LoadedModel(name=name, version=version, sha256="ab" * 32)
    return LoadedDetector(detector, ModelInfo(loaded, CLASSES), lambda _: None, CLASSES)


configure_logs()
settings = read_settings(os.environ, {})
model_store = ModelStore(settings.data_dir / "models")
first = first_model(model_store, load, settings.model_dir)
node = Node(settings, read_cameras(settings.cameras), first, model_store, load)
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
raise SystemExit(0 if node.run(stop) else 1)
