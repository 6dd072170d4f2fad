"""A queue for costly hashing: few at a time, people who are known first, and strangers not without bound."""

import asyncio
import heapq
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum
from itertools import count

from anyio.lowlevel import RunVar

from hub.errors import TooManyRequests

PARALLEL = max(1, min(4, (os.cpu_count() or 1) // 2))
RETRY_AFTER_S = 3


class Turn(IntEnum):
    """Whose hash is computed first."""

    KNOWN_DEVICE = 0
    """Somebody who has logged in on this device before, or is logged in."""
    ACCOUNT = 1
    STRANGER = 2
    """Whoever names no account."""


MOST_WAITING = {Turn.KNOWN_DEVICE: 64, Turn.ACCOUNT: 16, Turn.STRANGER: 4}


class HashingQueue:
    """Lets PARALLEL callers in at a time, in the order of their turns."""

    def __init__(self, parallel: int = PARALLEL) -> None:
        self._free = parallel
        self._waiting: list[tuple[Turn, int, asyncio.Future[None]]] = []
        self._number = count()

    @asynccontextmanager
    async def place(self, turn: Turn) -> AsyncIterator[None]:
        """A place to compute a hash. Raises TooManyRequests at once if too many wait for theirs."""
        await self._enter(turn)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, turn: Turn) -> None:
        if self._free:
            self._free -= 1
            return
        if sum(waiting is turn for waiting, _, _ in self._waiting) >= MOST_WAITING[turn]:
            raise TooManyRequests(
                "too many people log in at this moment; try again", retry_after_s=RETRY_AFTER_S
            )
        admitted = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (turn, next(self._number), admitted))
        try:
            await admitted
        except asyncio.CancelledError:
            if admitted.done() and not admitted.cancelled():
                self._leave()
            raise

    def _leave(self) -> None:
        while self._waiting:
            _, _, admitted = heapq.heappop(self._waiting)
            if not admitted.done():
                admitted.set_result(None)
                return
        self._free += 1


_queue: RunVar[HashingQueue] = RunVar("password_hashing")


def hashing_queue() -> HashingQueue:
    """The queue of this process (of this event loop)."""
    try:
        return _queue.get()
    except LookupError:
        made = HashingQueue()
        _queue.set(made)
        return made
