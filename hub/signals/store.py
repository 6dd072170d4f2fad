"""Read and write signals."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from hub.db import Connection, load_queries
from hub.errors import NotFound
from hub.signals.signal import Signal, SignalState, SourceKind, TrackRecord

SQL = load_queries(__file__)
_SIGNALS = TypeAdapter(list[Signal])
RECORD_COUNTS_FOR = timedelta(days=90)


async def find_signal(db: Connection, identity: str) -> Signal | None:
    """The signal with the source's own id, locked; None if there is none."""
    found = await _select(db, "by_identity", identity)
    return found[0] if found else None


async def case_of(db: Connection, identity: str) -> int | None:
    """The case of a signal, without locking anything."""
    row = await (await db.execute(SQL["case_of"], (identity,))).fetchone()
    return None if row is None else int(row[0])


async def insert_signal(db: Connection, signal: Signal) -> int | None:
    """Write a new signal; returns its id, or None if the identity is known already."""
    row = await (await db.execute(SQL["insert"], _columns(signal))).fetchone()
    return None if row is None else int(row[0])


async def insert_signals(db: Connection, signals: Sequence[Signal]) -> dict[str, int]:
    """Write new signals; returns the ids of those whose identity was not known, by identity."""
    cursor = await db.execute(SQL["insert_all"], (_SIGNALS.dump_json([*signals]).decode(),))
    return {row[0]: int(row[1]) for row in await cursor.fetchall()}


async def save_signal(db: Connection, signal: Signal) -> None:
    await db.execute(SQL["save"], _columns(signal))


async def signal_by_id(db: Connection, signal_id: int) -> Signal:
    """One signal, locked. Raises NotFound."""
    found = await _select(db, "by_id", signal_id)
    if not found:
        raise NotFound(f"there is no signal {signal_id}", signal_id=signal_id)
    return found[0]


async def track_record(
    db: Connection, camera_id: str | None, label: str | None, now: datetime
) -> TrackRecord:
    """How a camera did with a class in the last RECORD_COUNTS_FOR."""
    cursor = await db.execute(SQL["track_record"], (camera_id, label, now - RECORD_COUNTS_FOR))
    row = await cursor.fetchone()
    assert row is not None
    return TrackRecord(right=row[0], wrong=row[1])


async def _select(db: Connection, query: str, key: str | int) -> list[Signal]:
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL[query], (key,))
        return [_signal(row) for row in await cursor.fetchall()]


def _columns(signal: Signal) -> dict[str, Any]:
    columns = {field.name: getattr(signal, field.name) for field in fields(signal)}
    return columns | {
        "evidence": list(signal.evidence),
        "boxes": Jsonb(list(signal.boxes)),
        "model": None if signal.model is None else Jsonb(signal.model),
    }


def _signal(row: dict[str, Any]) -> Signal:
    return Signal(
        **row
        | {
            "source": SourceKind(row["source"]),
            "state": SignalState(row["state"]),
            "evidence": tuple(row["evidence"]),
            "boxes": tuple(row["boxes"]),
        }
    )
