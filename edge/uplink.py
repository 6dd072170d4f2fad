"""Delivers the outbox to the hub's broker, however often the hub or the broker dies."""

import queue
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event

import structlog

from edge.connection import (
    Acknowledged,
    BrokerSettings,
    ConnectionEvent,
    ConnectionFailed,
    ConnectionLost,
    MessageReceived,
    MqttConnection,
    PublishRequested,
    RetainedMessage,
    WakeRequested,
)
from edge.outbox import MessagePriority, OutboxTable, QueuedMessage
from edge.resend_buffer import ResendBuffer
from edge.retry import keep_trying
from wire.decode import Malformed, decode_hub_status
from wire.messages import Link as DeviceLink

_log = structlog.get_logger()

_WINDOW = 8
"""Messages in flight: enough to fill a slow line, and at most 4 MiB of pictures in memory."""
_NO_SUBSCRIBERS_S = 15.0
_FAREWELL_S = 2.0


@dataclass(frozen=True)
class NodeIdentity:
    """What the node says of itself each time it connects, and the topics that it subscribes to.

    `birth` is called anew each time. `subscriptions` has the handler of a topic's payloads; it runs
    in the uplink's thread.
    """

    client_id: str
    hub_status_topic: str
    birth: Callable[[], Sequence[RetainedMessage]]
    will: RetainedMessage
    subscriptions: Mapping[str, Callable[[bytes], None]] = field(default_factory=dict)


@dataclass
class _Delivery:
    """The state of delivery over one connection. `in_flight` are sent but not acknowledged yet."""

    connection: MqttConnection
    outbox: OutboxTable
    resend_buffer: ResendBuffer
    sent_up_to: int = 0
    in_flight: dict[int, QueuedMessage] = field(default_factory=dict)
    paused_until_s: float | None = None

    def send(self) -> None:
        """Send what there is room for; after a pause, start again with the oldest.

        A message that the broker will never accept is given up, so that it does not block the rest.
        """
        if self.paused_until_s is not None:
            if self.in_flight or time.monotonic() < self.paused_until_s:
                return
            self.paused_until_s = None
            self.sent_up_to = 0
        for queued in self.outbox.after(self.sent_up_to, _WINDOW - len(self.in_flight)):
            message = queued.message
            self.sent_up_to = queued.outbox_id
            if self.connection.accepts(message.topic, message.payload):
                self.in_flight[self.connection.publish(message.topic, message.payload)] = queued
            else:
                size = len(message.payload)
                _log.error("message_given_up", topic=message.topic, size=size)
                self.outbox.give_up(queued)

    def settle(self, acknowledged: Acknowledged) -> None:
        """Forget a message that was delivered; keep one that had no subscriber.

        Raises ConnectionFailed if the broker refused it, which only the broker's operator can fix.
        """
        queued = self.in_flight.pop(acknowledged.message_id, None)
        if queued is None:
            return
        topic, reason = queued.message.topic, acknowledged.reason
        if acknowledged.refused:
            raise ConnectionFailed(f"the broker refused a message on {topic}: {reason}")
        if acknowledged.no_subscribers and queued.message.priority > MessagePriority.HEALTH:
            if self.paused_until_s is None:
                _log.warning("message_without_subscribers", topic=topic, retry_s=_NO_SUBSCRIBERS_S)
            self.paused_until_s = time.monotonic() + _NO_SUBSCRIBERS_S
            return
        self.outbox.delivered(queued.outbox_id)
        if queued.message.priority > MessagePriority.HEALTH:
            self.resend_buffer.add(queued)

    def start_over(self) -> None:
        """The hub subscribes again: send what it may have missed and what had no subscriber."""
        self.outbox.put_back(self.resend_buffer.all())
        self.paused_until_s = time.monotonic()


class Uplink:
    """The connection to the hub, renewed for as long as the node runs."""

    def __init__(self, broker: BrokerSettings, identity: NodeIdentity, outbox: OutboxTable) -> None:
        self._broker = broker
        self._identity = identity
        self._outbox = outbox
        self._events: queue.SimpleQueue[ConnectionEvent] = queue.SimpleQueue()
        self._resend_buffer = ResendBuffer()
        self._hub_started_at: datetime | None = None

    def wake(self) -> None:
        """Look at the outbox now: it has something new, or it is time to stop."""
        self._events.put(WakeRequested())

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send a message without the outbox; without a connection it is lost."""
        self._events.put(PublishRequested(topic, payload, retain))

    def run(self, stop: Event) -> None:
        """Deliver until stopped."""
        keep_trying(self._connect, OSError, _log_lost, stop)

    def _connect(self, stop: Event) -> None:
        """Deliver over one connection. Raises OSError once it is lost."""
        self._events = queue.SimpleQueue()
        with self._new_connection() as connection:
            self._announce(connection)
            for topic in (
                self._identity.hub_status_topic,
                *self._identity.subscriptions,
            ):
                connection.subscribe(topic)
            self._deliver(_Delivery(connection, self._outbox, self._resend_buffer), stop)
            self._announce_offline(connection)

    def _new_connection(self) -> MqttConnection:
        identity = self._identity
        return MqttConnection(self._broker, identity.client_id, identity.will, self._events)

    def _announce(self, connection: MqttConnection) -> None:
        for state in self._identity.birth():
            connection.publish(state.topic, state.payload, retain=True)
        _log.info("uplink_announced", host=self._broker.host, port=self._broker.port)

    def _deliver(self, delivery: _Delivery, stop: Event) -> None:
        while not stop.is_set():
            delivery.send()
            try:
                event = self._events.get(timeout=1.0)
            except queue.Empty:
                continue
            match event:
                case Acknowledged():
                    delivery.settle(event)
                case MessageReceived():
                    self._receive(delivery, event)
                case PublishRequested(topic=topic, payload=payload, retain=retain):
                    delivery.connection.publish(topic, payload, retain=retain)
                case ConnectionLost(reason=reason):
                    raise ConnectionFailed(reason)

    def _receive(self, delivery: _Delivery, message: MessageReceived) -> None:
        """Pass a message to its handler.

        If the hub has just started, announce this node again and resend what it may have missed.
        """
        if handle := self._identity.subscriptions.get(message.topic):
            handle(message.payload)
            return
        try:
            status = decode_hub_status(message.topic, message.payload)
        except Malformed as error:
            _log.warning("hub_status_unreadable", reason=error.reason)
            return
        if status.state is not DeviceLink.ONLINE or status.started_at == self._hub_started_at:
            return
        delivery.start_over()
        self._hub_started_at = status.started_at
        if not message.retained:
            self._announce(delivery.connection)

    def _announce_offline(self, connection: MqttConnection) -> None:
        """Publish the offline status, and wait a moment for it; otherwise the last will says it."""
        will = self._identity.will
        farewell = connection.publish(will.topic, will.payload, retain=True)
        deadline_s = time.monotonic() + _FAREWELL_S
        while (left_s := deadline_s - time.monotonic()) > 0:
            try:
                event = self._events.get(timeout=left_s)
            except queue.Empty:
                return
            match event:
                case Acknowledged(message_id=settled) if settled == farewell:
                    return
                case ConnectionLost():
                    return
                case _:
                    continue


def _log_lost(error: OSError, wait_s: float) -> None:
    _log.warning("uplink_lost", reason=str(error), retry_s=round(wait_s, 1))
