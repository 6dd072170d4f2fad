"""The ingest process: runs its pipelines side by side until it is told to stop."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import structlog

from hub.ingest.pipeline import Pipeline
from hub.ingest.subscriber import Subscriber

log = structlog.get_logger()


class Ingest:
    """Pairs of a subscriber and the pipeline that it feeds. The constructor connects nothing."""

    def __init__(self, *pairs: tuple[Subscriber, Pipeline]) -> None:
        self._subscribers = [subscriber for subscriber, _ in pairs]
        self._pairs = pairs

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; the broker keeps whatever is not stored by then."""
        for subscriber, pipeline in self._pairs:
            pipeline.prepare(stop)
            subscriber.start()
        while not (stop.is_set() or self.wait_until_subscribed(0.1)):
            pass
        log.info("started", part="ingest")
        with ThreadPoolExecutor(len(self._pairs), "pipeline") as threads:
            ends = [threads.submit(self._work, *pair, stop) for pair in self._pairs]
        for subscriber in self._subscribers:
            subscriber.stop()
        for end in ends:
            end.result()

    def wait_until_subscribed(self, within_s: float) -> bool:
        """Whether the broker confirms every subscriber's request within so many seconds."""
        until = time.monotonic() + within_s
        return all(
            each.subscribed.wait(max(0.0, until - time.monotonic())) for each in self._subscribers
        )

    def leave(self, stop: threading.Event, quiet_s: float = 5.0) -> None:
        """Work until the broker has sent nothing for `quiet_s`; the subscribers must be leaving."""
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

    def _work(self, subscriber: Subscriber, pipeline: Pipeline, stop: threading.Event) -> None:
        """Run a pipeline; if it dies, the whole process ends and is started again."""
        try:
            pipeline.run(subscriber.queue, subscriber.acknowledge, stop)
        finally:
            stop.set()
