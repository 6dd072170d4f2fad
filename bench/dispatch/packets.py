"""Packets of MQTT 3.1.1 as a terminal needs them, besides those of `bench.ingest.load`. Pure."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

CONNACK, PUBLISH, PUBACK, SUBACK = 2, 3, 4, 9
ACCEPTED = b"\x00\x00"
"""What a CONNACK says if the broker takes the session on: a new one, no error."""


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet from the broker: its type, its flags and all that follows the length."""

    kind: int
    flags: int
    body: bytes

    @property
    def topic(self) -> str:
        """Of a PUBLISH."""
        return self.body[2 : self._topic_ends].decode()

    @property
    def packet_id(self) -> bytes:
        """Of a PUBLISH; empty at QoS 0."""
        return self.body[self._topic_ends : self._payload_begins]

    @property
    def payload(self) -> bytes:
        """Of a PUBLISH."""
        return self.body[self._payload_begins :]

    @property
    def _topic_ends(self) -> int:
        return int(struct.unpack_from("!H", self.body)[0]) + 2

    @property
    def _payload_begins(self) -> int:
        return self._topic_ends + (2 if self.flags & 0b0110 else 0)


def subscribe(topic_filter: str, packet_id: int) -> bytes:
    """A SUBSCRIBE to one filter at QoS 1 (3.8). The filter is shorter than 100 characters."""
    name = topic_filter.encode()
    rest = struct.pack("!HH", packet_id, len(name)) + name + b"\x01"
    return bytes((0x82, len(rest))) + rest


def puback(packet_id: bytes) -> bytes:
    """The answer to a PUBLISH of QoS 1 (3.4)."""
    return b"\x40\x02" + packet_id


def take_packets(buffer: bytearray) -> Iterator[Packet]:
    """Take the complete packets out of what a connection has brought so far."""
    while (ends := _whole(buffer)) is not None:
        begins, end = ends
        yield Packet(buffer[0] >> 4, buffer[0] & 0x0F, bytes(buffer[begins:end]))
        del buffer[:end]


def _whole(buffer: bytearray) -> tuple[int, int] | None:
    """Where the first packet's body begins and ends; None while it is incomplete (2.2.3)."""
    length = 0
    for place, byte in enumerate(buffer[1:5]):
        length |= (byte & 127) << (7 * place)
        if byte < 128:
            begins = place + 2
            return (begins, begins + length) if len(buffer) >= begins + length else None
    return None
