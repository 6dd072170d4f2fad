"""Two clocks at once: the one on the wall, and the processor time of this thread.

On a machine that does other things too, processor time is what compares; waiting for the disk shows
on the wall alone.
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
