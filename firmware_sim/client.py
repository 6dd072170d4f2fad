"""The MQTT 5 client of one device, which reports whether a message reached a subscriber."""

import asyncio
from dataclasses import dataclass
from typing import Self

import aiomqtt
from paho.mqtt.client import MQTT_ERR_SUCCESS, DisconnectFlags
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from firmware_sim.outgoing_message import OutgoingMessage

_NO_SUBSCRIBERS = 0x10
_LOOKS_PER_KEEPALIVE = 6


@dataclass(frozen=True)
class ConnectionSettings:
    """How a device connects to its broker."""

    host: str
    port: int
    password: str
    keepalive_s: int = 30
    session_s: int = 24 * 3600
    """How long the broker keeps commands for a device that is away."""
    first_back_off_s: float = 0.5
    answers_within_s: float = 10.0
    """After this time without an answer the broker counts as lost."""


class NoSubscribers(Exception):
    """The broker took a message, but nobody is subscribed to it."""


class Client(aiomqtt.Client):
    """aiomqtt hides the reason code of a PUBACK; `deliver` reads it off the client underneath."""

    def __init__(
        self, settings: ConnectionSettings, last_will: OutgoingMessage, device_id: str
    ) -> None:
        self._misc_every_s = settings.keepalive_s / _LOOKS_PER_KEEPALIVE
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = settings.session_s
        super().__init__(
            settings.host,
            settings.port,
            username=device_id,
            password=settings.password,
            identifier=device_id,
            protocol=aiomqtt.ProtocolVersion.V5,
            will=aiomqtt.Will(last_will.topic, last_will.payload, last_will.qos, last_will.retain),
            keepalive=settings.keepalive_s,
            timeout=settings.answers_within_s,
            clean_start=False,
            properties=properties,
        )
        self._client.connect_timeout = settings.answers_within_s
        self._answers: dict[int, asyncio.Future[ReasonCode]] = {}

    async def __aenter__(self) -> Self:
        """Connect; raises aiomqtt.MqttError. Whoever gives up on the way leaves no socket behind.

        aiomqtt keeps it, and a task that looks after it, if the broker says nothing in time, or if
        it is cancelled meanwhile.
        """
        try:
            return await super().__aenter__()
        except BaseException:
            self._client._sock_close()  # noqa: SLF001  its disconnect() waits for an answer
            raise

    async def deliver(self, message: OutgoingMessage) -> None:
        """Return once the broker has acknowledged it (QoS 1). Raises NoSubscribers, aiomqtt.MqttError."""
        sent = self._client.publish(
            message.topic,
            message.payload,
            message.qos,
            message.retain,
            _user_properties(message),
        )
        if sent.rc != MQTT_ERR_SUCCESS:
            raise aiomqtt.MqttCodeError(sent.rc, "could not publish")
        if message.qos == 0:
            return
        answer = await self._answer_to(sent.mid)
        if answer.value == _NO_SUBSCRIBERS:
            raise NoSubscribers(message.topic)

    async def _answer_to(self, message_id: int) -> ReasonCode:
        answer: asyncio.Future[ReasonCode] = asyncio.get_running_loop().create_future()
        self._answers[message_id] = answer
        try:
            async with asyncio.timeout(self.timeout):
                return await answer
        except TimeoutError:
            raise aiomqtt.MqttError("the broker did not acknowledge in time") from None
        finally:
            del self._answers[message_id]

    def _on_publish(
        self,
        client: PahoClient,
        userdata: object,
        mid: int,
        reason_code: ReasonCode,
        properties: Properties,
    ) -> None:
        super()._on_publish(client, userdata, mid, reason_code, properties)
        answer = self._answers.get(mid)
        if answer is not None and not answer.done():
            answer.set_result(reason_code)

    def _on_disconnect(
        self,
        client: PahoClient,
        userdata: object,
        flags: DisconnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        super()._on_disconnect(client, userdata, flags, reason_code, properties)
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(
                    aiomqtt.MqttError("the connection broke before the answer came")
                )

    async def _misc_loop(self) -> None:
        """Look after the keepalive, less often than aiomqtt: 10,000 idle connections add up."""
        while self._client.loop_misc() == MQTT_ERR_SUCCESS:  # noqa: ASYNC110
            await asyncio.sleep(self._misc_every_s)


def _user_properties(message: OutgoingMessage) -> Properties | None:
    if not message.properties:
        return None
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.UserProperty = list(message.properties)
    return properties
