"""Messages that wait for the broker's acknowledgement, safe from crashes, in order, within bounds."""

import sqlite3
from dataclasses import dataclass
from enum import IntEnum

_OVERHEAD = 256
"""Bytes that a row takes besides its payload, roughly."""


class Worth(IntEnum):
    """What is dropped first when the disk's bound is reached. Transitions never are."""

    HEALTH = 0
    ROUTINE = 1
    EVIDENCE = 2
    TRANSITION = 3


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to deliver, QoS 1."""

    topic: str
    payload: bytes
    worth: Worth


@dataclass(frozen=True, slots=True)
class Waiting:
    """A stored message."""

    outbox_id: int
    message: Outgoing


class Outbox:
    """The table of waiting messages, over one connection; every thread has its own."""

    def __init__(self, connection: sqlite3.Connection, max_bytes: int) -> None:
        self._connection = connection
        self._max_bytes = max_bytes

    def append(self, *messages: Outgoing) -> dict[Worth, int]:
        """Add messages at the end, inside the caller's transaction.

        Returns how many older, less worthy ones had to go for them.
        """
        self._connection.executemany(
            "INSERT INTO outbox (worth, topic, size, payload) VALUES (?, ?, ?, ?)",
            [(m.worth, m.topic, len(m.payload) + _OVERHEAD, m.payload) for m in messages],
        )
        return self._trim()

    def after(self, outbox_id: int, limit: int) -> list[Waiting]:
        """The next messages to send, oldest first."""
        rows = self._connection.execute(
            "SELECT outbox_id, topic, payload, worth FROM outbox"
            " WHERE outbox_id > ? ORDER BY outbox_id LIMIT ?",
            (outbox_id, limit),
        )
        return [
            Waiting(row["outbox_id"], Outgoing(row["topic"], row["payload"], Worth(row["worth"])))
            for row in rows
        ]

    def delivered(self, *outbox_ids: int) -> None:
        """The broker has taken these on."""
        self._connection.executemany(
            "DELETE FROM outbox WHERE outbox_id = ?", [(one,) for one in outbox_ids]
        )

    def give_up(self, waiting: Waiting) -> None:
        """Drop a message that can never be delivered, and count it."""
        self.delivered(waiting.outbox_id)
        self._count({waiting.message.worth: 1})

    def depth(self) -> int:
        """How many messages wait."""
        return int(self._connection.execute("SELECT count(*) FROM outbox").fetchone()[0])

    def dropped(self) -> dict[Worth, int]:
        """How many messages of each worth were ever dropped."""
        rows = self._connection.execute("SELECT worth, count FROM dropped")
        return {Worth(row["worth"]): int(row["count"]) for row in rows}

    def _trim(self) -> dict[Worth, int]:
        excess = self._size() - self._max_bytes
        if excess <= 0:
            return {}
        dropped: dict[Worth, int] = {}
        rows = self._connection.execute(
            "SELECT outbox_id, worth, size FROM outbox WHERE worth < ? ORDER BY worth, outbox_id",
            (Worth.TRANSITION,),
        ).fetchall()
        for row in rows:
            if excess <= 0:
                break
            self.delivered(row["outbox_id"])
            excess -= row["size"]
            dropped[Worth(row["worth"])] = dropped.get(Worth(row["worth"]), 0) + 1
        self._count(dropped)
        return dropped

    def _size(self) -> int:
        total = self._connection.execute("SELECT coalesce(sum(size), 0) FROM outbox").fetchone()
        return int(total[0])

    def _count(self, dropped: dict[Worth, int]) -> None:
        self._connection.executemany(
            "INSERT INTO dropped (worth, count) VALUES (?, ?)"
            " ON CONFLICT (worth) DO UPDATE SET count = count + excluded.count",
            list(dropped.items()),
        )
