"""What is to happen, in the order of its time. Pure."""

import heapq
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from itertools import count
from typing import TypeAlias

Step: TypeAlias = Callable[[], Awaitable[None]]


class Agenda:
    """Steps by their time; those of one instant stay in the order in which they were added."""

    def __init__(self) -> None:
        self._steps: list[tuple[datetime, int, Step]] = []
        self._numbers = count()

    def add(self, at: datetime, step: Step) -> None:
        heapq.heappush(self._steps, (at, next(self._numbers), step))

    def until(self, end: datetime) -> Iterator[tuple[datetime, Step]]:
        """Take the steps up to `end`, also those that are added meanwhile; later ones stay."""
        while self._steps and self._steps[0][0] <= end:
            at, _, step = heapq.heappop(self._steps)
            yield at, step
