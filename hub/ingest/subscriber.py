"""The MQTT side of ingest: what arrives is queued, and acknowledged only when told so.

aiomqtt acknowledges on receipt, so paho's manual acknowledgement is used. `receive_maximum` bounds
how many messages are unacknowledged, and with it the memory of this process.
"""

import queue
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog
from paho.mqtt.client import Client, ConnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from hub.clock import Clock
from hub.clock import now as wall_clock
from wire import topics
from wire.families import HUB_STATUS, TO_HUB
from wire.messages import HubStatus, Link

log = structlog.get_logger()

SESSION_EXPIRY_S = 7 * 24 * 3600
GROUP = "ingest"


@dataclass(frozen=True, slots=True)
class Received:
    """One message that the broker still holds for us. `connection` tells apart reused packet ids."""

    topic: str
    payload: bytes
    received_at: datetime
    mid: int
    qos: int
    connection: int


@dataclass(frozen=True)
class Broker:
    """Where and as whom to connect; `client_id` must stay the same over restarts."""

    host: str
    port: int
    username: str
    password: str | None
    client_id: str


class Subscriber:
    """A shared subscription to everything that devices send. The constructor connects nothing."""

    def __init__(
        self,
        broker: Broker,
        district: str,
        version: str,
        *,
        receive_maximum: int = 4000,
        clock: Clock = wall_clock,
    ) -> None:
        self._broker = broker
        self._district = district
        self._version = version
        self._clock = clock
        self._receive_maximum = receive_maximum
        self._connection = 0
        self._announce = False
        self.subscribed = threading.Event()
        self._queue: queue.SimpleQueue[Received] = queue.SimpleQueue()
        self._client = Client(
            CallbackAPIVersion.VERSION2, broker.client_id, protocol=MQTTv5, manual_ack=True
        )
        if broker.password is not None:
            self._client.username_pw_set(broker.username, broker.password)
        self._client.reconnect_delay_set(1, 20)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.on_disconnect = self._on_disconnect

    def start(self) -> None:
        """Connect in the background, and again whenever the connection is lost."""
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = SESSION_EXPIRY_S
        properties.ReceiveMaximum = self._receive_maximum
        self._client.connect_async(
            self._broker.host,
            self._broker.port,
            keepalive=20,
            clean_start=False,
            properties=properties,
        )
        self._client.loop_start()

    def stop(self) -> None:
        """Disconnect; the broker keeps the session and what was not acknowledged."""
        self._client.disconnect()
        self._client.loop_stop()

    def batch(self, *, limit: int, linger_s: float, wait_s: float) -> list[Received]:
        """Up to `limit` messages: waits `wait_s` for the first, then `linger_s` for more."""
        try:
            received = [self._queue.get(timeout=wait_s)]
        except queue.Empty:
            return []
        until = time.monotonic() + linger_s
        while len(received) < limit:
            try:
                received.append(self._queue.get(timeout=max(0.0, until - time.monotonic())))
            except queue.Empty:
                break
        return received

    def acknowledge(self, messages: Iterable[Received]) -> None:
        """Let the broker forget them. Those of a lost connection come again, and are known then."""
        for message in messages:
            if message.connection == self._connection:
                self._client.ack(message.mid, message.qos)

    def _on_connect(
        self,
        client: Client,
        _userdata: object,
        flags: ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            log.error("broker_refused_login", reason=str(reason), host=self._broker.host)
            return
        self._connection += 1
        self._announce = not flags.session_present
        options = SubscribeOptions(qos=1)
        client.subscribe(
            [
                (topics.shared(GROUP, topics.every_device(family.kind, family.leaf)), options)
                for family in TO_HUB
            ]
        )
        log.info("broker_connected", session_present=flags.session_present)

    def _on_subscribe(
        self,
        client: Client,
        _userdata: object,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            log.error("subscription_refused", reasons=[str(reason) for reason in reasons])
            return
        self.subscribed.set()
        if self._announce:
            # Shared subscriptions get no retained messages: ask all devices to speak again.
            self._announce = False
            status = HubStatus(state=Link.ONLINE, started_at=self._clock(), version=self._version)
            client.publish(
                topics.hub_status(self._district), HUB_STATUS.dump_json(status), 1, retain=True
            )
            log.info("hub_announced")

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        self._queue.put(
            Received(
                message.topic,
                bytes(message.payload),
                self._clock(),
                message.mid,
                message.qos,
                self._connection,
            )
        )

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: object,
        _flags: object,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            log.warning("broker_lost", reason=str(reason))
