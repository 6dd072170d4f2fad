"""The hub's side of the line: its login, its birth, its orders, and everything that the device sends."""

import json
import queue
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from wire import topics
from wire.decode import Decoded, Malformed, PartlySound, decode
from wire.topics import Address, DeviceId, Kind, Leaf, UnknownTopic

_CONNECTS_WITHIN_S = 10.0


class NoBroker(Exception):
    """The broker can't be reached, or refuses the login; the text says which and what to do."""


@dataclass(frozen=True)
class BrokerAccess:
    """Where the broker is, and the login that may read and write the whole tree.

    `devices_at` is the address where devices log in, if that is another one.
    """

    host: str
    port: int
    username: str
    password: str
    ca_file: Path | None = None
    devices_at: tuple[str, int] | None = None

    @property
    def device_address(self) -> tuple[str, int]:
        return self.devices_at or (self.host, self.port)


@dataclass(frozen=True)
class DeviceOnTrial:
    """The device on trial. `password` None: what needs a second login of the device isn't tried."""

    district: str
    kind: Kind
    device_id: str
    password: str | None = None

    def topic(self, leaf: Leaf, tail: str = "") -> str:
        address = Address(self.district, self.kind, DeviceId(self.device_id), leaf, tail)
        return str(address)


@dataclass(frozen=True)
class HeardMessage:
    """One message of the device, and why the hub would refuse it (`fault` is empty if it wouldn't)."""

    at: float
    topic: str
    payload: bytes
    qos: int
    retain: bool
    """QoS and retain flag as the device published it."""
    address: Address | None = None
    decoded: Decoded | None = None
    fault: str = ""


def read_uplink(message: MQTTMessage) -> HeardMessage:
    """Decode a message as the hub does."""
    bare = HeardMessage(
        time.monotonic(),
        message.topic,
        bytes(message.payload),
        message.qos,
        bool(message.retain),
    )
    try:
        address = topics.parse(message.topic)
    except UnknownTopic as error:
        return replace(bare, fault=f"topic: {error.reason}")
    if not bare.payload and bare.retain:
        return replace(bare, address=address)
    try:
        decoded = decode(address, bare.payload)
    except Malformed as error:
        return replace(bare, address=address, fault=error.reason)
    if isinstance(decoded, PartlySound):
        return replace(bare, address=address, fault=decoded.reasons[0])
    return replace(bare, address=address, decoded=decoded)


@dataclass
class PlayedHub:
    """Connected as the hub; `heard` grows while it is in use."""

    client: Client
    access: BrokerAccess
    tested: DeviceOnTrial
    heard: list[HeardMessage] = field(default_factory=list)
    _news: "queue.SimpleQueue[None]" = field(default_factory=queue.SimpleQueue)

    def say(self, leaf: Leaf, document: object, tail: str = "", *, retain: bool = False) -> None:
        """Publish a JSON document to the device; returns once the broker has it. Raises NoBroker."""
        payload = json.dumps(document, ensure_ascii=False).encode()
        self._publish(self.tested.topic(leaf, tail), payload, retain=retain)

    def put_back(self, leaf: Leaf, kept: HeardMessage | None) -> None:
        """Retain again what was there before the trial, or nothing if nothing was. Raises NoBroker."""
        payload = b"" if kept is None else kept.payload
        self._publish(self.tested.topic(leaf), payload, retain=True)

    def be_born(self) -> datetime:
        """Announce the hub with a new start; devices announce themselves again."""
        now = datetime.now(UTC)
        status = {"state": "online", "started_at": now.isoformat(), "version": "conform"}
        topic = topics.hub_status(self.tested.district)
        self._publish(topic, json.dumps(status).encode(), retain=True)
        return now

    def mark(self) -> int:
        """A place in what was heard; `since` reads on from there."""
        return len(self.heard)

    def since(self, mark: int, *leaves: Leaf) -> list[HeardMessage]:
        """What came after a mark, on these leaves or on any."""
        return [
            each
            for each in self.heard[mark:]
            if not leaves or (each.address is not None and each.address.leaf in leaves)
        ]

    def stored(self, leaf: Leaf, within_s: float = 2.0) -> HeardMessage | None:
        """The device's retained message on a leaf, as a new subscriber gets it; None without one."""
        client = connected_client(self.access, f"conform-{time.time_ns():x}")
        found: queue.SimpleQueue[HeardMessage] = queue.SimpleQueue()
        client.on_message = lambda _c, _u, message: found.put(read_uplink(message))
        try:
            client.subscribe(self.tested.topic(leaf), qos=1)
            return found.get(timeout=within_s)
        except queue.Empty:
            return None
        finally:
            _leave(client)

    def wait(self, found: Callable[[], object], within_s: float) -> bool:
        """Whether `found` becomes true in time; it is asked after every message."""
        deadline = time.monotonic() + within_s
        while not found():
            left = deadline - time.monotonic()
            if left <= 0:
                return bool(found())
            with suppress(queue.Empty):
                self._news.get(timeout=min(left, 0.5))
        return True

    def take(self, message: MQTTMessage) -> None:
        """Called by the client's thread for each message."""
        self.heard.append(read_uplink(message))
        self._news.put(None)

    def _publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        sent = self.client.publish(topic, payload, qos=1, retain=retain)
        try:
            sent.wait_for_publish(_CONNECTS_WITHIN_S)
        except (RuntimeError, ValueError) as error:
            raise NoBroker(f"the broker did not take a message on {topic}: {error}") from error
        if not sent.is_published():
            raise NoBroker(f"the broker did not acknowledge a message on {topic}")


def connected_client(
    access: BrokerAccess, client_id: str, *, keeps_session: bool = False
) -> Client:
    """A client that is logged in; its thread runs. `keeps_session`: go on with that of the client id.

    Raises NoBroker.
    """
    client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTv5)
    client.username_pw_set(access.username, access.password)
    if access.ca_file is not None:
        client.tls_set(str(access.ca_file), tls_version=ssl.PROTOCOL_TLS_CLIENT)
    answers: queue.SimpleQueue[ReasonCode] = queue.SimpleQueue()
    client.on_connect = lambda _c, _u, _f, reason, _p: answers.put(reason)
    where = f"{access.host}:{access.port}"
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = 24 * 3600 if keeps_session else 0
    try:
        client.connect(
            access.host, access.port, 30, clean_start=not keeps_session, properties=properties
        )
    except OSError as error:
        raise NoBroker(f"no broker answers at {where}: {error}") from error
    client.loop_start()
    try:
        reason = answers.get(timeout=_CONNECTS_WITHIN_S)
    except queue.Empty:
        _leave(client)
        raise NoBroker(f"the broker at {where} did not answer the log-in") from None
    if reason.is_failure:
        _leave(client)
        raise NoBroker(f"the broker at {where} refused {access.username!r}: {reason}")
    return client


@contextmanager
def played_hub(access: BrokerAccess, tested: DeviceOnTrial) -> Iterator[PlayedHub]:
    """Log in as the hub, and hear everything on the device's branch. Raises NoBroker."""
    client = connected_client(access, f"conform-{time.time_ns():x}")
    hub = PlayedHub(client, access, tested)
    client.on_message = lambda _c, _u, message: hub.take(message)
    answers: queue.SimpleQueue[list[ReasonCode]] = queue.SimpleQueue()
    client.on_subscribe = lambda _c, _u, _m, codes, _p: answers.put(codes)
    branch = f"{topics.PREFIX}/{tested.district}/{tested.kind}/{tested.device_id}/#"
    options = SubscribeOptions(
        qos=2,
        noLocal=True,
        retainAsPublished=True,
        retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND,
    )
    try:
        client.subscribe(branch, options=options)
        try:
            codes = answers.get(timeout=_CONNECTS_WITHIN_S)
        except queue.Empty:
            raise NoBroker(f"the broker did not answer the subscription to {branch}") from None
        if any(code.is_failure for code in codes):
            raise NoBroker(f"{access.username!r} may not read {branch}: give the hub's own login")
        yield hub
    finally:
        _leave(client)


def take_over(access: BrokerAccess, tested: DeviceOnTrial) -> None:
    """Log in once under the device's own id, so that the broker cuts the device off. Raises NoBroker."""
    assert tested.password is not None
    host, port = access.device_address
    own = replace(access, host=host, port=port, username=tested.device_id, password=tested.password)
    _leave(connected_client(own, tested.device_id, keeps_session=True))


def _leave(client: Client) -> None:
    client.disconnect()
    client.loop_stop()
