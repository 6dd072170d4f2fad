"""Days before the demo begins: drawn photos, and the hub's own rehearsal of the work of those days."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from deploy.local.processes import follow_command, run_command

MATTERS_A_DAY = 9
_COVERS, _STREETS = 0.35, 1.9
"""Pairs of photos of covers, and views of streets, for a matter; some more than the hub asks for."""


@dataclass(frozen=True)
class History:
    """The days to play; `photos` are being drawn meanwhile."""

    days: int
    seed: int
    photos: Path
    _drawn: Future[str]

    def play(self, hub: Mapping[str, str], on_day: Callable[[date], None]) -> None:
        """Play the days with the hub's settings. Raises CommandFailed."""
        self._drawn.result()

        def on_line(line: str) -> None:
            try:
                on_day(date.fromisoformat(line))
            except ValueError:
                return  # another line of its output

        arguments = ["hub", "rehearse", "--photos", str(self.photos)]
        arguments += ["--days", str(self.days), "--seed", str(self.seed)]
        arguments += ["--matters", str(MATTERS_A_DAY)]
        follow_command(arguments, hub, on_line)


@contextmanager
def drawing(folder: Path, days: int, seed: int) -> Iterator[History | None]:
    """A history whose photos are drawn in the background; None without days."""
    if not days:
        yield None
        return
    photos, matters = folder / "photos", days * MATTERS_A_DAY
    counts = [
        "--repairs",
        str(round(matters * _COVERS)),
        "--streets",
        str(round(matters * _STREETS)),
    ]
    draw = ["firmware_sim", "photos", "--out", str(photos), "--seed", str(seed), *counts]
    with ThreadPoolExecutor(1) as pool:
        yield History(days, seed, photos, pool.submit(run_command, draw, {}))
    shutil.rmtree(photos, ignore_errors=True)
