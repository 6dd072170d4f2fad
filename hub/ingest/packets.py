"""The two kinds of MQTT 5 packets that carry the load: PUBLISH read in bulk, PUBACK written in bulk.

paho needs five socket calls and about 20 us for a message; here a message is a slice of what was read.
All other packets are passed on unchanged. Pure; section numbers are those of the MQTT standard.
"""

import struct
from collections.abc import Iterable
from typing import NamedTuple

_PUBLISH = 0x30
_QOS_BITS = 0x06
_RETAIN_BIT = 0x01
_MORE = 0x80
_puback = struct.Struct("!BBH").pack


class BrokenPacket(ValueError):
    """The bytes are not MQTT; the connection must be closed and made again."""


class Publication(NamedTuple):
    """One message as the broker sent it. `packet_id` 0 means QoS 0: no acknowledgement is expected.

    `retain` is the flag of whoever published it, if the subscription asks for it.
    """

    topic: str
    payload: bytes
    packet_id: int
    retain: bool = False


class Split(NamedTuple):
    """What a piece of the stream held: messages, and other packets unchanged.

    `rest` is the beginning of a packet that needs at least `missing` more bytes.
    """

    publications: list[Publication]
    others: bytes
    rest: bytes
    missing: int


def split(data: bytes) -> Split:
    """Take whole packets off the beginning of `data`. Raises BrokenPacket."""
    publications: list[Publication] = []
    others: list[bytes] = []
    start, end = 0, len(data)
    body, stop = _extent(data, start)
    while stop <= end:
        if data[start] & 0xF0 == _PUBLISH:
            publications.append(_publication(data, start, body, stop))
        else:
            others.append(data[start:stop])
        start = stop
        body, stop = _extent(data, start)
    return Split(publications, b"".join(others), data[start:], stop - end)


def pubacks(packet_ids: Iterable[int]) -> bytes:
    """Acknowledgements (3.4); success needs no reason code and no properties."""
    return b"".join([_puback(0x40, 2, packet_id) for packet_id in packet_ids])


def _extent(data: bytes, start: int) -> tuple[int, int]:
    """Where a packet's body begins and ends; past the end of `data` if the packet is incomplete."""
    body = start + 2
    if body > len(data):
        return body, body
    length = data[start + 1]
    if length >= _MORE:
        length, body = _variable_integer(data, start + 1)
        if not body:
            return body, len(data) + 1
    return body, body + length


def _publication(data: bytes, start: int, body: int, stop: int) -> Publication:
    """Read a PUBLISH (3.3): topic, packet id if it is QoS 1, properties, payload."""
    try:
        after = body + 2 + (data[body] << 8 | data[body + 1])
        topic = data[body + 2 : after].decode()
        packet_id = 0
        if data[start] & _QOS_BITS:
            packet_id = data[after] << 8 | data[after + 1]
            after += 2
        length, after = _variable_integer(data, after)
    except (IndexError, UnicodeDecodeError) as error:
        raise BrokenPacket(f"a PUBLISH that cannot be read: {error}") from None
    if not after or after + length > stop:
        raise BrokenPacket("a PUBLISH whose parts are longer than the whole")
    retain = bool(data[start] & _RETAIN_BIT)
    return Publication(topic, data[after + length : stop], packet_id, retain)


def _variable_integer(data: bytes, position: int) -> tuple[int, int]:
    """A variable byte integer (1.5.5) and the position after it, which is 0 if `data` ends before that."""
    value = shift = 0
    for byte in data[position : position + 4]:
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < _MORE:
            return value, position
        shift += 7
    if shift == 28:
        raise BrokenPacket("a length of more than four bytes")
    return value, 0
