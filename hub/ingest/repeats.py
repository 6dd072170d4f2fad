"""Messages that repeat a key: with the same content they change nothing, with other content they are refused.

Alarms have keys of their own: the worker raises each, and tells of those whose ids were used before.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from psycopg import Cursor
from psycopg.rows import TupleRow

from hub.db import load_queries
from hub.ingest.decoding import dead_letter
from hub.ingest.queue import ReceivedMessage
from hub.ingest.rows import Batch, InboxRow, TelemetryRow
from hub.refusals.dead_letter import DeadLetter
from wire import topics
from wire.messages import RefusalOutcome
from wire.topics import Leaf

SQL = load_queries(__file__)

_KEYS = {
    Leaf.EVENTS: "event_id",
    Leaf.ACKS: "command_id and rev",
    Leaf.DETECTIONS: "detection_id and seq",
}
_sample_key = itemgetter(*map(TelemetryRow._fields.index, ("device_id", "boot_id", "seq")))


def insert_inbox(cursor: Cursor[TupleRow], rows: Sequence[InboxRow]) -> None:
    """Write the rows whose identity is new; `cursor.rowcount` is their number."""
    columns = [list(column) for column in zip(*(row[:-1] for row in rows), strict=True)]
    cursor.execute(SQL["store_inbox"], columns)


def refused_repeats(cursor: Cursor[TupleRow], rows: Sequence[InboxRow]) -> list[DeadLetter]:
    """Dead letters for the rows whose identity is stored with other content."""
    keyed = [row for row in rows if row.content_sha256 is not None]
    if not keyed:
        return []
    keys = [row.identity for row in keyed], [row.content_sha256 for row in keyed]
    cursor.execute(SQL["other_content"], keys)
    changed = [keyed[nth - 1] for (nth,) in cursor.fetchall()]
    return [_letter(row) for row in changed if row.message is not None]


def refused_samples(cursor: Cursor[TupleRow], batch: Batch) -> list[DeadLetter]:
    """A dead letter for each message of staged samples whose keys are stored with other content."""
    cursor.execute(SQL["other_samples"])
    keys = set(cursor.fetchall())
    if not keys:
        return []
    rows = {key: at for at, row in enumerate(batch.telemetry) if (key := _sample_key(row)) in keys}
    found: dict[int, list[tuple[Any, ...]]] = {}
    starts = [start for start, _ in batch.sample_messages]
    for key, at in rows.items():
        found.setdefault(bisect_right(starts, at) - 1, []).append(key)
    return [
        _sample_letter(batch.sample_messages[nth][1], own) for nth, own in found.items() if nth >= 0
    ]


def _letter(row: InboxRow) -> DeadLetter:
    assert row.message is not None
    return _conflict(row.message, f"same {_KEYS[Leaf(row.leaf)]}, other content")


def _sample_letter(message: ReceivedMessage, keys: Iterable[tuple[Any, ...]]) -> DeadLetter:
    (_, boot_id, seq), *more = keys
    reason = f"same boot_id and seq, other content (got {boot_id}, {seq})"
    return _conflict(message, f"{reason}; {len(more)} more" if more else reason)


def _conflict(message: ReceivedMessage, reason: str) -> DeadLetter:
    return dead_letter(message, RefusalOutcome.CONFLICT, reason, topics.parse(message.topic))
