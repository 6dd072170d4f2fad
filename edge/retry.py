"""Trying again until told to stop, with growing waits."""

import random
import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

_STEADY_S = 30.0
"""An attempt that lasted this long was a good one: the next wait is short again."""

Failure = TypeVar("Failure", bound=Exception)


class Backoff:
    """Growing waits between attempts, each with jitter, so that a fleet does not return as one."""

    def __init__(self, first_s: float = 0.5, longest_s: float = 30.0) -> None:
        self._first_s, self._longest_s = first_s, longest_s
        self._step_s = first_s

    def next_s(self) -> float:
        """How long to wait now."""
        step_s = self._step_s
        self._step_s = min(step_s * 2, self._longest_s)
        return random.uniform(step_s / 2, step_s)

    def reset(self) -> None:
        """Start over with the shortest wait."""
        self._step_s = self._first_s


def keep_trying(
    attempt: Callable[[Event], None],
    failure: type[Failure],
    failed: Callable[[Failure, float], None],
    stop: Event,
) -> None:
    """Repeat an attempt until `stop` is set. An attempt ends by raising `failure`, or on `stop`.

    `failed` is told of each failure and of the seconds until the next attempt.
    """
    backoff = Backoff()
    while not stop.is_set():
        since_s = time.monotonic()
        try:
            attempt(stop)
        except failure as error:
            if time.monotonic() - since_s > _STEADY_S:
                backoff.reset()
            wait_s = backoff.next_s()
            failed(error, wait_s)
            stop.wait(wait_s)
