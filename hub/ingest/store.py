"""One transaction per batch: samples by COPY, the rest as rows, photos before the rows that name them."""

import os
import socket
import time
from collections.abc import Iterable, Sequence

import psycopg
import structlog
from psycopg import Connection, Cursor
from psycopg.errors import UniqueViolation
from psycopg.rows import TupleRow

from hub.db import load_queries
from hub.evidence import EvidenceStore
from hub.ingest import metrics
from hub.ingest.clocks import ClockSkew
from hub.ingest.decoding import Batch, PhotoRow, hours_of
from hub.ingest.refusals import KEPT_EXAMPLES, Refusal

log = structlog.get_logger()

SQL = load_queries(__file__)
STAGE_FOR_S = 30.0
"""Repeated samples come in bursts: after one, batches are compared with the table for this long."""
SEND_BUFFER_BYTES = 1024 * 1024
"""How much the database can read while the storing thread waits to run."""

_SHARED_TYPES = ["float8"] * 2 + ["float4"] * 5
_TELEMETRY_TYPES = ["text", "int8", *_SHARED_TYPES, "text", "text"]
_TELEMETRY_TYPES += ["timestamptz", "text", "timestamptz", "bool"]
_LIVE_TYPES = [*_SHARED_TYPES, "text", "timestamptz", "timestamptz", "timestamptz", "bool"]


class Store:
    """Writes to the database and the evidence store; connects when it first needs to."""

    def __init__(self, database_url: str, evidence: EvidenceStore) -> None:
        self._database_url = database_url
        self._evidence = evidence
        self._db: Connection[TupleRow] | None = None
        self._stage_until = 0.0

    def save(
        self, batch: Batch, refusals: Sequence[Refusal], skews: Sequence[ClockSkew] = ()
    ) -> None:
        """Commit a whole batch or nothing of it. Rows that are stored already change nothing.

        Raises psycopg.Error, or Unavailable if the evidence store is.
        """
        for row in batch.photos:
            self._evidence.put(row.photo.sha256, row.photo.data)
        db = self._connected()
        try:
            with db.transaction(), db.cursor() as cursor:
                self._save_telemetry(cursor, batch.telemetry)
                if batch.live:
                    _copy(cursor, "copy_live", _LIVE_TYPES, batch.live.values())
                with db.pipeline():
                    _save_rest(cursor, batch, refusals)
                    if skews:
                        cursor.execute(SQL["note_skews"], _columns(skews))
        except UniqueViolation:
            if self._staging:
                raise
            self._stage_until = time.monotonic() + STAGE_FOR_S
            metrics.KNOWN_BATCHES.inc()
            self.save(batch, refusals, skews)

    def disconnect(self) -> None:
        """Drop the connection; the next save makes a new one."""
        if self._db is not None:
            self._db.close()
            self._db = None

    @property
    def _staging(self) -> bool:
        return time.monotonic() < self._stage_until

    def _connected(self) -> Connection[TupleRow]:
        if self._db is None or self._db.closed:
            self._db = psycopg.connect(
                self._database_url,
                application_name="ingest",
                options="-c timezone=UTC",
                connect_timeout=5,
            )
            widen_send_buffer(self._db.fileno())
            self._db.execute(SQL["stage"])
            self._db.commit()
        return self._db

    def _save_telemetry(self, cursor: Cursor[TupleRow], rows: Sequence[tuple[object, ...]]) -> None:
        """COPY into the table, which takes two thirds of the time, or past the rows stored already."""
        if not rows:
            return
        if not self._staging:
            _copy(cursor, "copy_telemetry", _TELEMETRY_TYPES, rows)
            return
        _copy(cursor, "copy_staged", _TELEMETRY_TYPES, rows)
        cursor.execute(SQL["store_staged"])


def widen_send_buffer(fileno: int) -> None:
    """Widen the send buffer of a unix socket, by default about a millisecond of work; TCP grows its own.

    The kernel grants what `net.core.wmem_max` allows; a wider buffer is left alone.
    """
    with socket.socket(fileno=os.dup(fileno)) as sock:
        bytes_now = sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        if sock.family == socket.AF_UNIX and bytes_now < SEND_BUFFER_BYTES:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)


def _copy(
    cursor: Cursor[TupleRow], name: str, types: list[str], rows: Iterable[tuple[object, ...]]
) -> None:
    with cursor.copy(SQL[name]) as copy:
        copy.set_types(types)
        write_row = copy.write_row
        for row in rows:
            write_row(row)


def _save_rest(cursor: Cursor[TupleRow], batch: Batch, refusals: Sequence[Refusal]) -> None:
    """Rows whose locks others may wait for come last."""
    if batch.telemetry:
        cursor.execute(SQL["touch_hours"], ([*hours_of(batch.hour_instants)],))
    if batch.photos:
        cursor.execute(SQL["store_photos"], _columns(map(_photo_values, batch.photos)))
    if batch.backlog:
        cursor.execute(SQL["note_backlog"], _columns(batch.backlog))
    if batch.inbox:
        cursor.execute(SQL["store_inbox"], _columns(batch.inbox))
    for refusal in refusals:
        _save_refusal(cursor, refusal)
    if batch.uplinks:
        cursor.execute(SQL["note_uplinks"], _columns(batch.uplinks.items()))
    if batch.live:
        cursor.execute(SQL["note_moves"])
        cursor.execute(SQL["move_live"])


def _columns(rows: Iterable[Sequence[object]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _photo_values(row: PhotoRow) -> tuple[object, ...]:
    photo = row.photo
    return (
        photo.sha256,
        len(photo.data),
        photo.width,
        photo.height,
        row.device_id,
        row.received_at,
    )


def _save_refusal(cursor: Cursor[TupleRow], refusal: Refusal) -> None:
    key = {"source": refusal.source, "outcome": refusal.outcome, "shape": refusal.shape}
    counts = {
        "reason": refusal.reason,
        "messages": refusal.messages,
        "first_at": refusal.first_at,
        "last_at": refusal.last_at,
    }
    cursor.execute(SQL["count_dead_letter"], key | counts)
    for example in refusal.examples:
        facts = {
            "payload_sha256": example.payload_sha256,
            "topic": example.topic,
            "reason": example.reason,
            "payload": example.payload,
            "payload_bytes": example.payload_bytes,
            "received_at": example.received_at,
            "max_examples": KEPT_EXAMPLES,
        }
        cursor.execute(SQL["store_example"], key | facts)
