"""The connection with the broker as paho sees it, with the messages taken out on the way.

paho logs in, subscribes, keeps alive and connects again; what devices say goes past it.
"""

import select
import socket
import threading
from collections.abc import Callable, Iterable

from hub.ingest.packets import BrokenPacket, Publication, pubacks, split

_READ_BYTES = 256 * 1024
_SEND_WITHIN_S = 10.0


class Line:
    """A non-blocking socket in the form that paho wants (`recv`, `send`, `pending` and so on).

    `deliver` is called in paho's thread with all messages that one read has brought.
    """

    def __init__(
        self, sock: socket.socket, deliver: Callable[["Line", list[Publication]], None]
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

        Raises BlockingIOError where there are none now, ConnectionError where there is no sense in
        what came; b"" says that the broker hung up.
        """
        if not self._for_paho:
            came = self._socket.recv(_READ_BYTES)
            if not came:
                return b""
            self._take(came)
        if not self._for_paho:
            raise BlockingIOError
        taken, self._for_paho = self._for_paho[:size], self._for_paho[size:]
        return taken

    def pending(self) -> int:
        """How many bytes can be received without asking the socket."""
        return len(self._for_paho)

    def send(self, data: bytes | bytearray) -> int:
        """Send all of a packet, so that none of another thread's comes into its middle."""
        with self._sending:
            self._send_all(data)
        return len(data)

    def acknowledge(self, packet_ids: Iterable[int]) -> None:
        """Let the broker forget messages; of a lost line it has sent or will send them again."""
        try:
            self.send(pubacks(packet_ids))
        except OSError:
            self.hang_up()

    def hang_up(self) -> None:
        """Give the connection up from any thread; paho finds it closed, and connects anew."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def fileno(self) -> int:
        return self._socket.fileno()

    def setblocking(self, flag: bool) -> None:
        """As paho says; it never wants to wait."""
        self._socket.setblocking(flag)

    def close(self) -> None:
        self._socket.close()

    def _take(self, came: bytes) -> None:
        self._unsplit.append(came)
        self._missing -= len(came)
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
