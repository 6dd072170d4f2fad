"""Messages that wait for the broker's acknowledgement: crash-safe, in order, of bounded size."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from edge.database import StorageFailed, storage_errors, transaction

_OVERHEAD = 256
"""Roughly the bytes of a row besides its payload."""


class MessagePriority(IntEnum):
    """The lowest is dropped first once the outbox is full. Transitions are never dropped."""

    HEALTH = 0
    ROUTINE = 1
    EVIDENCE = 2
    TRANSITION = 3


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """A message to deliver, QoS 1."""

    topic: str
    payload: bytes
    priority: MessagePriority


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message in the outbox."""

    outbox_id: int
    message: OutboundMessage


@dataclass(frozen=True, slots=True)
class OutboxFigures:
    """How many messages wait, their size, and how many of each priority were ever dropped."""

    depth: int = 0
    size: int = 0
    dropped: dict[MessagePriority, int] = field(default_factory=dict)


class OutboxTable:
    """The table of waiting messages. Every thread has its own, over its own connection.

    Raises StorageFailed if the disk refuses.
    """

    def __init__(self, connection: sqlite3.Connection, max_bytes: int) -> None:
        self._connection = connection
        self._max_bytes = max_bytes
        self._settled: set[int] = set()

    def append(self, *messages: OutboundMessage) -> dict[MessagePriority, int]:
        """Add messages at the end, in the caller's transaction.

        Returns how many older ones of lower priority were dropped for them, by priority.
        """
        self._connection.executemany(
            "INSERT INTO outbox (priority, topic, size, payload) VALUES (?, ?, ?, ?)",
            [(m.priority, m.topic, len(m.payload) + _OVERHEAD, m.payload) for m in messages],
        )
        return self._trim()

    def make_room(self, size: int) -> int:
        """Drop the oldest messages of the lowest priority until `size` bytes are free.

        For a disk that is full before the outbox is. Returns how many bytes were freed.
        """
        with transaction(self._connection):
            freed, dropped = self._drop(size)
            self._count(dropped)
        return freed

    def after(self, outbox_id: int, limit: int) -> list[QueuedMessage]:
        """The next messages to send, oldest first."""
        with storage_errors():
            rows = self._connection.execute(
                "SELECT outbox_id, topic, payload, priority FROM outbox"
                " WHERE outbox_id > ? ORDER BY outbox_id LIMIT ?",
                (outbox_id, limit + len(self._settled)),
            ).fetchmany(limit + len(self._settled))
        waiting = [
            QueuedMessage(
                row["outbox_id"],
                OutboundMessage(row["topic"], row["payload"], MessagePriority(row["priority"])),
            )
            for row in rows
            if row["outbox_id"] not in self._settled
        ]
        return waiting[:limit]

    def delivered(self, *outbox_ids: int) -> None:
        """Delete messages that the broker has accepted.

        Those that a failing disk cannot delete are remembered, and deleted with the next ones.
        """
        self._settled.update(outbox_ids)
        try:
            with transaction(self._connection):
                self._delete(self._settled)
        except StorageFailed:
            return
        self._settled.clear()

    def put_back(self, delivered: Sequence[QueuedMessage]) -> None:
        """Put delivered messages back in their old places, to be sent again."""
        with transaction(self._connection):
            self._connection.executemany(
                "INSERT OR IGNORE INTO outbox (outbox_id, priority, topic, size, payload)"
                " VALUES (?, ?, ?, ?, ?)",
                [
                    (one.outbox_id, m.priority, m.topic, len(m.payload) + _OVERHEAD, m.payload)
                    for one in delivered
                    for m in (one.message,)
                ],
            )
        self._settled.difference_update(one.outbox_id for one in delivered)

    def give_up(self, queued: QueuedMessage) -> None:
        """Drop and count a message that can never be delivered."""
        with transaction(self._connection):
            self._delete({queued.outbox_id})
            self._count({queued.message.priority: 1})

    def depth(self) -> int:
        """How many messages wait."""
        return self.figures().depth

    def dropped(self) -> dict[MessagePriority, int]:
        """How many messages of each priority were ever dropped."""
        return self.figures().dropped

    def figures(self) -> OutboxFigures:
        """How full the outbox is."""
        with storage_errors():
            depth, size = self._connection.execute(
                "SELECT count(*), coalesce(sum(size), 0) FROM outbox"
            ).fetchone()
            rows = self._connection.execute("SELECT priority, count FROM dropped").fetchall()
        return OutboxFigures(
            depth, size, {MessagePriority(row["priority"]): int(row["count"]) for row in rows}
        )

    def _trim(self) -> dict[MessagePriority, int]:
        size = self._connection.execute("SELECT coalesce(sum(size), 0) FROM outbox").fetchone()[0]
        _, dropped = self._drop(size - self._max_bytes)
        self._count(dropped)
        return dropped

    def _drop(self, size: int) -> tuple[int, dict[MessagePriority, int]]:
        """Delete the lowest priorities until `size` bytes are free; the bytes, and how many of each."""
        freed, gone, dropped = 0, set(), dict[MessagePriority, int]()
        if size <= 0:
            return freed, dropped
        for row in self._connection.execute(
            "SELECT outbox_id, priority, size FROM outbox WHERE priority < ? ORDER BY priority, outbox_id",
            (MessagePriority.TRANSITION,),
        ):
            priority = MessagePriority(row["priority"])
            freed += row["size"]
            gone.add(row["outbox_id"])
            dropped[priority] = dropped.get(priority, 0) + 1
            if freed >= size:
                break
        self._delete(gone)
        return freed, dropped

    def _delete(self, outbox_ids: set[int]) -> None:
        self._connection.executemany(
            "DELETE FROM outbox WHERE outbox_id = ?", [(one,) for one in outbox_ids]
        )

    def _count(self, dropped: dict[MessagePriority, int]) -> None:
        self._connection.executemany(
            "INSERT INTO dropped (priority, count) VALUES (?, ?)"
            " ON CONFLICT (priority) DO UPDATE SET count = count + excluded.count",
            list(dropped.items()),
        )
