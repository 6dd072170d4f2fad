"""Terminals that send numbered messages, through the simulator's own connection and outbox.

So they do just what the wire contract asks of them: once the broker has taken a message they forget it,
except the last two minutes, which they send again when the hub is subscribed again.
"""

import asyncio
import hashlib
import io
import threading
import uuid
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

import cv2
import numpy as np

from bench.ingest.load import DISTRICT, terminal_id
from firmware_sim.activity_log import ActivityLog
from firmware_sim.client import ConnectionSettings
from firmware_sim.connection import Connection
from firmware_sim.faults import FaultRates, Faults
from firmware_sim.outbox import DeviceOutbox
from firmware_sim.outgoing_message import Branch, OutgoingMessage
from wire.messages import EventType, Link, Place, Sample, TerminalEvent, TerminalStatus
from wire.topics import Kind, Leaf

_PICTURE = cv2.imencode(".jpg", np.zeros((16, 16), np.uint8))[1].tobytes()
"""A whole JPEG; a comment after its first two bytes makes each photo another."""
_REPORT_EACH, _PHOTO_EACH = 10, 25


@dataclass
class SentMessages:
    """What one terminal has sent: samples are numbered from 0, reports and photos have names."""

    samples: int = 0
    reports: list[str] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)

    @property
    def messages(self) -> int:
        return self.samples + len(self.reports) + len(self.photos)


class NumberingTerminal:
    """One terminal; `hold` keeps it connected."""

    def __init__(self, number: int, settings: ConnectionSettings) -> None:
        self.branch = Branch(DISTRICT, Kind.TERMINAL, terminal_id(number))
        self.sent = SentMessages()
        rng = Random(number)
        faults = Faults(FaultRates(), rng)
        self._connection = Connection(settings, self, faults, ActivityLog(io.StringIO()), rng)
        self._outbox = DeviceOutbox(self._connection)

    async def hold(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._connection.hold())
            tasks.create_task(self._outbox.run())

    async def settled(self) -> None:
        """Return once the broker has taken everything."""
        await self._outbox.settled()

    def send_next(self, now: datetime) -> None:
        """Send the next message: a position, and sometimes a report or a photo."""
        turn = self.sent.messages + 1
        if turn % _PHOTO_EACH == 0:
            self._outbox.put(self._photo())
        elif turn % _REPORT_EACH == 0:
            self._outbox.put(self._report(now))
        else:
            self._outbox.put(self._sample(now))

    def birth(self) -> OutgoingMessage:
        return self.branch.message(Leaf.STATUS, TerminalStatus(state=Link.ONLINE, boot_id="b1"))

    def last_will(self) -> OutgoingMessage:
        return self.branch.message(Leaf.STATUS, TerminalStatus(state=Link.OFFLINE, boot_id="b1"))

    def subscriptions(self) -> list[str]:
        return []

    async def receive(self, topic: str, payload: bytes) -> None:
        """Nobody sends it anything."""

    def send_again(self) -> None:
        self._outbox.send_again()

    def _sample(self, now: datetime) -> OutgoingMessage:
        seq = self.sent.samples
        self.sent.samples += 1
        sample = Sample(boot_id="b1", seq=seq, observed_at=now, lon=103.82, lat=25.6)
        return self.branch.samples(Leaf.TELEMETRY, [sample])

    def _report(self, now: datetime) -> OutgoingMessage:
        event_id = str(uuid.uuid4())
        self.sent.reports.append(event_id)
        place = Place(lon=103.82, lat=25.6)
        event = TerminalEvent(
            event_id=event_id, type=EventType.REPORT, observed_at=now, place=place, text="a test"
        )
        return self.branch.message(Leaf.EVENTS, event)

    def _photo(self) -> OutgoingMessage:
        comment = uuid.uuid4().bytes
        segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
        data = _PICTURE[:2] + segment + _PICTURE[2:]
        sha256 = hashlib.sha256(data).hexdigest()
        self.sent.photos.append(sha256)
        return self.branch.jpeg(Leaf.EVIDENCE, data, sha256)


class TerminalGroup:
    """Terminals in a thread of their own, which send in turns at a fixed rate until stopped."""

    def __init__(self, line_port: int, passwords: list[str], per_s: float) -> None:
        self.terminals = [
            NumberingTerminal(number, ConnectionSettings("127.0.0.1", line_port, password))
            for number, password in enumerate(passwords)
        ]
        self._per_s = per_s
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._tasks: list[asyncio.Future[None]] = []

    def start(self) -> None:
        self._thread.start()
        self._do(self._start())

    def stop_sending(self, within_s: float) -> None:
        """Stop sending, and return once the broker has taken everything. Raises TimeoutError."""
        self._do(self._stop_sending(within_s))

    def stop(self) -> None:
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _start(self) -> None:
        self._tasks = [asyncio.ensure_future(terminal.hold()) for terminal in self.terminals]
        self._tasks.append(asyncio.ensure_future(self._send_in_turns()))

    async def _send_in_turns(self) -> None:
        began, sent = self._loop.time(), 0
        while True:
            due = int((self._loop.time() - began) * self._per_s)
            for turn in range(sent, due):
                self.terminals[turn % len(self.terminals)].send_next(datetime.now(UTC))
            sent = due
            await asyncio.sleep(0.01)

    async def _stop_sending(self, within_s: float) -> None:
        self._tasks.pop().cancel()
        async with asyncio.timeout(within_s):
            await asyncio.gather(*(terminal.settled() for terminal in self.terminals))

    async def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._loop.shutdown_default_executor()
