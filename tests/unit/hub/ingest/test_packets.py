"""Packets are taken apart as the standard says, wherever the bytes happen to be cut."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ingest.packets import BrokenPacket, Publication, pubacks, split


def variable_integer(value: int) -> bytes:
    written = bytearray()
    while True:
        value, low = divmod(value, 128)
        written.append(low | (128 if value else 0))
        if not value:
            return bytes(written)


def publish(
    topic: str, payload: bytes, packet_id: int = 0, properties: bytes = b"", flags: int = 0
) -> bytes:
    name = topic.encode()
    body = struct.pack("!H", len(name)) + name
    body += struct.pack("!H", packet_id) if packet_id else b""
    body += variable_integer(len(properties)) + properties + payload
    first = 0x30 | (0x02 if packet_id else 0) | flags
    return bytes([first]) + variable_integer(len(body)) + body


PINGRESP, SUBACK = b"\xd0\x00", b"\x90\x04\x00\x01\x00\x01"
publications = st.builds(
    Publication,
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
    st.binary(max_size=300),
    st.integers(0, 65535),
    st.booleans(),
)


@given(
    st.lists(publications | st.sampled_from([PINGRESP, SUBACK]), max_size=12),
    st.integers(0, 2000),
    st.binary(max_size=200),
)
def test_packets_come_out_as_they_went_in_wherever_they_are_cut(packets, cut, properties):
    stream = b"".join(
        each if isinstance(each, bytes) else publish(*each[:3], properties, each.retain)
        for each in packets
    )
    first = split(stream[:cut])
    second = split(first.rest + stream[cut:])
    came = first.publications + second.publications
    assert came == [each for each in packets if isinstance(each, Publication)]
    others = first.others + second.others
    assert others == b"".join(each for each in packets if isinstance(each, bytes))
    assert second.rest == b""
    assert first.missing > 0


def test_it_says_how_much_of_a_packet_is_missing():
    packet = publish("a/b", bytes(1000), 7)
    assert split(packet[:100]).missing == len(packet) - 100


def test_repeated_messages_are_read_like_others_and_retained_ones_say_so():
    repeated = publish("a", b"x", 9, flags=0x08)
    retained = publish("a", b"y", flags=0x01)
    assert split(repeated + retained).publications == [
        Publication("a", b"x", 9),
        Publication("a", b"y", 0, retain=True),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        b"\x30\x02\xff\xff",  # a topic longer than the packet
        b"\x32\x03\x00\x01a",  # no packet id
        b"\x30\x04\x00\x01\xff\x00",  # a topic that is no UTF-8
        b"\x30\x04\x00\x01a\x7f",  # properties longer than the packet
        b"\x30\xff\xff\xff\xff\x01",  # a length of five bytes
    ],
)
def test_what_cannot_be_a_packet_is_an_error_and_not_a_message(broken: bytes):
    with pytest.raises(BrokenPacket):
        split(broken)


@given(st.binary(max_size=400))
def test_any_bytes_are_packets_or_broken(data: bytes):
    try:
        found = split(data)
    except BrokenPacket:
        return
    assert data.endswith(found.rest)
    assert found.missing > 0


def test_acknowledgements_are_four_bytes_each():
    assert pubacks([1, 65535]) == b"\x40\x02\x00\x01\x40\x02\xff\xff"
