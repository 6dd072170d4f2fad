"""How a source keeps at it: it tries again for ever, with growing waits."""

import time
from collections.abc import Callable
from threading import Event

from edge.connection import Backoff

_GOOD_AFTER_S = 30.0


class SourceLost(Exception):
    """The other end cannot be reached, or not any more; `reason` says why, without credentials."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def keep_trying(visit: Callable[[Event], None], lost: Callable[[str], None], stop: Event) -> None:
    """Visit until stopped. A visit ends by raising Lost, and the reason goes to `lost`.

    A visit that lasted makes the next waits short again.
    """
    backoff = Backoff()
    while not stop.is_set():
        since_s = time.monotonic()
        try:
            visit(stop)
        except SourceLost as error:
            lost(error.reason)
        if time.monotonic() - since_s > _GOOD_AFTER_S:
            backoff.reset()
        stop.wait(backoff.next_s())
