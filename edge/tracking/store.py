"""Tracks in SQLite."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime

from edge.boxes import ImageBox
from edge.tracking.kinds import ObjectKind
from edge.tracking.track import ObjectTrack, TrackState
from edge.tracking.tracker import TrackUpdate

_SAVE = """
INSERT OR REPLACE INTO tracks (
    detection_id, camera_id, kind, state, label, x, y, w, h, score,
    first_seen_at, seen_at, looked_at, fault, sound, urgent, hits, sound_hits,
    sound_since_at, misses, seq, published_at, doubt_since_at
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def load(connection: sqlite3.Connection) -> Iterator[ObjectTrack]:
    """All stored tracks."""
    for row in connection.execute("SELECT * FROM tracks"):
        yield _track(row)


def save(connection: sqlite3.Connection, update: TrackUpdate) -> None:
    """Write what an update changed, in the caller's transaction."""
    connection.executemany(_SAVE, [_row(track) for track in update.kept])
    connection.executemany(
        "DELETE FROM tracks WHERE detection_id = ?", [(gone,) for gone in update.forgotten]
    )


def _row(track: ObjectTrack) -> tuple[str | float | None, ...]:
    return (
        track.detection_id,
        track.camera_id,
        track.kind.value,
        track.state.value,
        track.label,
        track.box.x,
        track.box.y,
        track.box.w,
        track.box.h,
        track.score,
        track.first_seen_at.isoformat(),
        track.seen_at.isoformat(),
        track.looked_at.isoformat(),
        track.fault,
        track.sound,
        track.urgent,
        track.hits,
        track.sound_hits,
        _text(track.sound_since_at),
        track.misses,
        track.seq,
        _text(track.published_at),
        _text(track.doubt_since_at),
    )


def _track(row: sqlite3.Row) -> ObjectTrack:
    return ObjectTrack(
        detection_id=row["detection_id"],
        camera_id=row["camera_id"],
        kind=ObjectKind(row["kind"]),
        state=TrackState(row["state"]),
        label=row["label"],
        box=ImageBox(row["x"], row["y"], row["w"], row["h"]),
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
        published_at=_instant(row["published_at"]),
        doubt_since_at=_instant(row["doubt_since_at"]),
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
