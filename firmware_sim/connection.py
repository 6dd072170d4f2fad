"""One device's own connection to the broker: birth, last will, reconnection, re-announcement."""

import asyncio
import math
import socket
from contextlib import suppress
from datetime import datetime
from random import Random
from typing import Protocol

import aiomqtt
from pydantic import ValidationError

from firmware_sim.activity_log import ActivityLog
from firmware_sim.client import Client, ConnectionSettings, NoSubscribers
from firmware_sim.faults import Faults
from firmware_sim.outgoing_message import Branch, OutgoingMessage
from wire import topics
from wire.families import HUB_STATUS, REFUSED
from wire.topics import Leaf

_BACK_OFF_MOST_S = 30.0
_GOODBYE_WITHIN_S = 2.0
_RE_ANNOUNCE_WITHIN_S = 1.0
"""Devices spread their second birth over this time, so that they don't all announce themselves at once."""


class CutOff(Exception):
    """The broker didn't take a message: there is no connection, or it broke."""


NOT_TAKEN = (CutOff, NoSubscribers)
"""The reasons to keep a message and send it again."""


class ConnectedDevice(Protocol):
    """The device behind a connection."""

    branch: Branch

    def birth(self) -> OutgoingMessage: ...

    def last_will(self) -> OutgoingMessage: ...

    def subscriptions(self) -> list[str]: ...

    async def receive(self, topic: str, payload: bytes) -> None: ...

    def send_again(self) -> None:
        """The hub is subscribed again: recent messages may have reached nobody."""


class Connection:
    """Keeps one MQTT 5 session; the constructor does nothing, `hold` connects until cancelled."""

    def __init__(
        self,
        settings: ConnectionSettings,
        device: ConnectedDevice,
        faults: Faults,
        activity: ActivityLog,
        rng: Random,
    ) -> None:
        self._settings = settings
        self._device = device
        self._device_id = device.branch.device_id
        self._faults = faults
        self._activity = activity
        self._rng = rng
        self._client: Client | None = None
        self._permitted = asyncio.Event()
        self._permitted.set()
        self._hub_started_at: datetime | None = None
        self.connected = asyncio.Event()

    async def hold(self) -> None:
        failures = 0
        while True:
            await self._permitted.wait()
            try:
                async with Client(
                    self._settings, self._device.last_will(), self._device_id
                ) as client:
                    failures = 0
                    await self._stay(client)
            except aiomqtt.MqttError as error:
                self._lost(failures, str(error))
            _obey_cancellation()
            failures += 1
            await asyncio.sleep(self._back_off_s(failures))

    async def publish(self, message: OutgoingMessage) -> None:
        """Return once the broker has taken it for a subscriber (QoS 1). Raises CutOff, NoSubscribers."""
        for each in self._faults.spoil(message):
            await self._publish(each)

    def cut(self) -> None:
        """Break the connection without a word, as when the battery falls out; the will fires."""
        self._permitted.clear()
        if self._client is not None:
            # aiomqtt can only say goodbye in order; the broker must see a broken line instead.
            raw = self._client._client.socket()  # noqa: SLF001
            if isinstance(raw, socket.socket):
                with suppress(OSError):
                    raw.shutdown(socket.SHUT_RDWR)

    def restore(self) -> None:
        """Let the device connect again after `cut`."""
        self._permitted.set()

    async def leave(self) -> None:
        """Announce the device as offline, and close the connection in order."""
        if self._client is not None:
            with suppress(*NOT_TAKEN, TimeoutError):
                async with asyncio.timeout(_GOODBYE_WITHIN_S):
                    await self._publish(self._device.last_will())

    async def _stay(self, client: Client) -> None:
        """Announce, subscribe, and pass on messages until the connection breaks."""
        self._client = client
        hub_status = topics.hub_status(self._device.branch.district)
        refused = self._device.branch.topic(Leaf.REFUSED)
        try:
            await self._announce()
            filters = [(f, 1) for f in (*self._device.subscriptions(), refused, hub_status)]
            await client.subscribe(filters)
            _obey_cancellation()
            self._activity.record(self._device_id, "connected")
            self.connected.set()
            async for message in client.messages:
                payload = message.payload if isinstance(message.payload, bytes) else b""
                if str(message.topic) == hub_status:
                    await self._follow_hub(payload, retained=message.retain)
                elif str(message.topic) == refused:
                    self._note_refusal(payload)
                else:
                    await self._device.receive(str(message.topic), payload)
        except CutOff as error:
            raise aiomqtt.MqttError(str(error)) from error
        except asyncio.CancelledError:
            await self.leave()
            raise
        finally:
            self._client = None
            self.connected.clear()

    async def _announce(self) -> None:
        """Publish the birth, which the broker retains even if nobody is subscribed."""
        with suppress(NoSubscribers):
            await self._publish(self._device.birth())

    async def _follow_hub(self, payload: bytes, *, retained: bool) -> None:
        """At a new birth of the hub, announce again, unless our own birth is newer, and send again."""
        try:
            status = HUB_STATUS.validate_json(payload)
        except ValidationError:
            return
        known, self._hub_started_at = self._hub_started_at, status.started_at
        if status.started_at == known or (retained and known is None):
            return
        if not retained:
            await asyncio.sleep(self._rng.uniform(0, _RE_ANNOUNCE_WITHIN_S))
            await self._announce()
            self._activity.record(self._device_id, "announced_again")
        self._device.send_again()

    def _note_refusal(self, payload: bytes) -> None:
        """Record what the hub refused of our messages; sending it again would not help."""
        try:
            told = REFUSED.validate_json(payload)
        except ValidationError:
            return
        facts = told.model_dump(include={"topic", "payload_sha256", "reason", "outcome", "untold"})
        self._activity.record(self._device_id, "told_of_refusal", **facts)

    async def _publish(self, message: OutgoingMessage) -> None:
        if self._client is None:
            raise CutOff("not connected")
        try:
            await self._client.deliver(message)
        except aiomqtt.MqttError as error:
            raise CutOff(str(error)) from error

    def _lost(self, failures: int, reason: str) -> None:
        """Record the first failure and then ever fewer, not each attempt."""
        if failures == 0 or math.log2(failures + 1).is_integer():
            self._activity.record(self._device_id, "cut_off", reason=reason)

    def _back_off_s(self, failures: int) -> float:
        longest: float = min(
            _BACK_OFF_MOST_S, self._settings.first_back_off_s * 2.0 ** min(failures - 1, 10)
        )
        return self._rng.uniform(0.5, 1.0) * longest


def _obey_cancellation() -> None:
    """End a task whose cancellation was lost.

    aiomqtt waits with asyncio.wait_for, which in Python 3.11 drops a cancellation that arrives at the
    same moment as the result.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
