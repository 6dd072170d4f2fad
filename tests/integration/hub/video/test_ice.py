"""Where the relay sends, and how its ICE restarts, with aioice at the other end."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_network

import pytest
from aioice import Candidate, Connection

from hub.video import ice
from hub.video.embedded import EmbeddedRelay
from hub.video.ice import IceCredentials, Network, RelayIce, may_send_to
from hub.video.peer import CIPHERS, IceSettings, RelayCertificate, RelayPeer
from tests.waiting import until

LOOPBACK = ip_network("127.0.0.0/8")


def candidate(host: str, port: int = 4000) -> Candidate:
    return Candidate.from_sdp(f"1 1 udp 2130706431 {host} {port} typ host")


@pytest.mark.parametrize(
    ("host", "networks", "allowed"),
    [
        ("10.1.2.3", [], False),
        ("10.1.2.3", ["10.0.0.0/8"], True),
        ("192.168.1.1", ["10.0.0.0/8"], False),
        ("fd00::1", ["10.0.0.0/8", "fd00::/8"], True),
        ("169.254.169.254", ["10.0.0.0/8"], False),
        ("0ca2bca5-0d6d-4f4c-8bd2-ae2a94b0c4e1.local", ["0.0.0.0/0"], False),
        ("internal.example.cn", ["0.0.0.0/0"], False),
    ],
)
def test_only_addresses_of_the_networks_are_sent_to(
    host: str, networks: list[str], allowed: bool
) -> None:
    assert may_send_to(candidate(host), [ip_network(each) for each in networks]) is allowed


class Sink:
    """A port that somebody else listens on: what the relay sends there."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)

    def aim(self, offer: str) -> str:
        """The offer with this port as one more candidate of the highest priority."""
        line = (
            f"a=candidate:7 1 udp 2147483647 127.0.0.1 {self.socket.getsockname()[1]} typ host\r\n"
        )
        return offer.replace("a=ice-ufrag", line + "a=ice-ufrag", 1)

    def heard(self) -> bool:
        try:
            return bool(self.socket.recv(2000))
        except BlockingIOError:
            return False


@pytest.fixture
def sink() -> Iterator[Sink]:
    made = Sink()
    yield made
    made.socket.close()


async def test_a_candidate_in_an_offer_never_makes_the_relay_send_there(
    sink, studio, relay, session_id
) -> None:
    """Until the one who made the offer is connected, and shows its picture, by its own checks."""
    await studio.publish(lambda offer: relay.publish(session_id, sink.aim(offer)))
    person, _ = await studio.watch(lambda offer: relay.view(session_id, sink.aim(offer)))
    await person.sees()
    assert not sink.heard()


async def test_a_candidate_within_an_allowed_network_is_tried(sink, studio, session_id) -> None:
    relay = EmbeddedRelay(IceSettings(networks=(LOOPBACK,)))
    await studio.publish(lambda offer: relay.publish(session_id, sink.aim(offer)))
    await until(sink.heard)
    await relay.close()


async def test_a_peer_agrees_to_an_rsa_certificate_and_asks_no_server_on_the_internet() -> None:
    assert "ECDHE-RSA-AES128-GCM-SHA256" in CIPHERS
    peer = RelayPeer(IceSettings())
    (certificate,) = peer.connection._RTCPeerConnection__certificates
    assert isinstance(certificate, RelayCertificate)
    assert peer.connection._RTCPeerConnection__configuration.iceServers == []
    await peer.close()


class Client:
    """The controlling end, one connection of aioice per generation."""

    def __init__(self) -> None:
        self.connections: list[Connection] = []

    async def begin(self) -> Connection:
        connection = Connection(ice_controlling=True)
        self.connections.append(connection)
        await connection.gather_candidates()
        return connection

    async def join(self, connection: Connection, ours: RelayIce) -> None:
        connection.remote_username = ours.local_username
        connection.remote_password = ours.local_password
        for each in [*ours.local_candidates, None]:
            await connection.add_remote_candidate(each)
        await connection.connect()


def credentials(connection: Connection) -> IceCredentials:
    return IceCredentials(connection.local_username, connection.local_password)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    made = Client()
    yield made
    for connection in made.connections:
        await connection.close()


@pytest.fixture
async def ours() -> AsyncIterator[RelayIce]:
    networks: list[Network] = []
    made = RelayIce(lambda: Connection(ice_controlling=False), networks)
    await made.gather_candidates()
    yield made
    await made.close()


async def connected(ours: RelayIce, client: Client) -> Connection:
    theirs = await client.begin()
    ours.remote_username, ours.remote_password = theirs.local_username, theirs.local_password
    await asyncio.gather(ours.connect(), client.join(theirs, ours))
    return theirs


async def test_packets_go_on_over_a_restart_and_none_of_the_old_way_is_lost(ours, client) -> None:
    before = await connected(ours, client)
    await before.send(b"old")
    assert await ours.recv() == b"old"
    name = ours.local_username
    after = await client.begin()
    await ours.restart(credentials(after), [])
    assert ours.local_username != name
    await client.join(after, ours)
    await before.send(b"late")
    assert await ours.recv() == b"late"
    await after.send(b"new")
    assert await ours.recv() == b"new"
    await until(lambda: ours._live is ours._newest)
    await ours.send(b"answer")
    assert await after.recv() == b"answer"


async def test_a_restart_that_comes_to_nothing_keeps_the_connection(
    ours, client, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await connected(ours, client)
    monkeypatch.setattr(ice, "CONNECT_WITHIN_S", 0.2)
    await ours.restart(IceCredentials("nobody", "n" * 24), [])
    await until(lambda: not ours._attempts)
    await before.send(b"still here")
    assert await ours.recv() == b"still here"
    await ours.send(b"so are we")
    assert await before.recv() == b"so are we"


async def test_a_restart_before_there_is_a_connection_takes_its_place(ours, client) -> None:
    ours.remote_username, ours.remote_password = "nobody", "n" * 24
    connecting = asyncio.ensure_future(ours.connect())
    await until(lambda: ours._attempts)
    theirs = await client.begin()
    await ours.restart(credentials(theirs), [])
    await client.join(theirs, ours)
    await connecting
    await theirs.send(b"here")
    assert await ours.recv() == b"here"


async def test_whoever_never_connects_is_let_go_of(ours, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice, "CONNECT_WITHIN_S", 0.2)
    ours.remote_username, ours.remote_password = "nobody", "n" * 24
    with pytest.raises(ConnectionError):
        await ours.connect()
    await ours.get_event()
    with pytest.raises(ConnectionError):
        await ours.recv()
    with pytest.raises(ConnectionError):
        await ours.restart(IceCredentials("late", "l" * 24), [])
