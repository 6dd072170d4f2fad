"""What the node sent a moment ago: when the hub listens anew, it is sent again."""

import time
from collections.abc import Callable

from edge.outbox import QueuedMessage
from wire.limits import SENT_AGAIN_S

_MOST_BYTES = 4 * 1024 * 1024


class ResendBuffer:
    """Delivered messages by the instant at which each was first delivered, within bounds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._delivered: dict[int, tuple[float, QueuedMessage]] = {}
        self._bytes = 0

    def add(self, waiting: QueuedMessage) -> None:
        """It was delivered; one that is sent again keeps its first instant, so that this ends."""
        if waiting.outbox_id not in self._delivered:
            self._delivered[waiting.outbox_id] = (self._clock(), waiting)
            self._bytes += len(waiting.message.payload)
        self._forget_old()

    def all(self) -> list[QueuedMessage]:
        """What was first delivered within the last SENT_AGAIN_S, the oldest first."""
        self._forget_old()
        return [waiting for _, waiting in self._delivered.values()]

    def _forget_old(self) -> None:
        since_s = self._clock() - SENT_AGAIN_S
        while self._delivered:
            outbox_id = next(iter(self._delivered))
            delivered_s, waiting = self._delivered[outbox_id]
            if delivered_s >= since_s and self._bytes <= _MOST_BYTES:
                return
            del self._delivered[outbox_id]
            self._bytes -= len(waiting.message.payload)
