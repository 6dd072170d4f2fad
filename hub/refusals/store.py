"""Refused messages in PostgreSQL. Ingest and the worker write them in the transaction of their batch."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import Cursor
from psycopg.rows import TupleRow

from hub.db import Connection, load_queries
from hub.refusals.dead_letter import SAMPLED, DeadLetter, Refusal, Refusals
from hub.refusals.keeping import RefusedKeeping

SQL = load_queries(__file__)

ROW_BYTES = 512
"""What a kept message takes besides its payload, about."""
_STEPS = ("count", "open_days", "keep")
_COUNTED = ("source", "outcome", "shape", "reason", "device_id", "messages", "first_at", "last_at")
_OF_REFUSAL = ("source", "outcome", "shape", "device_id", "sampled")
_OF_MESSAGE = (
    "topic",
    "reason",
    "payload",
    "payload_bytes",
    "payload_sha256",
    "received_at",
    "times",
)


class SavedRefusals(NamedTuple):
    """Refusals that were written. `unkept` messages were counted only, for a device's day was full."""

    refusals: Sequence[Refusal]
    unkept: int


def save_refusals(
    cursor: Cursor[TupleRow], refusals: Sequence[Refusal], keeping: RefusedKeeping
) -> SavedRefusals:
    """Write the refusals of a batch."""
    if not refusals:
        return SavedRefusals((), 0)
    for step, values in _statements(refusals, keeping):
        cursor.execute(SQL[step], values)
    row = cursor.fetchone()
    assert row is not None
    return SavedRefusals(refusals, int(row[0]))


async def refuse(db: Connection, letters: Sequence[DeadLetter], keeping: RefusedKeeping) -> None:
    """Write dead letters, and log them."""
    refusals = Refusals()
    groups = refusals.group(letters)
    for step, values in _statements(groups, keeping):
        await db.execute(SQL[step], values)
    refusals.log(groups)


async def forget_refused(db: Connection, before: datetime, limit: int) -> int:
    """Delete some of the messages refused before an instant, and the counts of what is gone."""
    found = (await db.execute(SQL["forget_messages"], (before, limit))).rowcount
    if found < limit:
        await db.execute(SQL["forget_letters"], (before,))
        await db.execute(SQL["forget_days"], (before,))
    return found


def _statements(
    refusals: Sequence[Refusal], keeping: RefusedKeeping
) -> list[tuple[str, dict[str, Any]]]:
    counts = {name: [getattr(each, name) for each in refusals] for name in _COUNTED}
    pairs = [(refusal, message) for refusal in refusals for message in refusal.kept.values()]
    kept = {
        **{name: [getattr(refusal, name) for refusal, _ in pairs] for name in _OF_REFUSAL},
        **{name: [getattr(message, name) for _, message in pairs] for name in _OF_MESSAGE},
    }
    bounds = {"day_bytes": keeping.day_bytes, "row_bytes": ROW_BYTES, "samples": SAMPLED}
    return list(zip(_STEPS, (counts, kept, kept | bounds), strict=True))
