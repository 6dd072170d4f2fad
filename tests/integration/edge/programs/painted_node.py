"""A whole edge node, as `python -m edge run`, whose detector sees red and green paint."""

import os
import signal
import threading

from edge.detector import Model
from edge.logs import configure_logs
from edge.node import Node
from edge.settings import read_cameras, read_settings
from models import Detection
from wire.messages import LoadedModel


class PaintDetector:
    def detect(self, image_bgr, /):
        if "PAINT_FAILS" in os.environ:
            raise RuntimeError("no paint left")
        _, green, red = (int(level) for level in image_bgr[450, 600])
        if green > 110 and red < 90:
            return [Detection("manhole_good", 0.8, 560, 420, 80, 60)]
        if red > 140 and green < 90:
            return [Detection("manhole_broken", 0.8, 560, 420, 80, 60)]
        return []


configure_logs()
settings = read_settings(os.environ, {})
model = Model(LoadedModel(name="paint", version="1", sha256="ab" * 32), {})
node = Node(settings, read_cameras(settings.cameras), PaintDetector(), model)
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
raise SystemExit(0 if node.run(stop) else 1)
