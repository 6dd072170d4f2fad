"""Work on photos in a few threads: one upload never delays other people's requests."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from hub.errors import TooManyRequests, Unavailable

THREADS = 2
"""Decoding holds no lock of the interpreter; more threads would only take processors from others."""
WAITING = 32
"""How much work of one account may wait: a page full of thumbnails, or the photos of a case."""
WITHIN_S = 20.0

Done = TypeVar("Done")


@dataclass
class _Queue:
    """The work of one account, of which one piece is done at a time."""

    length: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class PhotoDecoder:
    """A bounded pool of threads that accounts take turns in, outside of transactions."""

    def __init__(
        self, threads: int = THREADS, waiting: int = WAITING, within_s: float = WITHIN_S
    ) -> None:
        self._pool = ThreadPoolExecutor(threads, "photos")
        self._free = asyncio.Semaphore(threads)
        self._waiting = waiting
        self._within_s = within_s
        self._queues: dict[str, _Queue] = {}

    async def run(
        self, account: str, work: Callable[..., Done], data: bytes, *options: int
    ) -> Done:
        """What the work returns. Hold no database connection meanwhile: it may have to wait.

        Raises TooManyRequests if much of this account waits already, and Unavailable if it takes too long.
        """
        queue = self._queues.setdefault(account, _Queue())
        if queue.length >= self._waiting:
            detail = f"{self._waiting} photos of this account are waiting; send fewer at once"
            raise TooManyRequests(detail, retry_after_s=2)
        queue.length += 1
        try:
            async with asyncio.timeout(self._within_s), queue.turn, self._free:
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._pool, work, data, *options)
        except TimeoutError:
            detail = f"the photo could not be decoded within {self._within_s:.0f} s; try again"
            raise Unavailable(detail) from None
        finally:
            queue.length -= 1
            if not queue.length:
                self._queues.pop(account, None)
