"""The MQTT side of ingest: what arrives waits to be stored, and is acknowledged only when told so.

aiomqtt acknowledges on receipt, so paho is used, and its acknowledgement is left to us.
`receive_maximum` bounds how many messages are unacknowledged, and with it the memory of this process.
"""

import socket
import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import structlog
from paho.mqtt.client import Client, ConnectFlags, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from hub.clock import Clock
from hub.clock import now as wall_clock
from hub.ingest import metrics
from hub.ingest.line import Line
from hub.ingest.packets import Publication
from hub.ingest.waiting import Received, Waiting
from wire import topics
from wire.families import HUB_STATUS, Family
from wire.messages import HubStatus, Link

log = structlog.get_logger()

SESSION_EXPIRY_S = 7 * 24 * 3600
GROUP = "ingest"


@dataclass(frozen=True)
class Broker:
    """Where and as whom to connect; `client_id` must stay the same over restarts."""

    host: str
    port: int
    username: str
    password: str | None
    client_id: str


class LineClient(Client):
    """paho, with a line between it and its socket."""

    def __init__(self, client_id: str, deliver: Callable[[Line, list[Publication]], None]) -> None:
        super().__init__(CallbackAPIVersion.VERSION2, client_id, protocol=MQTTv5, manual_ack=True)
        self._deliver = deliver

    def _create_socket(self) -> Line:
        # paho has no public way to bring a socket of one's own. test_line.py tells when this is no
        # longer where it makes its socket.
        made = super()._create_socket()
        assert isinstance(made, socket.socket)
        return Line(made, self._deliver)


class Roll:
    """Which of a process's subscriptions hold just now."""

    def __init__(self, subscribers: int) -> None:
        self._subscribers = subscribers
        self._holding: set[str] = set()
        self._calling = threading.Lock()

    def completed_by(self, client_id: str) -> bool:
        """Note that a subscription holds; whether all do now."""
        with self._calling:
            self._holding.add(client_id)
            return len(self._holding) == self._subscribers

    def lost(self, client_id: str) -> None:
        """Note that one does not hold any more."""
        with self._calling:
            self._holding.discard(client_id)


class Subscriber:
    """A shared subscription to some of what devices send. The constructor connects nothing.

    The hub is announced by whoever completes the roll. One that is `leaving` takes what the broker has
    queued for it, and nothing new; its `stop` ends the session.
    """

    def __init__(
        self,
        broker: Broker,
        district: str,
        version: str,
        families: Collection[Family],
        roll: Roll,
        *,
        receive_maximum: int,
        leaving: bool = False,
        clock: Clock = wall_clock,
    ) -> None:
        self._broker = broker
        self._district = district
        self._version = version
        self._families = families
        self._roll = roll
        self._clock = clock
        self._receive_maximum = receive_maximum
        self._leaving = leaving
        self._line: Line | None = None
        self._unacknowledged = 0
        self._counting = threading.Lock()
        self._gauge = metrics.UNACKNOWLEDGED.labels(broker.client_id)
        self.waiting = Waiting(receive_maximum)
        self.subscribed = threading.Event()
        """Set once the broker has confirmed what this is for: to get all, or, leaving, nothing new."""
        self._client = LineClient(broker.client_id, self._take)
        if broker.password is not None:
            self._client.username_pw_set(broker.username, broker.password)
        self._client.reconnect_delay_set(1, 20)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_unsubscribe = lambda *_: self.subscribed.set()
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
        """Disconnect; the broker keeps the session and what was not acknowledged, unless leaving."""
        properties = None
        if self._leaving:
            properties = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = 0
        self._client.disconnect(properties=properties)
        self._client.loop_stop()

    @property
    def is_idle(self) -> bool:
        """Whether the broker waits for no acknowledgement of ours."""
        return self._unacknowledged == 0

    def acknowledge(self, messages: Iterable[Received]) -> None:
        """Let the broker forget them. Those of a lost line come again, and are known then."""
        present = self._line
        packet_ids = [
            each.packet_id for each in messages if each.packet_id and each.line is present
        ]
        if present is not None and packet_ids:
            present.acknowledge(packet_ids)
            self._count(-len(packet_ids))

    def _take(self, line: Line, publications: list[Publication]) -> None:
        if line is not self._line:
            self._line = line
            self.waiting.forget()
            self._count(-self._unacknowledged)
        self._count(sum(1 for each in publications if each.packet_id))
        received_at = self._clock()
        self.waiting.put([Received(*each, received_at, line) for each in publications])

    def _count(self, more: int) -> None:
        with self._counting:
            self._unacknowledged += more
            self._gauge.set(self._unacknowledged)

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
        metrics.CONNECTIONS.inc()
        filters = [
            topics.shared(GROUP, topics.every_device(family.kind, family.leaf))
            for family in self._families
        ]
        if self._leaving:
            client.unsubscribe(filters)
        else:
            client.subscribe([(each, SubscribeOptions(qos=1)) for each in filters])
        log.info(
            "broker_connected",
            client_id=self._broker.client_id,
            session_present=flags.session_present,
        )

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
        if self._roll.completed_by(self._broker.client_id):
            self._announce(client)

    def _announce(self, client: Client) -> None:
        # Ask all devices to speak again: a shared subscription gets no retained messages, and a
        # broker that came back had none of ours until now, even where it says that it kept the session.
        status = HubStatus(state=Link.ONLINE, started_at=self._clock(), version=self._version)
        client.publish(
            topics.hub_status(self._district), HUB_STATUS.dump_json(status), 1, retain=True
        )
        log.info("hub_announced")

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: object,
        _flags: object,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._roll.lost(self._broker.client_id)
        if reason.is_failure:
            log.warning("broker_lost", reason=str(reason), client_id=self._broker.client_id)
