"""Watches the node's threads: none may die unnoticed."""

from collections.abc import Callable
from threading import Thread

import structlog

_log = structlog.get_logger()


class ThreadSupervisor:
    """Starts threads that work until they are told to stop, and knows which have ended."""

    def __init__(self) -> None:
        self._threads: list[Thread] = []

    def start(self, name: str, work: Callable[[], None]) -> Thread:
        """Do the work in a thread of its own."""

        def logged() -> None:
            try:
                work()
            except Exception:  # noqa: BLE001  whatever it is, the node stops
                _log.exception("thread_failed", thread=name)
                raise SystemExit from None  # ends this thread, so that `dead` names it

        thread = Thread(target=logged, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)
        return thread

    def dead(self) -> list[str]:
        """The names of the threads that have ended."""
        return [thread.name for thread in self._threads if not thread.is_alive()]

    def remove(self, thread: Thread, within_s: float) -> None:
        """Wait for a thread that was told to stop, and no longer count it as dead."""
        self._threads.remove(thread)
        thread.join(within_s)

    def join(self, within_s: float) -> None:
        """Wait for all of them."""
        for thread in self._threads:
            thread.join(within_s)
