"""The life of ingest: take a batch, sort it, store it, acknowledge it; and again.

Three outcomes: stored, then acknowledged; refused, kept as a dead letter, then acknowledged; the
database away, nothing acknowledged, tried again after a jittered pause.
"""

import random
import threading
import time
from collections.abc import Callable, Sequence

import psycopg
import structlog
from psycopg import Connection
from psycopg.rows import TupleRow

from hub.evidence import EvidenceStore
from hub.ingest import metrics
from hub.ingest.sorting import Batch, dead_letter, sort
from hub.ingest.store import connect, registry, store
from hub.ingest.subscriber import Received, Subscriber

log = structlog.get_logger()

BATCH_LIMIT = 2000
LINGER_S = 0.01
REGISTRY_AGE_S = 30.0
MAX_PAUSE_S = 10.0


class Ingest:
    """Wires a subscriber to the database. The constructor does nothing."""

    def __init__(
        self, subscriber: Subscriber, database_url: str, evidence: EvidenceStore, district: str
    ) -> None:
        self._subscriber = subscriber
        self._database_url = database_url
        self._evidence = evidence
        self._district = district
        self._db: Connection[TupleRow] | None = None
        self._registry: dict[str, str] = {}
        self._registry_read_at = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; what is not yet stored then stays with the broker."""
        self._until_done(self._read_registry, stop)
        self._subscriber.start()
        while not (stop.is_set() or self._subscriber.subscribed.wait(0.1)):
            pass
        log.info("started", part="ingest")
        while not stop.is_set():
            messages = self._subscriber.batch(limit=BATCH_LIMIT, linger_s=LINGER_S, wait_s=0.5)
            if messages and self._until_done(lambda m=messages: self._store(m), stop):  # type: ignore[misc]
                self._subscriber.acknowledge(messages)
        self._subscriber.stop()
        if self._db is not None:
            self._db.close()

    def _until_done(self, step: Callable[[], None], stop: threading.Event) -> bool:
        """Repeat a step while the database is away; False where told to stop before it was done."""
        pause_s = 0.1
        while not stop.is_set():
            try:
                step()
            except (psycopg.OperationalError, psycopg.InterfaceError, OSError) as error:
                metrics.RETRIES.inc()
                log.warning("storage_unavailable", error=str(error).splitlines()[0][:200])
                self._disconnect()
                stop.wait(pause_s * random.uniform(0.5, 1.5))
                pause_s = min(pause_s * 2, MAX_PAUSE_S)
            else:
                return True
        return False

    def _disconnect(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def _connected(self) -> Connection[TupleRow]:
        if self._db is None or self._db.closed:
            self._db = connect(self._database_url)
        return self._db

    def _read_registry(self) -> None:
        self._registry = registry(self._connected())
        self._registry_read_at = time.monotonic()

    def _store(self, messages: Sequence[Received]) -> None:
        began = time.monotonic()
        batch = self._sorted(messages)
        try:
            store(self._connected(), self._evidence, batch)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            if len(messages) == 1:
                reason = f"the database refused it: {str(error).splitlines()[0][:150]}"
                refused = Batch(dead_letters=[dead_letter("malformed", reason, messages[0])])
                store(self._connected(), self._evidence, refused)
            else:
                half = len(messages) // 2
                self._store(messages[:half])
                self._store(messages[half:])
            return
        metrics.COMMIT_S.observe(time.monotonic() - began)
        metrics.BATCH_SIZE.observe(len(messages))
        _count(batch, len(messages))

    def _sorted(self, messages: Sequence[Received]) -> Batch:
        if time.monotonic() - self._registry_read_at > REGISTRY_AGE_S:
            self._read_registry()
        batch = sort(messages, district=self._district, registry=self._registry)
        strangers = any(letter.outcome == "quarantined" for letter in batch.dead_letters)
        if strangers and time.monotonic() - self._registry_read_at > 1:
            self._read_registry()
            batch = sort(messages, district=self._district, registry=self._registry)
        return batch


def _count(batch: Batch, messages: int) -> None:
    metrics.SAMPLES.inc(len(batch.telemetry))
    metrics.MESSAGES.labels("stored").inc(messages - len(batch.dead_letters))
    reasons: dict[tuple[str, str], int] = {}
    for letter in batch.dead_letters:
        metrics.MESSAGES.labels(letter.outcome).inc()
        key = (letter.outcome, letter.reason)
        reasons[key] = reasons.get(key, 0) + 1
    for (outcome, reason), count in reasons.items():
        log.warning("messages_refused", outcome=outcome, reason=reason, count=count)
