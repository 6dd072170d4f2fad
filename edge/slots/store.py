"""Slots in SQLite."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime

from edge.boxes import Box
from edge.slots.book import Outcome
from edge.slots.kinds import Kind
from edge.slots.slot import Slot, SlotState

_SAVE = """
INSERT OR REPLACE INTO slots (
    detection_id, camera_id, kind, state, label, x, y, w, h, score,
    first_seen_at, seen_at, looked_at, fault, sound, urgent, hits, sound_hits,
    sound_since_at, misses, seq, told_at, doubt_since_at
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def load(connection: sqlite3.Connection) -> Iterator[Slot]:
    """All slots that the node knows."""
    for row in connection.execute("SELECT * FROM slots"):
        yield _slot(row)


def save(connection: sqlite3.Connection, outcome: Outcome) -> None:
    """Write what a look changed; the caller's transaction makes it hold."""
    connection.executemany(_SAVE, [_row(slot) for slot in outcome.kept])
    connection.executemany(
        "DELETE FROM slots WHERE detection_id = ?", [(gone,) for gone in outcome.forgotten]
    )


def _row(slot: Slot) -> tuple[str | float | None, ...]:
    return (
        slot.detection_id,
        slot.camera_id,
        slot.kind.value,
        slot.state.value,
        slot.label,
        slot.box.x,
        slot.box.y,
        slot.box.w,
        slot.box.h,
        slot.score,
        slot.first_seen_at.isoformat(),
        slot.seen_at.isoformat(),
        slot.looked_at.isoformat(),
        slot.fault,
        slot.sound,
        slot.urgent,
        slot.hits,
        slot.sound_hits,
        _text(slot.sound_since_at),
        slot.misses,
        slot.seq,
        _text(slot.told_at),
        _text(slot.doubt_since_at),
    )


def _slot(row: sqlite3.Row) -> Slot:
    return Slot(
        detection_id=row["detection_id"],
        camera_id=row["camera_id"],
        kind=Kind(row["kind"]),
        state=SlotState(row["state"]),
        label=row["label"],
        box=Box(row["x"], row["y"], row["w"], row["h"]),
        score=row["score"],
        first_seen_at=datetime.fromisoformat(row["first_seen_at"]),
        seen_at=datetime.fromisoformat(row["seen_at"]),
        looked_at=datetime.fromisoformat(row["looked_at"]),
        fault=row["fault"],
        sound=row["sound"],
        urgent=row["urgent"],
        hits=row["hits"],
        sound_hits=row["sound_hits"],
        sound_since_at=_instant(row["sound_since_at"]),
        misses=row["misses"],
        seq=row["seq"],
        told_at=_instant(row["told_at"]),
        doubt_since_at=_instant(row["doubt_since_at"]),
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
