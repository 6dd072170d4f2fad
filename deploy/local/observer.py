"""Everything that passes the broker, as an outsider sees it."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from wire import topics
from wire.frames import OBSERVED_AT
from wire.topics import Address, Leaf, UnknownTopic

KEPT_FRAMES = 200


@dataclass(frozen=True)
class ObservedMessage:
    """One message, and the time at which it was seen; `frame_at` is a frame's own time."""

    address: Address
    payload: bytes
    seen_at: datetime
    frame_at: datetime | None = None


@dataclass
class Observer:
    """What was seen so far, by leaf."""

    seen: dict[Leaf, list[ObservedMessage]] = field(default_factory=lambda: defaultdict(list))
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def receive(self, message: MQTTMessage) -> None:
        try:
            address = topics.parse(message.topic)
        except UnknownTopic:
            return
        frame_at = None
        for name, value in getattr(message.properties, "UserProperty", []):
            if name == OBSERVED_AT:
                frame_at = datetime.fromisoformat(value)
        with self._changed:
            kept = self.seen[address.leaf]
            kept.append(
                ObservedMessage(address, bytes(message.payload), datetime.now(UTC), frame_at)
            )
            if address.leaf is Leaf.FRAMES and len(kept) > KEPT_FRAMES:
                del kept[0]
            self._changed.notify_all()

    def of(self, leaf: Leaf) -> list[ObservedMessage]:
        """A copy of what was seen of one leaf."""
        with self._changed:
            return list(self.seen[leaf])

    def first(
        self, leaf: Leaf, wanted: Callable[[ObservedMessage], bool], within_s: float
    ) -> ObservedMessage | None:
        """Wait for the first wanted message of a leaf; None if none comes in time."""
        deadline = time.monotonic() + within_s
        with self._changed:
            while True:
                for seen in self.seen[leaf]:
                    if wanted(seen):
                        return seen
                left_s = deadline - time.monotonic()
                if left_s <= 0:
                    return None
                self._changed.wait(left_s)


@contextmanager
def observing(port: int, username: str, password: str, district: str) -> Iterator[Observer]:
    """An observer that is subscribed to the district's whole tree."""
    observer, subscribed = Observer(), threading.Event()
    client = Client(CallbackAPIVersion.VERSION2, f"observer-{time.time_ns()}", protocol=MQTTv5)
    client.username_pw_set(username, password)
    client.on_connect = lambda c, *_: c.subscribe(f"{topics.PREFIX}/{district}/#", qos=1)
    client.on_subscribe = lambda *_: subscribed.set()
    client.on_message = lambda _client, _userdata, message: observer.receive(message)
    client.reconnect_delay_set(1, 2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        if not subscribed.wait(10):
            raise RuntimeError("the observer could not subscribe at the broker")
        yield observer
    finally:
        client.disconnect()
        client.loop_stop()
