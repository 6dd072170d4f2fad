"""What to do while storage is away: wait a little longer each time, and say so now and then."""

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


class Outage:
    """One stretch of failed attempts. Full, read-only, restarting, away: all are waited out alike."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._pause_s = FIRST_PAUSE_S
        self._attempts = 0
        self._logged: tuple[str, float] = ("", float("-inf"))

    def pause_s(self, error: Exception) -> float:
        """How long to wait after an error: from half to one and a half of what doubles each time.

        The jitter keeps processes that lost the same database from asking for it in step.
        """
        metrics.RETRIES.inc()
        metrics.STORAGE_UP.set(0)
        self._attempts += 1
        self._log(error)
        pause_s = self._pause_s * random.uniform(0.5, 1.5)
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        return pause_s

    def end(self) -> None:
        """An attempt went well."""
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


def until_done(step: Callable[[], None], stop: threading.Event) -> bool:
    """Repeat a step while storage is away; False where told to stop before it was done."""
    outage = Outage()
    while not stop.is_set():
        try:
            step()
        except (psycopg.Error, Unavailable, OSError) as error:
            stop.wait(outage.pause_s(error))
        else:
            outage.end()
            return True
    return False
