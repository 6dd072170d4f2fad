"""The messages that a device sent recently, to be sent again once the hub is subscribed again."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from wire.limits import SENT_AGAIN_S

T = TypeVar("T")


class RecentlySent(Generic[T]):
    """Messages or samples by the time at which each was first sent, the oldest first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sent_s: dict[T, float] = {}

    def add(self, thing: T) -> None:
        """Note that it was sent. One that is sent again keeps its first time, so that repetition ends."""
        self._sent_s.setdefault(thing, self._clock())
        self._forget_old()

    def all(self) -> list[T]:
        """What was first sent within the last SENT_AGAIN_S."""
        self._forget_old()
        return list(self._sent_s)

    def _forget_old(self) -> None:
        since_s = self._clock() - SENT_AGAIN_S
        while self._sent_s:
            oldest = next(iter(self._sent_s))
            if self._sent_s[oldest] >= since_s:
                return
            del self._sent_s[oldest]
