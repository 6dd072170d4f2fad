"""How long each stage of the pipeline takes on average."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class Stopwatch:
    """Mean times since the last reading. One thread measures the stages, another one reads."""

    def __init__(self) -> None:
        self._sums: dict[str, tuple[float, int]] = {}
        self._lock = Lock()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure the block as one run of the stage."""
        start_s = time.perf_counter()
        try:
            yield
        finally:
            took_ms = (time.perf_counter() - start_s) * 1000
            with self._lock:
                total, runs = self._sums.get(name, (0.0, 0))
                self._sums[name] = (total + took_ms, runs + 1)

    def read(self) -> dict[str, float]:
        """The mean of each stage in milliseconds; the next reading starts from zero."""
        with self._lock:
            sums, self._sums = self._sums, {}
        return {name: round(total / runs, 3) for name, (total, runs) in sums.items()}
