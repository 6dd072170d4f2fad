"""What the node delivered a moment ago: it is sent again once the hub has restarted."""

import time
from collections.abc import Callable

from edge.outbox import QueuedMessage
from wire.limits import SENT_AGAIN_S

_MOST_BYTES = 4 * 1024 * 1024


class ResendBuffer:
    """Delivered messages with the time of their first delivery, within bounds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._delivered: dict[int, tuple[float, QueuedMessage]] = {}
        self._bytes = 0

    def add(self, queued: QueuedMessage) -> None:
        """Remember a delivered message. One sent again keeps its first time, so that resending ends."""
        if queued.outbox_id not in self._delivered:
            self._delivered[queued.outbox_id] = (self._clock(), queued)
            self._bytes += len(queued.message.payload)
        self._forget_old()

    def all(self) -> list[QueuedMessage]:
        """What was first delivered within the last SENT_AGAIN_S, oldest first."""
        self._forget_old()
        return [queued for _, queued in self._delivered.values()]

    def _forget_old(self) -> None:
        since_s = self._clock() - SENT_AGAIN_S
        while self._delivered:
            outbox_id = next(iter(self._delivered))
            delivered_s, queued = self._delivered[outbox_id]
            if delivered_s >= since_s and self._bytes <= _MOST_BYTES:
                return
            del self._delivered[outbox_id]
            self._bytes -= len(queued.message.payload)
