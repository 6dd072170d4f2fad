"""The cycle of ingest: take a batch, decode it, store it, acknowledge it.

A message ends in one of three ways: stored and acknowledged; refused, kept as a dead letter and
acknowledged; or, while storage is unavailable, left unacknowledged and tried again after a jittered pause.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import psycopg
import structlog

from hub.clock import now as wall_clock
from hub.ingest import metrics
from hub.ingest.admission import Admission
from hub.ingest.clocks import Clocks, ClockSkew
from hub.ingest.decoding import dead_letter
from hub.ingest.queue import BatchLimits, MessageQueue, ReceivedMessage
from hub.ingest.retry import retry_until_done
from hub.ingest.rows import Batch
from hub.ingest.store import BatchStore
from hub.refusals.dead_letter import Refusals
from hub.refusals.store import SavedRefusals
from wire import topics
from wire.messages import RefusalOutcome
from wire.topics import UnknownTopic

log = structlog.get_logger()

_OF_A_MESSAGE = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded)
"""What a message may be at fault for. Other errors of the database pass, and the batch is tried again."""


class DecodedBatch(NamedTuple):
    """Messages, and the rows to store for them."""

    messages: Sequence[ReceivedMessage]
    batch: Batch


class Pipeline:
    """Takes batches from a queue, stores them and acknowledges them.

    While one batch is being stored, a second thread decodes the next.
    """

    def __init__(
        self, admission: Admission, store: BatchStore, limits: BatchLimits | None = None
    ) -> None:
        self._admission = admission
        self._store = store
        self._limits = limits or BatchLimits()
        self._refusals = Refusals()
        self._clocks = Clocks()

    def prepare(self, stop: threading.Event) -> None:
        """Return once the database answers, or when told to stop."""
        self._admission.prepare(stop)

    def run(
        self,
        queue: MessageQueue,
        acknowledge: Callable[[Sequence[ReceivedMessage]], None],
        stop: threading.Event,
    ) -> None:
        """Work until `stop` is set."""
        with ThreadPoolExecutor(1, "decoding") as decoder:
            following = decoder.submit(self._next, queue, stop)
            while not stop.is_set():
                present = following.result()
                following = decoder.submit(self._next, queue, stop)
                if present and retry_until_done(partial(self._store_all, *present), stop):
                    acknowledge(present.messages)
        self._store.disconnect()

    def _next(self, queue: MessageQueue, stop: threading.Event) -> DecodedBatch | None:
        messages = queue.take(self._limits, wait_s=0.5)
        batch = self._admission.decode(messages, stop) if messages else None
        return None if batch is None else DecodedBatch(messages, batch)

    def _store_all(self, messages: Sequence[ReceivedMessage], batch: Batch) -> None:
        try:
            self._save(messages, batch)
        except BaseException:
            self._store.disconnect()
            raise

    def _save(self, messages: Sequence[ReceivedMessage], batch: Batch) -> None:
        """Store messages. If the database rejects one of them, halving finds it, and it is refused."""
        began = time.monotonic()
        self._clocks.read(batch.newest)
        try:
            saved = self._save_batch(batch, self._clocks.due([*batch.live, *batch.vitals]))
        except _OF_A_MESSAGE as error:
            if len(messages) > 1:
                half = len(messages) // 2
                for part in (messages[:half], messages[half:]):
                    self._save(part, self._admission.decode_now(part))
                return
            batch = _refused_by_database(messages[0], error)
            saved = self._save_batch(batch)
        metrics.COMMIT_S.observe(time.monotonic() - began)
        _count(batch, messages, saved)

    def _save_batch(self, batch: Batch, skews: Sequence[ClockSkew] = ()) -> SavedRefusals:
        saved = self._store.save(batch, self._refusals, skews)
        self._refusals.log(saved.refusals, saved.unkept)
        metrics.UNKEPT.inc(saved.unkept)
        return saved


def _refused_by_database(message: ReceivedMessage, error: psycopg.Error) -> Batch:
    reason = f"the database refused it: {str(error).partition(chr(10))[0][:150]}"
    try:
        address = topics.parse(message.topic)
    except UnknownTopic:
        address = None
    return Batch(dead_letters=[dead_letter(message, RefusalOutcome.MALFORMED, reason, address)])


def _count(batch: Batch, messages: Sequence[ReceivedMessage], saved: SavedRefusals) -> None:
    metrics.BATCH_SIZE.observe(len(messages))
    metrics.SAMPLES.inc(len(batch.telemetry))
    metrics.REFUSED_SAMPLES.inc(batch.refused_samples)
    refused: Counter[RefusalOutcome] = Counter()
    for each in saved.refusals:
        refused[each.outcome] += each.messages
    refused[RefusalOutcome.MALFORMED] -= batch.refused_samples
    metrics.MESSAGES.labels("stored").inc(max(0, len(messages) - refused.total()))
    for outcome in RefusalOutcome:
        metrics.MESSAGES.labels(outcome).inc(refused[outcome])
    oldest = min(message.received_at for message in messages)
    metrics.LAG_S.observe(max(0.0, (wall_clock() - oldest).total_seconds()))
