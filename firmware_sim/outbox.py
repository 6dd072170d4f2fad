"""The messages that a device must deliver: events, acks, photos. Kept in order while cut off."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from firmware_sim.client import NoSubscribers
from firmware_sim.connection import Connection, CutOff
from firmware_sim.outgoing_message import OutgoingMessage
from firmware_sim.recently_sent import RecentlySent

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 15.0


class DeviceOutbox:
    """A message leaves only once the broker has taken it for a subscriber, so it may arrive twice.

    `on_taken` is called with each message that the broker took.
    """

    def __init__(
        self, connection: Connection, on_taken: Callable[[OutgoingMessage], None] | None = None
    ) -> None:
        self._connection = connection
        self._on_taken = on_taken
        self._waiting: deque[OutgoingMessage] = deque()
        self._recent = RecentlySent[OutgoingMessage]()
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._emptied.set()
        self._hub_is_back = asyncio.Event()
        self._pause_s = _FIRST_PAUSE_S

    def put(self, message: OutgoingMessage) -> None:
        self._waiting.append(message)
        self._emptied.clear()
        self._filled.set()

    def send_again(self) -> None:
        """The hub is subscribed again: first repeat what it may have missed."""
        self._hub_is_back.set()
        recent = self._recent.all()
        if recent:
            self._waiting.extendleft(reversed(recent))
            self._emptied.clear()
            self._filled.set()

    @property
    def is_empty(self) -> bool:
        return self._emptied.is_set()

    async def settled(self) -> None:
        """Return once everything is with the broker."""
        await self._emptied.wait()

    async def run(self) -> None:
        while True:
            await self._filled.wait()
            await self._connection.connected.wait()
            message = self._waiting.popleft()
            try:
                await self._connection.publish(message)
            except CutOff:
                self._waiting.appendleft(message)
                # Let the connection notice, too, before the next attempt.
                await asyncio.sleep(0.05)
            except NoSubscribers:
                self._waiting.appendleft(message)
                await self._pause()
            else:
                self._taken(message)

    async def _pause(self) -> None:
        """Wait until the hub is subscribed again, or longer each time."""
        self._hub_is_back.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pause_s):
                await self._hub_is_back.wait()
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)

    def _taken(self, message: OutgoingMessage) -> None:
        self._recent.add(message)
        if self._on_taken is not None:
            self._on_taken(message)
        self._pause_s = _FIRST_PAUSE_S
        if not self._waiting:
            self._filled.clear()
            self._emptied.set()
