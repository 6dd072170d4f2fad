"""Messages prepared as the bytes of MQTT 3.1.1 packets. Pure.

Their PUBACKs are always four bytes, so that a sender need only count what comes back.
"""

import json
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Self

from wire import topics
from wire.topics import Kind, Leaf

DISTRICT = "530303"
_SPACING = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class MessageLoad:
    """`messages` of so many samples each from terminals in turn; `per_s` 0 is as fast as it goes."""

    boot_id: str
    messages: int
    samples: int = 1
    terminals: int = 1436
    connections: int = 8
    per_s: float = 0.0

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(**json.loads(text))

    def as_json(self) -> str:
        return json.dumps(asdict(self))


def terminal_id(number: int) -> str:
    """The id of one of the terminals, counted from 0."""
    return f"T-{number:05d}"


def message_number(load: MessageLoad, device_id: str, seq: int) -> int:
    """Which message held a sample."""
    return seq // load.samples * load.terminals + int(device_id.removeprefix("T-"))


def payload(load: MessageLoad, number: int, now: datetime) -> bytes:
    """The samples of one message; the newest was observed `now`.

    Each terminal walks up and down a few metres: the hub takes a jump for what it is.
    """
    nth, terminal = divmod(number, load.terminals)
    step = nth % 40 * 1e-5
    samples = [
        {
            "boot_id": load.boot_id,
            "seq": nth * load.samples + index,
            "observed_at": (now - _SPACING * (load.samples - 1 - index)).isoformat(),
            "lon": round(103.8 + terminal % 997 / 10_000 + step, 6),
            "lat": round(25.6 + terminal % 991 / 10_000 + step, 6),
            "accuracy_m": 5.0,
            "speed": 1.2,
            "heading": 87.5,
            "battery": 76.0,
            "signal": -71.0,
            "network": "4g",
        }
        for index in range(load.samples)
    ]
    return json.dumps(samples, separators=(",", ":")).encode()


def packets(load: MessageLoad, now: datetime) -> list[list[tuple[int, bytes]]]:
    """For each connection its messages by number, as PUBLISH packets of QoS 1.

    A terminal's messages all go over one connection, in order.
    """
    of_connection: list[list[tuple[int, bytes]]] = [[] for _ in range(load.connections)]
    for number in range(load.messages):
        terminal = number % load.terminals
        mine = of_connection[terminal % load.connections]
        topic = topics.device(DISTRICT, Kind.TERMINAL, terminal_id(terminal), Leaf.TELEMETRY)
        packet_id = len(mine) % 65_535 + 1
        mine.append((number, publish(topic, payload(load, number, now), packet_id)))
    return of_connection


def publish(topic: str, body: bytes, packet_id: int) -> bytes:
    """A PUBLISH of QoS 1 (MQTT 3.1.1, 3.3)."""
    name = topic.encode()
    rest = struct.pack("!H", len(name)) + name + struct.pack("!H", packet_id) + body
    return b"\x32" + _remaining_length(len(rest)) + rest


def connect(client_id: str, username: str, password: str) -> bytes:
    """A CONNECT that begins a clean session and asks for no keep-alive (MQTT 3.1.1, 3.1)."""
    rest = b"\x00\x04MQTT\x04" + bytes([0b1100_0010]) + struct.pack("!H", 0)
    for text in (client_id, username, password):
        rest += struct.pack("!H", len(text.encode())) + text.encode()
    return b"\x10" + _remaining_length(len(rest)) + rest


def _remaining_length(length: int) -> bytes:
    return bytes(_sevens(length))


def _sevens(length: int) -> Iterator[int]:
    while length > 127:
        length, low = length >> 7, length & 127
        yield low | 128
    yield length
