"""The memory of a whole node over folders of pictures."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.edge.process import node
from bench.edge.scenery import Footage


def peak_mb(streets: Sequence[Footage], cameras: int, model_dir: Path, seconds: int) -> float:
    """The most that the process had in memory after watching for so long."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        watched: list[dict[str, object]] = [
            {
                "camera_id": f"C-{number:03}",
                "source": f"folder:{_pictures(folder / str(number), streets, number)}",
                "place": [103.82, 25.61],
                "every_s": 0.2,
            }
            for number in range(cameras)
        ]
        with node(folder, watched, model_dir) as running:
            time.sleep(seconds)
            return running.memory_mb("VmHWM")


def _pictures(folder: Path, streets: Sequence[Footage], number: int) -> Path:
    folder.mkdir()
    for index, jpeg in enumerate(streets[number % len(streets)].broken):
        (folder / f"{index:03}.jpg").write_bytes(jpeg)
    return folder
