"""Which of a process's subscriptions are in force, so that one of them announces the hub."""

import threading


class Subscriptions:
    """Counts the subscriptions that the broker has confirmed and that are not lost."""

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self._active: set[str] = set()
        self._lock = threading.Lock()

    def completed_by(self, client_id: str) -> bool:
        """Note that a client is subscribed; returns whether all are now."""
        with self._lock:
            self._active.add(client_id)
            return len(self._active) == self._expected

    def lost(self, client_id: str) -> None:
        """Note that a client is no longer subscribed."""
        with self._lock:
            self._active.discard(client_id)
