"""A battery that drains with time, faster while video is on."""

from collections.abc import Callable

IDLE_PER_H = 7.0
_VIDEO_PER_H = 24.0
LOW = 15.0


class Battery:
    """Percent; `clock` gives monotonic seconds."""

    def __init__(self, level: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._level = level
        self._since_s = clock()
        self._rate = IDLE_PER_H

    def level(self) -> float:
        hours = (self._clock() - self._since_s) / 3600
        return round(max(0.0, self._level - hours * self._rate), 1)

    def video(self, on: bool) -> None:
        self._restart(self.level())
        self._rate = _VIDEO_PER_H if on else IDLE_PER_H

    def drop_to(self, level: float) -> None:
        self._restart(min(level, self.level()))

    def _restart(self, level: float) -> None:
        self._level, self._since_s = level, self._clock()
