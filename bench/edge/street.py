"""Many cameras at 5 frames a second on one core: how many fit, and how long their frames wait."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from threading import Event, Thread

from bench.edge.scenery import FPS, Footage
from bench.edge.station import Station
from edge.detector import LoadedDetector
from edge.frame import CameraFrame
from edge.mailbox import Mailboxes
from edge.picture import Jpeg
from edge.tile_scheduler import TilingMode

_PLANNED = 0.7
"""Share of the core that cameras may take; what is beyond is for peaks."""
_SETTLING_S = 10
"""After a start all cameras ask for a look at once; what is measured comes after the first round."""
_BREAKING = 4
"""In one street of so many the cover breaks while cameras send."""


@dataclass(frozen=True)
class Cost:
    """What one camera costs: share of a core's time, and share of its frames that is looked at."""

    busy: float
    looked_at: float

    @property
    def cameras_per_core(self) -> int:
        return int(_PLANNED / self.busy)


@dataclass(frozen=True)
class StreetWaits:
    """Milliseconds from a frame's arrival until what it means is committed, of frames looked at."""

    cameras: int
    p50: float
    p95: float
    busy: float
    looked_at: float
    dropped: int


def cost(footage: Footage, loaded_detector: LoadedDetector, seconds: int, *, gated: bool) -> Cost:
    """Show one camera's frames as fast as they are taken, by a clock that runs at 5 a second.

    A street with some traffic and nothing wrong. Without the gate every frame is looked at, as a
    whole only.
    """
    tiling = TilingMode.ROTATE if gated else TilingMode.OFF
    with tempfile.TemporaryDirectory() as folder:
        station = Station(Path(folder), loaded_detector, ["C-001"], tiling, gated=gated)
        cpu_ms = 0.0
        for frame in range(seconds * FPS):
            jpeg = footage.sound[frame % len(footage.sound)]
            cpu_ms += station.show("C-001", jpeg, frame / FPS).cpu
        looked_at = station.cameras[0].looked_at
        station.close()
    return Cost(cpu_ms / 1000 / seconds, looked_at / (seconds * FPS))


def waits(
    streets: Sequence[Footage], loaded_detector: LoadedDetector, cameras: int, seconds: int
) -> StreetWaits:
    """Let the cameras send in real time, each at its own moment, to one worker behind mailboxes."""
    ids = [f"C-{number:03}" for number in range(cameras)]
    mailboxes, stop = Mailboxes(ids), Event()
    with tempfile.TemporaryDirectory() as folder:
        station = Station(Path(folder), loaded_detector, ids)
        worker = Thread(target=station.worker.run, args=(mailboxes, stop))
        worker.start()
        since_s = time.monotonic() + _SETTLING_S
        sent = _send(streets, ids, _SETTLING_S + seconds, mailboxes, since_s)
        stop.set()
        worker.join()
        station.close()
    handled = [one for one in station.worker.handled if one.arrived_s >= since_s]
    looks_ms = [(one.to_s - one.arrived_s) * 1000 for one in handled if one.looked_at]
    return StreetWaits(
        cameras=cameras,
        p50=median(looks_ms),
        p95=quantiles(looks_ms, n=20)[-1],
        busy=sum(one.to_s - one.from_s for one in handled) / seconds,
        looked_at=len(looks_ms) / len(handled),
        dropped=max(0, sent - len(handled) - cameras),
    )


def _send(
    streets: Sequence[Footage], ids: Sequence[str], seconds: int, to: Mailboxes, since_s: float
) -> int:
    """Each camera has its moment within the fifth of a second. How many were sent after `since_s`."""
    start_s, sent = time.monotonic(), 0
    for frame in range(seconds * FPS):
        for number, camera_id in enumerate(ids):
            due_s = start_s + (frame + number / len(ids)) / FPS
            if (early_s := due_s - time.monotonic()) > 0:
                time.sleep(early_s)
            breaks_at = seconds * FPS * (0.5 if number % _BREAKING == 0 else 1.0)
            footage = streets[number % len(streets)]
            film = footage.broken if frame > breaks_at else footage.sound
            arrived_s = time.monotonic()
            still = Jpeg(film[(frame + number) % len(film)])
            to.put(CameraFrame(camera_id, still, arrived_s, datetime.now(UTC)))
            sent += arrived_s >= since_s
    return sent
