"""Limits how often an error that repeats is logged."""

import time
from collections.abc import Callable

_EVERY_S = 60.0


class LogThrottle:
    """Lets one repeating error into the log once a minute. `clock` counts seconds, never backwards."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._logged_s: float | None = None
        self._unlogged = 0

    def due(self) -> int:
        """Count the error: how often it occurred since it was last logged, or 0 to log nothing yet."""
        self._unlogged += 1
        now_s = self._clock()
        if self._logged_s is not None and now_s - self._logged_s < _EVERY_S:
            return 0
        self._logged_s = now_s
        times, self._unlogged = self._unlogged, 0
        return times

    def reset(self) -> None:
        """Log the next error at once, as if it were the first."""
        self._logged_s, self._unlogged = None, 0
