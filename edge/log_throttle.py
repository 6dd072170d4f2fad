"""Errors that repeat, said once a minute."""

import time
from collections.abc import Callable

_EVERY_S = 60.0


class LogThrottle:
    """One thing that may go wrong again and again. `clock` counts seconds and never runs back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said_s: float | None = None
        self._unsaid = 0

    def again(self) -> int:
        """It has gone wrong: how often since the log last heard of it, or 0 to say nothing yet."""
        self._unsaid += 1
        now_s = self._clock()
        if self._said_s is not None and now_s - self._said_s < _EVERY_S:
            return 0
        self._said_s = now_s
        times, self._unsaid = self._unsaid, 0
        return times
