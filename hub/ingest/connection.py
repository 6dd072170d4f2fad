"""The connection to the broker: messages are taken out of it before paho reads the rest.

paho logs in, subscribes, sends keep-alives and reconnects; the messages of devices never reach it.
"""

import select
import socket
import threading
from collections.abc import Callable, Iterable

from hub.ingest.packets import BrokenPacket, Publication, pubacks, split

_READ_BYTES = 256 * 1024
_SEND_WITHIN_S = 10.0


class BrokerConnection:
    """A non-blocking socket with the methods that paho calls (`recv`, `send`, `pending` and so on).

    `deliver` is called in paho's thread with all the messages of one read.
    """

    def __init__(
        self, sock: socket.socket, deliver: Callable[["BrokerConnection", list[Publication]], None]
    ) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._deliver = deliver
        self._unsplit: list[bytes] = []
        self._missing = 0
        self._for_paho = b""
        self._sending = threading.Lock()

    def recv(self, size: int) -> bytes:
        """Up to `size` bytes of packets that are not messages.

        Raises BlockingIOError if there are none now and ConnectionError if the data is not MQTT; b""
        means that the broker closed the connection.
        """
        if not self._for_paho:
            data = self._socket.recv(_READ_BYTES)
            if not data:
                return b""
            self._take(data)
        if not self._for_paho:
            raise BlockingIOError
        read, self._for_paho = self._for_paho[:size], self._for_paho[size:]
        return read

    def pending(self) -> int:
        """How many bytes can be received without reading the socket."""
        return len(self._for_paho)

    def send(self, data: bytes | bytearray) -> int:
        """Send a whole packet, so that no other thread's packet ends up inside it."""
        with self._sending:
            self._send_all(data)
        return len(data)

    def acknowledge(self, packet_ids: Iterable[int]) -> None:
        """Acknowledge messages; if the connection is lost, the broker sends them again."""
        try:
            self.send(pubacks(packet_ids))
        except OSError:
            self.shut_down()

    def shut_down(self) -> None:
        """Close the connection from any thread; paho notices and reconnects."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def fileno(self) -> int:
        return self._socket.fileno()

    def setblocking(self, flag: bool) -> None:
        """As paho asks; it never asks for a blocking socket."""
        self._socket.setblocking(flag)

    def close(self) -> None:
        self._socket.close()

    def _take(self, data: bytes) -> None:
        self._unsplit.append(data)
        self._missing -= len(data)
        if self._missing > 0:
            return
        try:
            publications, others, rest, self._missing = split(b"".join(self._unsplit))
        except BrokenPacket as error:
            raise ConnectionError(str(error)) from error
        self._unsplit = [rest]
        self._for_paho += others
        if publications:
            self._deliver(self, publications)

    def _send_all(self, data: bytes | bytearray) -> None:
        unsent = memoryview(data)
        while unsent:
            try:
                unsent = unsent[self._socket.send(unsent) :]
            except BlockingIOError:
                writable = select.select([], [self._socket], [], _SEND_WITHIN_S)[1]
                if not writable:
                    raise TimeoutError("the broker does not read") from None
