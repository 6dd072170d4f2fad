"""Delivers the outbox to the hub's broker, however often either of them dies."""

import queue
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event

import structlog

from edge.connection import (
    Acknowledged,
    Backoff,
    BrokerLogin,
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
from wire.decode import Malformed, decode_hub_status
from wire.messages import Link as DeviceLink

_log = structlog.get_logger()

_WINDOW = 8
"""Messages in flight: enough to fill a slow line, and at most 4 MiB of pictures in memory."""
_UNHEARD_S = 15.0
_STEADY_S = 30.0
"""A connection that held for so long was a good one: the next attempt need not wait."""
_FAREWELL_S = 2.0


@dataclass(frozen=True)
class NodeIdentity:
    """What the node says of itself whenever it connects, and what it listens to besides the hub.

    `birth` is made anew each time; `hears` has what is to be done with a payload, by topic, in the
    uplink's thread.
    """

    client_id: str
    hub_status_topic: str
    birth: Callable[[], Sequence[RetainedMessage]]
    will: RetainedMessage
    subscriptions: Mapping[str, Callable[[bytes], None]] = field(default_factory=dict)


@dataclass
class _Flight:
    """The state of delivery over one connection. `flying` are sent and not acknowledged."""

    link: MqttConnection
    outbox: OutboxTable
    recent: ResendBuffer
    sent_up_to: int = 0
    in_flight: dict[int, QueuedMessage] = field(default_factory=dict)
    paused_until_s: float | None = None

    def send(self) -> None:
        """Send what there is room for; after a pause, from the oldest on.

        What the broker says that it never takes is given up, lest it hold up all else.
        """
        if self.paused_until_s is not None:
            if self.in_flight or time.monotonic() < self.paused_until_s:
                return
            self.paused_until_s = None
            self.sent_up_to = 0
        for waiting in self.outbox.after(self.sent_up_to, _WINDOW - len(self.in_flight)):
            message = waiting.message
            self.sent_up_to = waiting.outbox_id
            if self.link.takes(message.topic, message.payload):
                self.in_flight[self.link.publish(message.topic, message.payload)] = waiting
            else:
                size = len(message.payload)
                _log.error("message_given_up", topic=message.topic, size=size)
                self.outbox.give_up(waiting)

    def settle(self, acknowledged: Acknowledged) -> None:
        """Forget a message that was taken on; keep one that nobody would have got.

        Raises LinkFailed when the broker refused it, which only its operator can mend.
        """
        waiting = self.in_flight.pop(acknowledged.message_id, None)
        if waiting is None:
            return
        topic, reason = waiting.message.topic, acknowledged.reason
        if acknowledged.refused:
            raise ConnectionFailed(f"the broker refused a message on {topic}: {reason}")
        if acknowledged.unheard and waiting.message.priority > MessagePriority.HEALTH:
            if self.paused_until_s is None:
                _log.warning("message_unheard", topic=topic, retry_s=_UNHEARD_S)
            self.paused_until_s = time.monotonic() + _UNHEARD_S
            return
        self.outbox.delivered(waiting.outbox_id)
        if waiting.message.priority > MessagePriority.HEALTH:
            self.recent.add(waiting)

    def start_over(self) -> None:
        """The hub listens anew: send what it may have missed, and what nobody had heard."""
        self.outbox.put_back(self.recent.all())
        self.paused_until_s = time.monotonic()


class Uplink:
    """The connection to the hub, made again for as long as the node runs."""

    def __init__(self, broker: BrokerLogin, identity: NodeIdentity, outbox: OutboxTable) -> None:
        self._broker = broker
        self._identity = identity
        self._outbox = outbox
        self._events: queue.SimpleQueue[ConnectionEvent] = queue.SimpleQueue()
        self._recent = ResendBuffer()
        self._hub_started_at: datetime | None = None

    def wake(self) -> None:
        """There is something new in the outbox, or it is time to stop."""
        self._events.put(WakeRequested())

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send a message past the outbox; it is lost where there is no connection."""
        self._events.put(PublishRequested(topic, payload, retain))

    def run(self, stop: Event) -> None:
        """Deliver until stopped."""
        backoff = Backoff()
        while not stop.is_set():
            self._events = queue.SimpleQueue()
            since_s = time.monotonic()
            try:
                with self._new_link() as link:
                    self._announce(link)
                    for topic in (self._identity.hub_status_topic, *self._identity.subscriptions):
                        link.subscribe(topic)
                    self._deliver(_Flight(link, self._outbox, self._recent), stop)
                    self._take_leave(link)
            except OSError as error:
                if time.monotonic() - since_s > _STEADY_S:
                    backoff.reset()
                wait_s = backoff.next_s()
                _log.warning("uplink_lost", reason=str(error), retry_s=round(wait_s, 1))
                stop.wait(wait_s)

    def _new_link(self) -> MqttConnection:
        identity = self._identity
        return MqttConnection(self._broker, identity.client_id, identity.will, self._events)

    def _announce(self, link: MqttConnection) -> None:
        for state in self._identity.birth():
            link.publish(state.topic, state.payload, retain=True)
        _log.info("uplink_announced", host=self._broker.host, port=self._broker.port)

    def _deliver(self, flight: _Flight, stop: Event) -> None:
        while not stop.is_set():
            flight.send()
            try:
                event = self._events.get(timeout=1.0)
            except queue.Empty:
                continue
            match event:
                case Acknowledged():
                    flight.settle(event)
                case MessageReceived():
                    self._hear(flight, event)
                case PublishRequested(topic=topic, payload=payload, retain=retain):
                    flight.link.publish(topic, payload, retain=retain)
                case ConnectionLost(reason=reason):
                    raise ConnectionFailed(reason)

    def _hear(self, flight: _Flight, message: MessageReceived) -> None:
        """Hand a message to who waits for it.

        At the hub's birth, announce this node again and send what may not have been heard.
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
        flight.start_over()
        self._hub_started_at = status.started_at
        if not message.retained:
            self._announce(flight.link)

    def _take_leave(self, link: MqttConnection) -> None:
        """Say in order that the node goes; whoever misses it learns of it by the last will."""
        will = self._identity.will
        farewell = link.publish(will.topic, will.payload, retain=True)
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
