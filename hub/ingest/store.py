"""One transaction per batch: COPY for samples, rows for the rest, photos before the rows that name them."""

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
from hub.ingest.clocks import Skew
from hub.ingest.refusals import KEPT_EXAMPLES, Refusal
from hub.ingest.sorting import Batch, PictureRow, hours_of

log = structlog.get_logger()

SQL = load_queries(__file__)
STAGE_FOR_S = 30.0
"""What comes again comes in crowds: after a known sample, batches are compared for this long."""
SENT_AHEAD_BYTES = 1024 * 1024
"""What the database may have to read while the thread that stores waits for its turn."""

_SHOWN_TYPES = ["float8"] * 2 + ["float4"] * 5
_TELEMETRY_TYPES = ["text", "int8", *_SHOWN_TYPES, "text", "text"]
_TELEMETRY_TYPES += ["timestamptz", "text", "timestamptz", "bool"]
_LIVE_TYPES = [*_SHOWN_TYPES, "text", "timestamptz", "timestamptz", "timestamptz", "bool"]


class Store:
    """The database and the evidence store, as ingest uses them; connects when it must."""

    def __init__(self, database_url: str, evidence: EvidenceStore) -> None:
        self._database_url = database_url
        self._evidence = evidence
        self._db: Connection[TupleRow] | None = None
        self._stage_until = 0.0

    def keep(self, batch: Batch, refusals: Sequence[Refusal], skews: Sequence[Skew] = ()) -> None:
        """Commit all of a batch, or nothing of it. What is known already changes nothing.

        Raises psycopg.Error, and Unavailable of the evidence store.
        """
        for row in batch.pictures:
            self._evidence.put(row.picture.sha256, row.picture.data)
        db = self._connected()
        try:
            with db.transaction(), db.cursor() as cursor:
                self._keep_telemetry(cursor, batch.telemetry)
                if batch.live:
                    _copy(cursor, "copy_live", _LIVE_TYPES, batch.live.values())
                with db.pipeline():
                    _keep_the_rest(cursor, batch, refusals)
                    if skews:
                        cursor.execute(SQL["note_skews"], _columns(skews))
        except UniqueViolation:
            if self._staging:
                raise
            self._stage_until = time.monotonic() + STAGE_FOR_S
            metrics.KNOWN_BATCHES.inc()
            self.keep(batch, refusals, skews)

    def disconnect(self) -> None:
        """Forget the connection; the next step makes one."""
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
            let_run_ahead(self._db.fileno())
            self._db.execute(SQL["stage"])
            self._db.commit()
        return self._db

    def _keep_telemetry(self, cursor: Cursor[TupleRow], rows: Sequence[tuple[object, ...]]) -> None:
        """Straight into the table, which takes two thirds of the time, or past those known already."""
        if not rows:
            return
        if not self._staging:
            _copy(cursor, "copy_telemetry", _TELEMETRY_TYPES, rows)
            return
        _copy(cursor, "copy_staged", _TELEMETRY_TYPES, rows)
        cursor.execute(SQL["store_staged"])


def let_run_ahead(fileno: int) -> None:
    """Widen a unix socket, which holds about a millisecond of work by default; TCP widens by itself.

    The kernel gives what `net.core.wmem_max` allows, and nothing is taken away from a wider one.
    """
    with socket.socket(fileno=os.dup(fileno)) as line:
        bytes_now = line.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        if line.family == socket.AF_UNIX and bytes_now < SENT_AHEAD_BYTES:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENT_AHEAD_BYTES)


def _copy(
    cursor: Cursor[TupleRow], name: str, types: list[str], rows: Iterable[tuple[object, ...]]
) -> None:
    with cursor.copy(SQL[name]) as copy:
        copy.set_types(types)
        write_row = copy.write_row
        for row in rows:
            write_row(row)


def _keep_the_rest(cursor: Cursor[TupleRow], batch: Batch, refusals: Sequence[Refusal]) -> None:
    """Locks that others may wait for come last."""
    if batch.telemetry:
        cursor.execute(SQL["touch_hours"], ([*hours_of(batch.telling_hours)],))
    if batch.pictures:
        cursor.execute(SQL["store_pictures"], _columns(map(_picture_values, batch.pictures)))
    if batch.backlog:
        cursor.execute(SQL["note_backlog"], _columns(batch.backlog))
    if batch.inbox:
        cursor.execute(SQL["store_inbox"], _columns(batch.inbox))
    for refusal in refusals:
        _keep_refusal(cursor, refusal)
    if batch.uplinks:
        cursor.execute(SQL["note_uplinks"], _columns(batch.uplinks.items()))
    if batch.live:
        cursor.execute(SQL["note_moves"])
        cursor.execute(SQL["move_live"])


def _columns(rows: Iterable[Sequence[object]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _picture_values(row: PictureRow) -> tuple[object, ...]:
    picture = row.picture
    return (
        picture.sha256,
        len(picture.data),
        picture.width,
        picture.height,
        row.device_id,
        row.received_at,
    )


def _keep_refusal(cursor: Cursor[TupleRow], refusal: Refusal) -> None:
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
            "kept": KEPT_EXAMPLES,
        }
        cursor.execute(SQL["keep_example"], key | facts)
