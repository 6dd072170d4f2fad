"""One device's own connection to the broker: birth, last will, reconnection, re-announcement."""

import asyncio
import math
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Protocol

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from pydantic import ValidationError

from firmware_sim.faults import Faults
from firmware_sim.narration import Narrator
from firmware_sim.outgoing import Branch, Outgoing
from wire import topics
from wire.families import HUB_STATUS

_BACK_OFF_MOST_S = 30.0
_GOODBYE_WITHIN_S = 2.0
_RE_ANNOUNCE_WITHIN_S = 1.0
"""Devices spread their second birth over this time, so that a hub's start is no stampede."""


class CutOff(Exception):
    """The broker didn't take a message: there is no connection, or it broke meanwhile."""


@dataclass(frozen=True)
class Line:
    """How a device reaches its broker."""

    host: str
    port: int
    password: str
    keepalive_s: int = 30
    session_s: int = 24 * 3600
    """How long the broker keeps commands for a device that is away."""
    first_back_off_s: float = 0.5


class Holder(Protocol):
    """The device behind a connection."""

    branch: Branch

    def birth(self) -> Outgoing: ...

    def last_will(self) -> Outgoing: ...

    def subscriptions(self) -> list[str]: ...

    async def receive(self, topic: str, payload: bytes) -> None: ...


class Connection:
    """Keeps one MQTT 5 session; the constructor does nothing, `hold` connects until cancelled."""

    def __init__(
        self, line: Line, holder: Holder, faults: Faults, narrator: Narrator, rng: Random
    ) -> None:
        self._line = line
        self._holder = holder
        self._faults = faults
        self._narrator = narrator
        self._rng = rng
        self._client: aiomqtt.Client | None = None
        self._permitted = asyncio.Event()
        self._permitted.set()
        self._hub_started_at: datetime | None = None
        self.connected = asyncio.Event()

    async def hold(self) -> None:
        failures = 0
        while True:
            await self._permitted.wait()
            try:
                async with self._new_client() as client:
                    failures = 0
                    await self._stay(client)
            except aiomqtt.MqttError as error:
                self._lost(failures, str(error))
            _obey_cancellation()
            failures += 1
            await asyncio.sleep(self._back_off_s(failures))

    async def publish(self, message: Outgoing) -> None:
        """Return once the broker has taken it (QoS 1). Raises CutOff."""
        for each in self._faults.spoil(message):
            try:
                await self._publish(each)
            finally:
                _obey_cancellation()

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
            with suppress(CutOff, TimeoutError):
                async with asyncio.timeout(_GOODBYE_WITHIN_S):
                    await self._publish(self._holder.last_will())

    def _new_client(self) -> aiomqtt.Client:
        will, properties = self._holder.last_will(), Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = self._line.session_s
        device_id = self._holder.branch.device_id
        return aiomqtt.Client(
            self._line.host,
            self._line.port,
            username=device_id,
            password=self._line.password,
            identifier=device_id,
            protocol=aiomqtt.ProtocolVersion.V5,
            will=aiomqtt.Will(will.topic, will.payload, will.qos, will.retain),
            keepalive=self._line.keepalive_s,
            clean_start=False,
            properties=properties,
        )

    async def _stay(self, client: aiomqtt.Client) -> None:
        """Announce, subscribe, and hand on messages until the line breaks."""
        self._client = client
        branch = self._holder.branch
        try:
            await self._publish(self._holder.birth())
            hub_status = topics.hub_status(branch.district)
            filters = [(f, 1) for f in (*self._holder.subscriptions(), hub_status)]
            await client.subscribe(filters)
            _obey_cancellation()
            self._narrator.tell(branch.device_id, "connected")
            self.connected.set()
            async for message in client.messages:
                payload = message.payload if isinstance(message.payload, bytes) else b""
                if str(message.topic) == hub_status:
                    await self._hear_hub(payload, retained=message.retain)
                else:
                    await self._holder.receive(str(message.topic), payload)
        except CutOff as error:
            raise aiomqtt.MqttError(str(error)) from error
        except asyncio.CancelledError:
            await self.leave()
            raise
        finally:
            self._client = None
            self.connected.clear()

    async def _hear_hub(self, payload: bytes, *, retained: bool) -> None:
        """Announce again at the hub's new start; a retained word came after our own birth."""
        try:
            status = HUB_STATUS.validate_json(payload)
        except ValidationError:
            return
        is_new = status.started_at != self._hub_started_at
        self._hub_started_at = status.started_at
        if is_new and not retained:
            await asyncio.sleep(self._rng.uniform(0, _RE_ANNOUNCE_WITHIN_S))
            await self._publish(self._holder.birth())
            _obey_cancellation()
            self._narrator.tell(self._holder.branch.device_id, "announced_again")

    async def _publish(self, message: Outgoing) -> None:
        if self._client is None:
            raise CutOff("not connected")
        properties = None
        if message.properties:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.UserProperty = list(message.properties)
        try:
            await self._client.publish(
                message.topic,
                message.payload,
                qos=message.qos,
                retain=message.retain,
                properties=properties,
            )
        except aiomqtt.MqttError as error:
            raise CutOff(str(error)) from error

    def _lost(self, failures: int, reason: str) -> None:
        """Tell the first failure and then ever rarer ones, not each attempt."""
        if failures == 0 or math.log2(failures + 1).is_integer():
            self._narrator.tell(self._holder.branch.device_id, "cut_off", reason=reason)

    def _back_off_s(self, failures: int) -> float:
        longest: float = min(
            _BACK_OFF_MOST_S, self._line.first_back_off_s * 2.0 ** min(failures - 1, 10)
        )
        return self._rng.uniform(0.5, 1.0) * longest


def _obey_cancellation() -> None:
    """End a task whose cancellation was lost on the way.

    aiomqtt waits with asyncio.wait_for, and that of Python 3.11 drops a cancellation which comes in
    the same moment as the result.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
