"""Two clocks at once: wall-clock time, and the processor time of this thread.

On a busy machine only processor time is comparable; waiting for the disk shows in wall-clock time alone.
"""

import time
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds by both clocks."""

    wall: float
    cpu: float

    def __add__(self, other: Self) -> "Took":
        return Took(self.wall + other.wall, self.cpu + other.cpu)

    def __sub__(self, other: Self) -> "Took":
        return Took(self.wall - other.wall, self.cpu - other.cpu)


def now() -> Took:
    """An instant; two of them make a duration."""
    return Took(time.perf_counter() * 1000, time.thread_time() * 1000)
