"""One transaction per batch: COPY for samples, rows for the rest, photos before the rows that name them."""

from collections.abc import Iterable

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from hub.db import load_queries
from hub.evidence import EvidenceStore
from hub.ingest.sorting import Batch, DeadLetter, InboxRow, PictureRow, TelemetryRow

SQL = load_queries(__file__)

_COPY_TYPES = (
    ["text", "text", "int8", "timestamptz", "timestamptz"]
    + ["float8"] * 2
    + ["float4"] * 5
    + ["text", "text", "bool"]
)


def connect(database_url: str) -> Connection[TupleRow]:
    """A connection for ingest, with its staging table."""
    db = psycopg.connect(
        database_url, application_name="ingest", options="-c timezone=UTC", connect_timeout=5
    )
    db.execute(SQL["stage"])
    db.commit()
    return db


def registry(db: Connection[TupleRow]) -> dict[str, str]:
    """Every registered device id with its kind."""
    with db.transaction():
        return dict(db.execute(SQL["registry"]).fetchall())


def store(db: Connection[TupleRow], evidence: EvidenceStore, batch: Batch) -> None:
    """Store all of a batch or nothing of it."""
    for row in batch.pictures:
        evidence.put(row.picture.sha256, row.picture.data)
    with db.transaction():
        _store_telemetry(db, batch)
        _store_pictures(db, batch.pictures)
        _store_inbox(db, batch.inbox)
        _store_dead_letters(db, batch.dead_letters)
        if batch.uplinks:
            uplinks = sorted(batch.uplinks.items())
            db.execute(SQL["note_uplinks"], ([u[0] for u in uplinks], [u[1] for u in uplinks]))


def _store_telemetry(db: Connection[TupleRow], batch: Batch) -> None:
    if not batch.telemetry:
        return
    with db.cursor() as cursor:
        with cursor.copy(SQL["copy_telemetry"]) as copy:
            copy.set_types(_COPY_TYPES)
            for row in batch.telemetry:
                copy.write_row(_telemetry_values(row))
        cursor.execute(SQL["store_telemetry"])
        live = sorted(batch.live().values(), key=lambda row: row.device_id)
        cursor.executemany(SQL["move_live"], [_live_values(row) for row in live])


def _telemetry_values(row: TelemetryRow) -> tuple[object, ...]:
    return (
        row.device_id,
        row.boot_id,
        row.seq,
        row.observed_at,
        row.received_at,
        row.lon,
        row.lat,
        row.accuracy_m,
        row.speed,
        row.heading,
        row.battery,
        row.signal,
        row.network,
        row.crs,
        row.backlog,
    )


def _live_values(row: TelemetryRow) -> tuple[object, ...]:
    return (
        row.device_id,
        row.order_at,
        row.observed_at,
        row.received_at,
        row.lon,
        row.lat,
        row.accuracy_m,
        row.speed,
        row.heading,
        row.battery,
        row.signal,
        row.clock_ahead,
    )


def _store_pictures(db: Connection[TupleRow], rows: Iterable[PictureRow]) -> None:
    values = [
        (p.sha256, len(p.data), p.width, p.height, row.device_id, row.received_at)
        for row in rows
        for p in (row.picture,)
    ]
    if values:
        db.cursor().executemany(SQL["store_picture"], values)


def _store_inbox(db: Connection[TupleRow], rows: Iterable[InboxRow]) -> None:
    values = [
        (r.kind, r.device_id, r.leaf, r.tail, r.payload, r.received_at, r.identity) for r in rows
    ]
    if values:
        db.cursor().executemany(SQL["store_inbox"], values)


def _store_dead_letters(db: Connection[TupleRow], rows: Iterable[DeadLetter]) -> None:
    values = [
        (r.outcome, r.topic, r.reason, r.payload, r.payload_bytes, r.payload_sha256, r.received_at)
        for r in rows
    ]
    if values:
        db.cursor().executemany(SQL["store_dead_letter"], values)
