"""Messages are taken out of what the broker sends, and paho reads the rest."""

import socket
import threading
from collections.abc import Iterator

import paho.mqtt.client
import pytest

from hub.ingest.connection import BrokerConnection
from hub.ingest.packets import Publication
from hub.ingest.subscriber import BrokerClient
from tests.unit.hub.ingest.test_packets import PINGRESP, publish

CONNACK = b"\x20\x03\x00\x00\x00"


@pytest.fixture
def ends() -> Iterator[tuple[BrokerConnection, socket.socket, list[Publication]]]:
    """A connection, the broker's end of it, and what was delivered."""
    ours, brokers = socket.socketpair()
    came: list[Publication] = []
    yield (
        BrokerConnection(ours, lambda _connection, publications: came.extend(publications)),
        brokers,
        came,
    )
    ours.close()
    brokers.close()


def test_messages_are_delivered_and_the_rest_is_received(ends):
    connection, broker, came = ends
    broker.sendall(publish("a", b"1", 1) + PINGRESP + publish("a", b"2", 2))
    assert connection.recv(1) == PINGRESP[:1]
    assert connection.pending() == 1
    assert connection.recv(100) == PINGRESP[1:]
    assert connection.pending() == 0
    assert came == [Publication("a", b"1", 1), Publication("a", b"2", 2)]


def test_a_message_that_comes_in_pieces_is_whole(ends):
    connection, broker, came = ends
    packet = publish("a", bytes(range(256)) * 40, 1)
    for start in range(0, len(packet), 1000):
        broker.sendall(packet[start : start + 1000])
        with pytest.raises(BlockingIOError):
            connection.recv(1)
    assert came == [Publication("a", bytes(range(256)) * 40, 1)]


def test_paho_hears_that_the_broker_hung_up(ends):
    connection, broker, _ = ends
    broker.close()
    assert connection.recv(1) == b""


def test_nonsense_ends_the_connection(ends):
    connection, broker, came = ends
    broker.sendall(b"\x30\x02\xff\xff")
    with pytest.raises(ConnectionError, match="PUBLISH"):
        connection.recv(1)
    assert came == []


def test_packets_of_two_threads_never_mix_even_where_the_broker_reads_slowly(ends):
    connection, broker, _ = ends
    broker.settimeout(20)
    packet = b"\xc0" * 300_000
    threads = [
        threading.Thread(target=connection.send, args=(packet,)),
        threading.Thread(target=connection.acknowledge, args=([7] * 75_000,)),
    ]
    for thread in threads:
        thread.start()
    read = bytearray()
    while len(read) < 600_000:
        read += broker.recv(10_000)
    for thread in threads:
        thread.join(20)
    acknowledgements = b"\x40\x02\x00\x07" * 75_000
    assert bytes(read) in {packet + acknowledgements, acknowledgements + packet}


def test_acknowledging_on_a_lost_connection_harms_nobody(ends):
    connection, _, _ = ends
    connection.shut_down()
    connection.acknowledge([1])
    connection.close()
    connection.acknowledge([2])


def test_paho_still_makes_and_reads_its_socket_where_we_step_in(monkeypatch):
    """`_create_socket` is paho's own affair; here we learn when it changes."""
    ours, brokers = socket.socketpair()
    monkeypatch.setattr(paho.mqtt.client.socket, "create_connection", lambda *_, **__: ours)
    came: list[Publication] = []
    client = BrokerClient("test", lambda _connection, publications: came.extend(publications))
    connected: list[str] = []
    client.on_connect = lambda _c, _u, _f, reason, _p: connected.append(str(reason))
    client.connect("nowhere.invalid")
    assert isinstance(client.socket(), BrokerConnection)
    assert brokers.recv(100)[0] == 0x10
    brokers.sendall(CONNACK + publish("a", b"1", 1))
    while not came or not connected:
        client.loop(timeout=5)
    assert connected == ["Success"]
    assert came == [Publication("a", b"1", 1)]
    client.disconnect()
    assert brokers.recv(100)[0] == 0xE0
    brokers.close()
