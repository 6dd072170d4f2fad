"""What a device must get rid of sooner or later: events, acks, photos. Kept in order while cut off."""

import asyncio
from collections import deque

from firmware_sim.connection import Connection, CutOff
from firmware_sim.outgoing import Outgoing


class Outbox:
    """Nothing is given up before the broker has taken it, so a message may arrive twice."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: deque[Outgoing] = deque()
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._emptied.set()

    def put(self, message: Outgoing) -> None:
        self._waiting.append(message)
        self._emptied.clear()
        self._filled.set()

    async def settled(self) -> None:
        """Return once everything is with the broker."""
        await self._emptied.wait()

    async def run(self) -> None:
        while True:
            await self._filled.wait()
            await self._connection.connected.wait()
            try:
                await self._connection.publish(self._waiting[0])
            except CutOff:
                # The connection's own loop notices too; give it its turn before the next try.
                await asyncio.sleep(0.05)
                continue
            self._waiting.popleft()
            if not self._waiting:
                self._filled.clear()
                self._emptied.set()
