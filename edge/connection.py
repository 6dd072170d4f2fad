"""MQTT 5: how this node logs in, and one connection as a queue of events."""

import queue
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeAlias

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

_KEEPALIVE_S = 15
_NO_SUBSCRIBERS = 0x10
_HEADER = 16
"""Bytes of a PUBLISH besides topic and payload, at most."""


@dataclass(frozen=True)
class BrokerSettings:
    """Where to connect, and as whom."""

    host: str
    port: int
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class RetainedMessage:
    """A retained message: a birth, a last will, a reported configuration."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Connected:
    """The broker's answer to the login, with its reason; it accepts packets of up to `largest` bytes."""

    refused: bool
    reason: str
    largest: int | None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """PUBACK. With `no_subscribers` the broker accepted the message, but has nobody to give it to."""

    message_id: int
    refused: bool
    no_subscribers: bool
    reason: str


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A message on a topic that this node subscribes to."""

    topic: str
    payload: bytes
    retained: bool


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The connection is gone."""

    reason: str


@dataclass(frozen=True, slots=True)
class WakeRequested:
    """Another thread has put work into the outbox, or asks to stop."""


@dataclass(frozen=True, slots=True)
class PublishRequested:
    """Another thread has a message that goes out now or never."""

    topic: str
    payload: bytes
    retain: bool


ConnectionEvent: TypeAlias = (
    Connected | Acknowledged | MessageReceived | ConnectionLost | WakeRequested | PublishRequested
)


class ConnectionFailed(ConnectionError):
    """There is no connection, or no longer; the text says why."""


def new_client(broker: BrokerSettings, client_id: str) -> mqtt.Client:
    """An MQTT 5 client that is not connected yet and never reconnects by itself."""
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        protocol=mqtt.MQTTv5,
        reconnect_on_failure=False,
    )
    client.username_pw_set(broker.username, broker.password)
    client.connect_timeout = 5.0
    return client


class MqttConnection:
    """One connection, from entering the context to leaving it. What happens is put into `events`.

    Entering connects and waits for the broker's answer. Raises ConnectionFailed or OSError.
    """

    def __init__(
        self,
        broker: BrokerSettings,
        client_id: str,
        will: RetainedMessage,
        events: queue.SimpleQueue[ConnectionEvent],
    ) -> None:
        self._broker = broker
        self._events = events
        self._largest: int | None = None
        self._client = new_client(broker, client_id)
        self._client.will_set(will.topic, will.payload, qos=1, retain=True)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_publish = self._on_publish
        self._client.on_message = self._on_message

    def __enter__(self) -> Self:
        self._client.connect(
            self._broker.host, self._broker.port, keepalive=_KEEPALIVE_S, clean_start=True
        )
        self._client.loop_start()
        try:
            self._await_answer()
        except ConnectionFailed:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.disconnect()
        self._close()

    def accepts(self, topic: str, payload: bytes) -> bool:
        """Whether the broker accepts messages as large as this one."""
        size = len(topic.encode()) + len(payload) + _HEADER
        return self._largest is None or size <= self._largest

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        """Send with QoS 1, without waiting. Returns the id that its Acknowledged will carry."""
        return self._client.publish(topic, payload, qos=1, retain=retain).mid

    def subscribe(self, topic_filter: str) -> None:
        """Subscribe with QoS 1."""
        self._client.subscribe(topic_filter, qos=1)

    def _close(self) -> None:
        """End the client's thread and drop its callbacks, so that its sockets close at once."""
        self._client.loop_stop()
        self._client.on_connect = None
        self._client.on_disconnect = None
        self._client.on_publish = None
        self._client.on_message = None

    def _await_answer(self) -> None:
        while True:
            try:
                event = self._events.get(timeout=10.0)
            except queue.Empty:
                raise ConnectionFailed("the broker did not answer the login") from None
            match event:
                case Connected(refused=True, reason=reason):
                    raise ConnectionFailed(f"the broker refused the login: {reason}")
                case Connected(largest=largest):
                    self._largest = largest
                    return
                case ConnectionLost(reason=reason):
                    raise ConnectionFailed(f"the broker hung up: {reason}")
                case _:
                    continue

    def _on_connect(
        self,
        _client: mqtt.Client,
        _data: object,
        _flags: mqtt.ConnectFlags,
        code: ReasonCode,
        properties: Properties | None,
    ) -> None:
        largest = getattr(properties, "MaximumPacketSize", None)
        self._events.put(Connected(code.is_failure, str(code), largest))

    def _on_disconnect(
        self,
        _client: mqtt.Client,
        _data: object,
        _flags: mqtt.DisconnectFlags,
        code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._events.put(ConnectionLost(str(code)))

    def _on_publish(
        self,
        _client: mqtt.Client,
        _data: object,
        message_id: int,
        code: ReasonCode,
        _properties: Properties,
    ) -> None:
        self._events.put(
            Acknowledged(
                message_id,
                refused=code.is_failure,
                no_subscribers=code.value == _NO_SUBSCRIBERS,
                reason=str(code),
            )
        )

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        self._events.put(MessageReceived(message.topic, bytes(message.payload), message.retain))
