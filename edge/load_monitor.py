"""How busy the worker is, and how far its heartbeats are stretched because of that."""

import math

import structlog

_log = structlog.get_logger()

_OVER_S = 5.0
_TOO_BUSY, _EASY = 0.7, 0.6
"""Shares of the time. Above 0.8 every frame waits ten times as long, so stretching starts before."""
_LONGER_PER_S, _SHORTER_PER_S = 0.1, 0.05
_LONGEST = 6.0


class LoadMonitor:
    """Gets each piece of work; times are seconds of one clock that never runs backwards."""

    def __init__(self) -> None:
        self.busy = 0.0
        self.stretch = 1.0
        self._until_s: float | None = None

    def worked(self, from_s: float, to_s: float) -> None:
        """Work was done between these instants, and none between the last piece and this one."""
        passed_s = to_s - (from_s if self._until_s is None else self._until_s)
        self._until_s = to_s
        if passed_s <= 0:
            return
        share = min(1.0, (to_s - from_s) / passed_s)
        self.busy += (share - self.busy) * (1 - math.exp(-passed_s / _OVER_S))
        self._adapt(passed_s)

    def _adapt(self, passed_s: float) -> None:
        before = self.stretch
        if self.busy > _TOO_BUSY:
            self.stretch = min(_LONGEST, self.stretch * math.exp(_LONGER_PER_S * passed_s))
        elif self.busy < _EASY:
            self.stretch = max(1.0, self.stretch * math.exp(-_SHORTER_PER_S * passed_s))
        if (before > 1.0) != (self.stretch > 1.0):
            event = "heartbeats_stretched" if self.stretch > 1.0 else "heartbeats_restored"
            _log.info(event, busy=round(self.busy, 2))
