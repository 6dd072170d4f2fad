"""The life of ingest: take a batch, sort it, store it, acknowledge it; and again.

Three outcomes: stored, then acknowledged; refused, kept as a dead letter, then acknowledged; storage
away, nothing acknowledged, tried again after a jittered pause.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import psycopg
import structlog

from hub.clock import now as wall_clock
from hub.ingest import metrics
from hub.ingest.admission import Admission
from hub.ingest.clocks import Clocks, Skew
from hub.ingest.outage import until_done
from hub.ingest.refusals import Outcome, Refusals
from hub.ingest.sorting import Batch, dead_letter
from hub.ingest.store import Store
from hub.ingest.subscriber import Subscriber
from hub.ingest.waiting import Bounds, Received, Waiting

log = structlog.get_logger()


class Sorted(NamedTuple):
    """Messages, and what to store of them."""

    messages: Sequence[Received]
    batch: Batch


class Ingest:
    """Lines from the broker to the database, each a subscriber and a lane. The constructor does nothing."""

    def __init__(self, *lines: tuple[Subscriber, "Lane"]) -> None:
        self._subscribers = [subscriber for subscriber, _ in lines]
        self._lines = lines

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; what is not yet stored then stays with the broker."""
        for subscriber, lane in self._lines:
            lane.prepare(stop)
            subscriber.start()
        while not (stop.is_set() or self.wait_until_subscribed(0.1)):
            pass
        log.info("started", part="ingest")
        with ThreadPoolExecutor(len(self._lines), "lane") as threads:
            ends = [threads.submit(self._work, *line, stop) for line in self._lines]
        for subscriber in self._subscribers:
            subscriber.stop()
        for end in ends:
            end.result()

    def wait_until_subscribed(self, within_s: float) -> bool:
        """Whether the broker has confirmed to each line what it is for, before so many seconds are over."""
        until = time.monotonic() + within_s
        return all(
            each.subscribed.wait(max(0.0, until - time.monotonic())) for each in self._subscribers
        )

    def leave(self, stop: threading.Event, quiet_s: float = 5.0) -> None:
        """Work until the broker has brought nothing for `quiet_s`, with subscribers that are leaving."""
        watch = threading.Thread(target=self._stop_when_quiet, args=(stop, quiet_s), daemon=True)
        watch.start()
        self.run(stop)
        log.info("left", part="ingest")

    def _stop_when_quiet(self, stop: threading.Event, quiet_s: float) -> None:
        quiet_since = time.monotonic()
        while not stop.wait(0.1):
            if self.wait_until_subscribed(0) and all(each.is_idle for each in self._subscribers):
                if time.monotonic() - quiet_since > quiet_s:
                    stop.set()
            else:
                quiet_since = time.monotonic()

    def _work(self, subscriber: Subscriber, lane: "Lane", stop: threading.Event) -> None:
        """Where one lane dies, the process does too, and is started again."""
        try:
            lane.run(subscriber.waiting, subscriber.acknowledge, stop)
        finally:
            stop.set()


class Lane:
    """Batches from where they wait into the database, and their acknowledgement.

    While one batch is stored, a second thread sorts the next.
    """

    def __init__(self, admission: Admission, store: Store, bounds: Bounds | None = None) -> None:
        self._admission = admission
        self._store = store
        self._bounds = bounds or Bounds()
        self._refusals = Refusals()
        self._clocks = Clocks()

    def prepare(self, stop: threading.Event) -> None:
        """Return once the database is there, or when told to stop."""
        self._admission.prepare(stop)

    def run(
        self,
        waiting: Waiting,
        acknowledge: Callable[[Sequence[Received]], None],
        stop: threading.Event,
    ) -> None:
        """Work until `stop` is set."""
        with ThreadPoolExecutor(1, "sorting") as beside:
            following = beside.submit(self._next, waiting, stop)
            while not stop.is_set():
                present = following.result()
                following = beside.submit(self._next, waiting, stop)
                if present and until_done(partial(self._store_all, *present), stop):
                    acknowledge(present.messages)
        self._store.disconnect()

    def _next(self, waiting: Waiting, stop: threading.Event) -> Sorted | None:
        messages = waiting.take(self._bounds, wait_s=0.5)
        batch = self._admission.sorted(messages, stop) if messages else None
        return None if batch is None else Sorted(messages, batch)

    def _store_all(self, messages: Sequence[Received], batch: Batch) -> None:
        try:
            self._keep(messages, batch)
        except BaseException:
            self._store.disconnect()
            raise

    def _keep(self, messages: Sequence[Received], batch: Batch) -> None:
        """Store messages; where the database finds fault with one of them, it is found and refused."""
        began = time.monotonic()
        self._clocks.read(batch.newest)
        try:
            self._keep_batch(batch, self._clocks.due(batch.live))
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            if len(messages) > 1:
                half = len(messages) // 2
                for part in (messages[:half], messages[half:]):
                    self._keep(part, self._admission.sorted_now(part))
                return
            batch = _refused_by_database(messages[0], error)
            self._keep_batch(batch)
        metrics.COMMIT_S.observe(time.monotonic() - began)
        _count(batch, messages)

    def _keep_batch(self, batch: Batch, skews: Sequence[Skew] = ()) -> None:
        refusals = self._refusals.collapse(batch.dead_letters)
        self._store.keep(batch, refusals, skews)
        self._refusals.log(refusals)


def _refused_by_database(message: Received, error: psycopg.Error) -> Batch:
    reason = f"the database refused it: {str(error).partition(chr(10))[0][:150]}"
    return Batch(dead_letters=[dead_letter(message, Outcome.MALFORMED, reason, None)])


def _count(batch: Batch, messages: Sequence[Received]) -> None:
    metrics.BATCH_SIZE.observe(len(messages))
    metrics.SAMPLES.inc(len(batch.telemetry))
    metrics.MESSAGES.labels("stored").inc(len(messages) - len(batch.dead_letters))
    for outcome in Outcome:
        refused = sum(letter.outcome is outcome for letter in batch.dead_letters)
        metrics.MESSAGES.labels(outcome).inc(refused)
    oldest = min(message.received_at for message in messages)
    metrics.LAG_S.observe(max(0.0, (wall_clock() - oldest).total_seconds()))
