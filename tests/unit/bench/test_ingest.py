"""The packets that the ingest benchmark makes are what terminals would send."""

import subprocess
import sys
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from bench.ingest.load import MessageLoad, connect, message_number, packets, terminal_id
from hub.ingest.packets import split
from wire import topics
from wire.decode import decode
from wire.messages import Sample

ROOT = Path(__file__).parents[3]
NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
LOAD = MessageLoad("b1", messages=100, samples=3, terminals=7, connections=2)


def decoded(load: MessageLoad) -> list[tuple[int, str, list[Sample]]]:
    """Number, device and samples of each message of a load."""
    found = []
    for number, packet in chain.from_iterable(packets(load, NOW)):
        body = packet[3:] if packet[1] > 127 else packet[2:]
        after_topic = 2 + int.from_bytes(body[:2], "big")
        address = topics.parse(body[2:after_topic].decode())
        samples = decode(address, body[after_topic + 2 :])
        assert isinstance(samples, list)
        found.append((number, address.device_id, samples))
    return found


def test_every_message_is_made_once_and_is_good():
    found = decoded(LOAD)
    assert sorted(number for number, _, _ in found) == list(range(100))
    assert all(len(samples) == 3 for _, _, samples in found)


def test_a_sample_tells_which_message_held_it():
    for number, device_id, samples in decoded(LOAD):
        for sample in samples:
            assert message_number(LOAD, device_id, sample.seq) == number


def test_no_sample_is_like_another():
    keys = {(device, sample.seq) for _, device, samples in decoded(LOAD) for sample in samples}
    assert len(keys) == 300


def test_a_terminals_messages_are_in_order_on_one_connection():
    for of_connection in packets(LOAD, NOW):
        numbers = [number for number, _ in of_connection]
        assert numbers == sorted(numbers)
        assert len({number % LOAD.terminals % LOAD.connections for number in numbers}) == 1


def test_packet_lengths_are_written_as_the_standard_says():
    assert split(connect("id", "user", "x" * 200)).missing > 0
    assert split(connect("id", "user", "x" * 200) + b"\xd0\x00").others[-2:] == b"\xd0\x00"


def test_ids_are_in_the_order_of_their_numbers():
    assert terminal_id(7) < terminal_id(12) < terminal_id(1435)


def test_the_command_explains_itself():
    shown = subprocess.run(
        [sys.executable, "-m", "bench", "ingest", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "usual script" in shown.stdout
