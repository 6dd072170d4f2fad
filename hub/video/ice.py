"""ICE for the embedded relay: it sends only where it may, and it can restart.

aiortc ties a peer to one aioice connection, which goes wherever an offer's candidates point. `RelayIce`
stands in its place. It drops candidates outside of the allowed networks, and names that would have to be
looked up: a peer is then known by where its own checks come from. An ICE restart (RFC 8445, 9) is another
aioice connection beside the one in use, which takes over when it is connected; DTLS and media notice nothing.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, TypeAlias

import structlog
from aioice import Candidate, Connection
from aioice.ice import ConnectionClosed

log = structlog.get_logger()

Network: TypeAlias = IPv4Network | IPv6Network

CONNECT_WITHIN_S = 30.0
LINGERS_S = 10.0
"""How long a generation is still listened to after another has taken over."""
MAX_CANDIDATES = 50


@dataclass(frozen=True, slots=True)
class IceCredentials:
    """The name and password of one ICE generation (RFC 8839, 5.4)."""

    ufrag: str
    pwd: str


def may_send_to(candidate: Candidate, networks: Sequence[Network]) -> bool:
    """Whether a peer's candidate is an address within one of the networks."""
    try:
        address = ip_address(candidate.host)
    except ValueError:
        return False
    return any(address in network for network in networks)


class _Funnel:
    """Takes the place of a connection's queue, so that all generations share one."""

    def __init__(self, packets: "asyncio.Queue[bytes | None]") -> None:
        self._packets = packets

    def put_nowait(self, item: tuple[bytes, int] | None) -> None:
        if item is not None:
            self._packets.put_nowait(item[0])


class RelayIce:
    """What aiortc uses of an aioice connection, over one generation after another.

    `make` makes a connection of aioice; the constructor makes the first.
    """

    def __init__(self, make: Callable[[], Connection], networks: Sequence[Network]) -> None:
        self._make = make
        self._networks = networks
        self._packets: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._open: set[Connection] = set()
        self._newest = self._begin()
        self._live: Connection | None = None
        self._attempts: dict[Connection, asyncio.Task[None]] = {}
        self._started = False
        self._first: asyncio.Future[None] | None = None
        self._closed = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._candidates = 0
        self.remote_is_lite = False
        self.remote_username: str | None = None
        self.remote_password: str | None = None

    @property
    def ice_controlling(self) -> bool:
        return bool(self._newest.ice_controlling)

    @ice_controlling.setter
    def ice_controlling(self, value: bool) -> None:
        self._newest.ice_controlling = value

    @property
    def local_username(self) -> str:
        return str(self._newest.local_username)

    @property
    def local_password(self) -> str:
        return str(self._newest.local_password)

    @property
    def local_candidates(self) -> list[Candidate]:
        return list(self._newest.local_candidates)

    @property
    def remote_candidates(self) -> list[Candidate]:
        return list(self._newest.remote_candidates)

    @property
    def remote_credentials(self) -> IceCredentials:
        """Those that the peer uses now."""
        return IceCredentials(self.remote_username or "", self.remote_password or "")

    async def gather_candidates(self) -> None:
        await self._newest.gather_candidates()

    async def add_remote_candidate(self, candidate: Candidate | None) -> None:
        """Add a candidate that may be sent to; others, and their end, are ignored: the peer's own
        checks may still come.
        """
        if candidate is None or self._candidates >= MAX_CANDIDATES:
            return
        if may_send_to(candidate, self._networks):
            self._candidates += 1
            await self._newest.add_remote_candidate(candidate)

    async def connect(self) -> None:
        """Return once a generation is connected. Raises ConnectionError."""
        self._started = True
        self._first = asyncio.get_running_loop().create_future()
        self._attempt(self._newest)
        await self._first

    async def restart(self, peer: IceCredentials, candidates: Sequence[Candidate]) -> None:
        """Begin a generation with new credentials on both sides; the one in use stays until it is
        connected, and if it never is. Raises ConnectionError.
        """
        if self._closed.is_set():
            raise ConnectionError("the connection is closed")
        made = self._begin()
        made.ice_controlling = self.ice_controlling
        await made.gather_candidates()
        self.remote_username, self.remote_password = peer.ufrag, peer.pwd
        before, self._newest, self._candidates = self._newest, made, 0
        for candidate in candidates:
            await self.add_remote_candidate(candidate)
        if self._started:
            self._attempt(made)
        if before is not self._live:
            self._give_up(before)

    async def recv(self) -> bytes:
        """The next datagram. Raises ConnectionError at the end."""
        packet = None if self._closed.is_set() else await self._packets.get()
        if packet is None:
            raise ConnectionError("the connection is closed")
        return packet

    async def send(self, data: bytes) -> None:
        """Raises ConnectionError if nothing is connected."""
        if self._live is None:
            raise ConnectionError("nothing is connected")
        await self._live.send(data)

    async def get_event(self) -> ConnectionClosed:
        await self._closed.wait()
        return ConnectionClosed()

    async def close(self) -> None:
        self._end()
        tasks = [*self._attempts.values(), *self._tasks]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for connection in self._open:
            await connection.close()
        self._open.clear()

    def _begin(self) -> Connection:
        made = self._make()
        setattr(made, "_queue", _Funnel(self._packets))  # noqa: B010
        self._open.add(made)
        return made

    def _attempt(self, connection: Connection) -> None:
        connection.remote_is_lite = self.remote_is_lite
        connection.remote_username = self.remote_username
        connection.remote_password = self.remote_password
        task = asyncio.create_task(self._connect(connection))
        self._attempts[connection] = task
        task.add_done_callback(lambda _: self._attempts.pop(connection, None))

    async def _connect(self, connection: Connection) -> None:
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                await connection.connect()
        except (ConnectionError, TimeoutError):
            self._attempts.pop(connection, None)
            await self._close(connection)
            if self._live is None and not self._attempts:
                self._end()
            return
        before, self._live = self._live, connection
        self._spawn(self._watch(connection))
        if self._first is not None and not self._first.done():
            self._first.set_result(None)
        if before is not None:
            # What the peer sent the old way before it heard of the new one still arrives.
            self._spawn(self._close_later(before))

    async def _close_later(self, connection: Connection) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGERS_S):
                await self._closed.wait()
        await self._close(connection)

    async def _close(self, connection: Connection) -> None:
        self._open.discard(connection)
        await connection.close()

    async def _watch(self, connection: Connection) -> None:
        """Wait for the end of a connected generation, for example because its consent expired."""
        await connection.get_event()
        if connection is self._live:
            self._live = None
            if not self._attempts:
                self._end()

    def _give_up(self, connection: Connection) -> None:
        if task := self._attempts.pop(connection, None):
            task.cancel()
        self._spawn(self._close(connection))

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _end(self) -> None:
        if self._closed.is_set():
            return
        self._closed.set()
        self._packets.put_nowait(None)
        if self._first is not None and not self._first.done():
            self._first.set_exception(ConnectionError("no connection came about"))
