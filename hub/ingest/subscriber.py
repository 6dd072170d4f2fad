"""The MQTT side of ingest: messages are queued on arrival and acknowledged only after they are stored.

aiomqtt acknowledges on receipt, so ingest uses paho with manual acknowledgement. `receive_maximum`
limits how many messages are unacknowledged, and so how much memory this process needs.
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
from hub.ingest.connection import BrokerConnection
from hub.ingest.packets import Publication
from hub.ingest.queue import MessageQueue, ReceivedMessage
from hub.ingest.retained import RetainGuard
from hub.ingest.subscriptions import Subscriptions
from wire import topics
from wire.families import HUB_STATUS, Family
from wire.limits import CONTRACT_VERSION
from wire.messages import HubStatus, Link

log = structlog.get_logger()

SESSION_EXPIRY_S = 7 * 24 * 3600
FIRST_GROUP = "ingest"
"""The group of shared subscriptions unless a setting says otherwise."""


@dataclass(frozen=True)
class Broker:
    """The broker's address and our login; `client_id` must stay the same across restarts.

    Whoever knows `share_group` and may subscribe to it takes messages from the other members.
    """

    host: str
    port: int
    username: str
    password: str | None
    client_id: str
    share_group: str = FIRST_GROUP


class BrokerClient(Client):
    """paho's client, with our connection in place of its socket."""

    def __init__(
        self, client_id: str, deliver: Callable[[BrokerConnection, list[Publication]], None]
    ) -> None:
        super().__init__(CallbackAPIVersion.VERSION2, client_id, protocol=MQTTv5, manual_ack=True)
        self._deliver = deliver

    def _create_socket(self) -> BrokerConnection:
        # paho has no public way to supply a socket. test_connection.py fails if a new version of paho
        # no longer creates its socket here.
        made = super()._create_socket()
        assert isinstance(made, socket.socket)
        return BrokerConnection(made, self._deliver)


class Subscriber:
    """A shared subscription to some of the topics of devices. The constructor connects nothing.

    The subscriber that completes `subscriptions` announces the hub. One that is `leaving` receives what
    the broker has queued for it and nothing new, and its `stop` ends the session.
    """

    def __init__(
        self,
        broker: Broker,
        district: str,
        version: str,
        families: Collection[Family],
        subscriptions: Subscriptions,
        *,
        receive_maximum: int,
        leaving: bool = False,
        clock: Clock = wall_clock,
    ) -> None:
        self._broker = broker
        self._district = district
        self._version = version
        self._families = families
        self._subscriptions = subscriptions
        self._clock = clock
        self._receive_maximum = receive_maximum
        self._leaving = leaving
        self._connection: BrokerConnection | None = None
        self._unacknowledged = 0
        self._counting = threading.Lock()
        self._gauge = metrics.UNACKNOWLEDGED.labels(broker.client_id)
        self._retained = RetainGuard(self._clear)
        self.queue = MessageQueue(receive_maximum)
        self.subscribed = threading.Event()
        """Set once the broker has confirmed the subscription or, when leaving, its end."""
        self._client = BrokerClient(broker.client_id, self._take)
        if broker.password is not None:
            self._client.username_pw_set(broker.username, broker.password)
        self._client.reconnect_delay_set(1, 20)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        if leaving:
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
        """Disconnect. Unless leaving, the broker keeps the session and all unacknowledged messages."""
        properties = None
        if self._leaving:
            properties = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = 0
        self._client.disconnect(properties=properties)
        self._client.loop_stop()

    @property
    def is_idle(self) -> bool:
        """Whether every message is acknowledged."""
        return self._unacknowledged == 0

    def acknowledge(self, messages: Iterable[ReceivedMessage]) -> None:
        """Acknowledge messages. Those of a lost connection come again and are recognised then."""
        present = self._connection
        packet_ids = [
            each.packet_id for each in messages if each.packet_id and each.connection is present
        ]
        if present is not None and packet_ids:
            present.acknowledge(packet_ids)
            self._count(-len(packet_ids))

    def _take(self, connection: BrokerConnection, publications: list[Publication]) -> None:
        if connection is not self._connection:
            self._connection = connection
            self.queue.clear()
            self._count(-self._unacknowledged)
        taken = [
            each for each in publications if not each.retain or self._retained.is_to_store(each)
        ]
        if len(taken) < len(publications):
            stored = {each.packet_id for each in taken}
            connection.acknowledge(
                each.packet_id
                for each in publications
                if each.packet_id and each.packet_id not in stored
            )
        self._count(sum(1 for each in taken if each.packet_id))
        received_at = self._clock()
        self.queue.put(
            [
                ReceivedMessage(topic, payload, packet_id, received_at, connection)
                for topic, payload, packet_id, _retain in taken
            ]
        )

    def _count(self, change: int) -> None:
        with self._counting:
            self._unacknowledged += change
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
        filters = self._filters(self._broker.share_group)
        if self._leaving:
            client.unsubscribe(filters)
        else:
            # The flag is wanted as published: see RetainGuard.
            options = SubscribeOptions(qos=1, retainAsPublished=True)
            client.subscribe([(each, options) for each in filters])
            if flags.session_present and self._broker.share_group != FIRST_GROUP:
                client.unsubscribe(self._filters(FIRST_GROUP))
        log.info(
            "broker_connected",
            client_id=self._broker.client_id,
            session_present=flags.session_present,
        )

    def _filters(self, group: str) -> list[str]:
        return [
            topics.shared(group, topics.every_device(family.kind, family.leaf))
            for family in self._families
        ]

    def _clear(self, topic: str) -> None:
        self._client.publish(topic, b"", qos=1, retain=True)

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
        if self._subscriptions.completed_by(self._broker.client_id):
            self._announce(client)

    def _announce(self, client: Client) -> None:
        # Ask all devices to report again: a shared subscription gets no retained messages, and a broker
        # that came back may have lost ours even if it says that it kept the session.
        status = HubStatus(
            state=Link.ONLINE,
            started_at=self._clock(),
            version=self._version,
            contract=CONTRACT_VERSION,
        )
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
        self._subscriptions.lost(self._broker.client_id)
        if reason.is_failure:
            log.warning("broker_lost", reason=str(reason), client_id=self._broker.client_id)
