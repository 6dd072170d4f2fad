"""What has come and is not stored yet, between the thread that receives and the one that stores."""

import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from hub.ingest import metrics
from hub.ingest.line import Line


class Received(NamedTuple):
    """One message. The broker holds it until it is acknowledged on the line that brought it."""

    topic: str
    payload: bytes
    packet_id: int
    received_at: datetime
    line: Line | None = None


@dataclass(frozen=True)
class Bounds:
    """A batch is closed by so many messages, so many bytes or so long a wait, whichever comes first."""

    messages: int = 2000
    payload_bytes: int = 4 * 1024 * 1024
    linger_s: float = 0.01


class Waiting:
    """A queue between two threads that gives out batches.

    The broker sends at most its receive maximum of messages that ask for an acknowledgement. Those
    that don't (QoS 0) have no promise, and are dropped and counted where `room` messages wait already.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._messages: deque[Received] = deque()
        self._payload_bytes = 0
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, messages: Iterable[Received]) -> None:
        """Add what has come."""
        with self._changed:
            for message in messages:
                if message.packet_id or len(self._messages) < self._room:
                    self._messages.append(message)
                    self._payload_bytes += len(message.payload)
                else:
                    metrics.DROPPED.inc()
            self._changed.notify()

    def forget(self) -> None:
        """Drop all: a new line brings again what the lost one had brought."""
        with self._changed:
            self._messages.clear()
            self._payload_bytes = 0

    def take(self, bounds: Bounds, *, wait_s: float) -> list[Received]:
        """The next batch; empty where nothing comes within `wait_s`."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._messages, wait_s):
                return []
            until = time.monotonic() + bounds.linger_s
            while not self._fills(bounds) and (left_s := until - time.monotonic()) > 0:
                self._changed.wait(left_s)
            return self._taken(bounds)

    def _fills(self, bounds: Bounds) -> bool:
        return len(self._messages) >= bounds.messages or self._payload_bytes >= bounds.payload_bytes

    def _taken(self, bounds: Bounds) -> list[Received]:
        batch: list[Received] = []
        payload_bytes = 0
        while (
            self._messages and len(batch) < bounds.messages and payload_bytes < bounds.payload_bytes
        ):
            message = self._messages.popleft()
            payload_bytes += len(message.payload)
            batch.append(message)
        self._payload_bytes -= payload_bytes
        return batch
