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
from hub.ingest.decoding import hours_of
from hub.ingest.repeats import insert_inbox, refused_repeats, refused_samples
from hub.ingest.rows import Batch, LiveRow, PhotoRow, TelemetryRow
from hub.refusals.dead_letter import DeadLetter, Refusals
from hub.refusals.keeping import RefusedKeeping
from hub.refusals.store import SavedRefusals, save_refusals

log = structlog.get_logger()

SQL = load_queries(__file__)
STAGE_FOR_S = 30.0
"""Repeated samples come in bursts: after one, batches are compared with the table for this long."""
SEND_BUFFER_BYTES = 1024 * 1024
"""How much the database can read while the storing thread waits to run."""

_OTHER_TYPES = {
    "seq": "int8",
    **dict.fromkeys(("lon", "lat", "clock_error_s"), "float8"),
    **dict.fromkeys(("accuracy_m", "speed", "heading", "battery", "signal"), "float4"),
    **dict.fromkeys(("observed_at", "received_at", "order_at"), "timestamptz"),
    **dict.fromkeys(("backlog", "clock_ahead"), "bool"),
}
"""The types of columns that are not text."""


def _types(columns: Iterable[str]) -> list[str]:
    return [_OTHER_TYPES.get(column, "text") for column in columns]


def _with_columns(query: str) -> bytes:
    """A query with its columns filled in, in the order of the fields of the rows."""
    telemetry, live = ", ".join(TelemetryRow._fields), ", ".join(LiveRow._fields)
    changes = ", ".join(
        f"{each} = excluded.{each}" for each in LiveRow._fields if each != "device_id"
    )
    return (
        SQL[query]
        .replace(b"{telemetry_columns}", telemetry.encode())
        .replace(b"{live_columns}", live.encode())
        .replace(b"{live_changes}", changes.encode())
    )


_STAGE, _COPY_TELEMETRY, _STORE_STAGED, _MOVE_LIVE = map(
    _with_columns, ("stage", "copy_telemetry", "store_staged", "move_live")
)
_TELEMETRY_TYPES, _LIVE_TYPES = _types(TelemetryRow._fields), _types(LiveRow._fields)


class BatchStore:
    """Writes to the database and the evidence store; connects when it first needs to."""

    def __init__(
        self, database_url: str, evidence: EvidenceStore, keeping: RefusedKeeping = RefusedKeeping()
    ) -> None:
        self._database_url = database_url
        self._evidence = evidence
        self._keeping = keeping
        self._db: Connection[TupleRow] | None = None
        self._stage_until = 0.0

    def save(
        self, batch: Batch, refusals: Refusals, skews: Sequence[ClockSkew] = ()
    ) -> SavedRefusals:
        """Commit a whole batch or nothing of it. Rows that are stored already change nothing.

        Raises psycopg.Error, or Unavailable if the evidence store is.
        """
        for row in batch.photos:
            self._evidence.put(row.photo.sha256, row.photo.data)
        db = self._connected()
        try:
            with db.transaction(), db.cursor() as cursor, db.cursor() as inbox:
                letters = [*batch.dead_letters, *self._save_telemetry(cursor, batch)]
                if batch.live:
                    _copy(cursor, SQL["copy_live"], _LIVE_TYPES, batch.live.values())
                with db.pipeline():
                    _save_rest(cursor, inbox, batch)
                    if skews:
                        cursor.execute(SQL["note_skews"], _columns(skews))
                if batch.inbox and inbox.rowcount < len(batch.inbox):
                    letters += refused_repeats(cursor, batch.inbox)
                grouped = refusals.group(letters)
                return save_refusals(cursor, grouped, self._keeping)
        except UniqueViolation:
            if self._staging:
                raise
            self._stage_until = time.monotonic() + STAGE_FOR_S
            metrics.KNOWN_BATCHES.inc()
            return self.save(batch, refusals, skews)

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
            self._db.execute(_STAGE)
            self._db.commit()
        return self._db

    def _save_telemetry(self, cursor: Cursor[TupleRow], batch: Batch) -> list[DeadLetter]:
        """COPY into the table, which takes two thirds of the time, or past the rows stored already.

        Returns dead letters for samples whose key is stored with other content.
        """
        rows = batch.telemetry
        if not rows:
            return []
        if not self._staging:
            _copy(cursor, _COPY_TELEMETRY, _TELEMETRY_TYPES, rows)
            return []
        _copy(cursor, SQL["copy_staged"], _TELEMETRY_TYPES, rows)
        cursor.execute(_STORE_STAGED)
        return refused_samples(cursor, batch) if cursor.rowcount < len(rows) else []


def widen_send_buffer(fileno: int) -> None:
    """Widen the send buffer of a unix socket, by default about a millisecond of work; TCP grows its own.

    The kernel grants what `net.core.wmem_max` allows; a wider buffer is left alone.
    """
    with socket.socket(fileno=os.dup(fileno)) as sock:
        bytes_now = sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        if sock.family == socket.AF_UNIX and bytes_now < SEND_BUFFER_BYTES:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)


def _copy(
    cursor: Cursor[TupleRow], query: bytes, types: list[str], rows: Iterable[tuple[object, ...]]
) -> None:
    with cursor.copy(query) as copy:
        copy.set_types(types)
        write_row = copy.write_row
        for row in rows:
            write_row(row)


def _save_rest(cursor: Cursor[TupleRow], inbox: Cursor[TupleRow], batch: Batch) -> None:
    """Rows whose locks others may wait for come last; `inbox` then knows how many of its rows are new."""
    if batch.telemetry:
        cursor.execute(SQL["touch_hours"], ([*hours_of(batch.hour_instants)],))
    if batch.photos:
        cursor.execute(SQL["store_photos"], _columns(map(_photo_values, batch.photos)))
    if batch.backlog:
        cursor.execute(SQL["note_backlog"], _columns(batch.backlog))
    if batch.doubtful:
        cursor.execute(SQL["store_doubtful"], _columns(batch.doubtful))
    if batch.inbox:
        insert_inbox(inbox, batch.inbox)
    if batch.uplinks:
        cursor.execute(SQL["note_uplinks"], _columns(batch.uplinks.items()))
    if batch.live:
        cursor.execute(SQL["note_moves"])
        cursor.execute(_MOVE_LIVE)
    if batch.vitals:
        cursor.execute(SQL["note_vitals"], _columns(batch.vitals.values()))


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
        row.perceptual_hash,
    )
