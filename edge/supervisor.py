"""Threads whose death is noticed."""

from collections.abc import Callable
from threading import Thread

import structlog

_log = structlog.get_logger()


class ThreadSupervisor:
    """Threads that are to work until they are told to stop."""

    def __init__(self) -> None:
        self._threads: list[Thread] = []

    def start(self, name: str, work: Callable[[], None]) -> Thread:
        """Have work done in a thread of its own."""

        def logged() -> None:
            try:
                work()
            except Exception:  # noqa: BLE001  whatever it is, the whole node stops for it
                _log.exception("thread_failed", thread=name)
                raise SystemExit from None  # ends this thread; `dead` tells that it is gone

        thread = Thread(target=logged, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)
        return thread

    def dead(self) -> list[str]:
        """The names of threads that have ended."""
        return [thread.name for thread in self._threads if not thread.is_alive()]

    def dismiss(self, thread: Thread, within_s: float) -> None:
        """Wait for a thread that was told to stop; from now on it may be dead."""
        self._threads.remove(thread)
        thread.join(within_s)

    def join(self, within_s: float) -> None:
        """Wait for all of them."""
        for thread in self._threads:
            thread.join(within_s)
