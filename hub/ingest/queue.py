"""The queue of messages between the thread that receives and the thread that stores."""

import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from hub.ingest import metrics
from hub.ingest.connection import BrokerConnection


class ReceivedMessage(NamedTuple):
    """One message. The broker keeps it until it is acknowledged on the connection that brought it."""

    topic: str
    payload: bytes
    packet_id: int
    received_at: datetime
    connection: BrokerConnection | None = None


@dataclass(frozen=True)
class BatchLimits:
    """A batch is complete at so many messages, so many bytes or after so long a wait, whichever is first."""

    messages: int = 2000
    payload_bytes: int = 4 * 1024 * 1024
    linger_s: float = 0.01


class MessageQueue:
    """A queue between two threads that hands out batches.

    The broker sends at most `receive maximum` messages that need an acknowledgement. Messages of QoS 0
    need none; they are dropped and counted while `capacity` messages are waiting.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._messages: deque[ReceivedMessage] = deque()
        self._payload_bytes = 0
        self._changed = threading.Condition()

    def put(self, messages: Iterable[ReceivedMessage]) -> None:
        """Add messages."""
        with self._changed:
            for message in messages:
                if message.packet_id or len(self._messages) < self._capacity:
                    self._messages.append(message)
                    self._payload_bytes += len(message.payload)
                else:
                    metrics.DROPPED.inc()
            self._changed.notify()

    def clear(self) -> None:
        """Drop all messages: a new connection brings again what the lost one had brought."""
        with self._changed:
            self._messages.clear()
            self._payload_bytes = 0

    def take(self, limits: BatchLimits, *, wait_s: float) -> list[ReceivedMessage]:
        """The next batch; empty if nothing arrives within `wait_s`."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._messages, wait_s):
                return []
            until = time.monotonic() + limits.linger_s
            while not self._is_full(limits) and (left_s := until - time.monotonic()) > 0:
                self._changed.wait(left_s)
            return self._pop(limits)

    def _is_full(self, limits: BatchLimits) -> bool:
        return len(self._messages) >= limits.messages or self._payload_bytes >= limits.payload_bytes

    def _pop(self, limits: BatchLimits) -> list[ReceivedMessage]:
        batch: list[ReceivedMessage] = []
        payload_bytes = 0
        while (
            self._messages and len(batch) < limits.messages and payload_bytes < limits.payload_bytes
        ):
            message = self._messages.popleft()
            payload_bytes += len(message.payload)
            batch.append(message)
        self._payload_bytes -= payload_bytes
        return batch
