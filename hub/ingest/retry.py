"""Retries while storage is unavailable: each pause is longer, and the log repeats itself rarely."""

import random
import threading
import time
from collections.abc import Callable

import psycopg
import structlog

from hub.errors import Unavailable
from hub.ingest import metrics

log = structlog.get_logger()

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 10.0
LOGGED_EVERY_S = 60.0


class StorageBackoff:
    """The pauses of one series of failed attempts, whatever the cause: full, read-only, unreachable."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._pause_s = FIRST_PAUSE_S
        self._attempts = 0
        self._logged: tuple[str, float] = ("", float("-inf"))

    def pause_s(self, error: Exception) -> float:
        """How long to wait after an error: a pause that doubles each time, with jitter of half of it.

        The jitter keeps processes that lost the same database from retrying in step.
        """
        metrics.RETRIES.inc()
        metrics.STORAGE_UP.set(0)
        self._attempts += 1
        self._log(error)
        pause_s = self._pause_s * random.uniform(0.5, 1.5)
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        return pause_s

    def end(self) -> None:
        """Note that an attempt succeeded."""
        metrics.STORAGE_UP.set(1)
        if self._attempts:
            log.info(
                "storage_returned",
                attempts=self._attempts,
                away_s=round(time.monotonic() - self._began, 1),
            )

    def _log(self, error: Exception) -> None:
        reason = f"{type(error).__name__}: {str(error).partition(chr(10))[0][:200]}"
        last_reason, logged_at = self._logged
        now = time.monotonic()
        if reason != last_reason or now - logged_at >= LOGGED_EVERY_S:
            log.warning("storage_unavailable", error=reason, attempts=self._attempts)
            self._logged = (reason, now)


def retry_until_done(step: Callable[[], None], stop: threading.Event) -> bool:
    """Repeat a step while storage is unavailable; False if told to stop before it succeeded."""
    backoff = StorageBackoff()
    while not stop.is_set():
        try:
            step()
        except (psycopg.Error, Unavailable, OSError) as error:
            stop.wait(backoff.pause_s(error))
        else:
            backoff.end()
            return True
    return False
