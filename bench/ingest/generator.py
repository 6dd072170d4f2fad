"""Sends a load as fast as the broker takes it, or at a fixed rate, and counts acknowledgements.

    python -m bench.ingest.generator PORT USERNAME PASSWORD LOAD [TIMES]

Writes `ready` once all packets are made, waits for a line on standard input, and ends with a line of
JSON. TIMES is a file for the times at which messages were due: 8-byte floats by message.
"""

import json
import selectors
import socket
import sys
import time
from bisect import bisect_left
from datetime import UTC, datetime
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from bench.ingest.load import MessageLoad, connect, packets

WINDOW = 1000
"""Unacknowledged messages of a connection: as many as production brokers allow."""
GIVE_UP_S = 60.0


class GeneratorConnection:
    """One connection to the broker."""

    def __init__(self, sock: socket.socket, numbered: list[tuple[int, bytes]]) -> None:
        self.socket = sock
        self.numbers = [number for number, _ in numbered]
        self._data = memoryview(b"".join(packet for _, packet in numbered))
        self._ends = list(accumulate(len(packet) for _, packet in numbered))
        self._sent_bytes = self._acked_bytes = 0

    @property
    def acked(self) -> int:
        return self._acked_bytes // 4

    def send(self, due: int) -> None:
        """Send the first `due` messages, as far as window and socket allow."""
        allowed = min(due, self.acked + WINDOW, len(self._ends))
        end = self._ends[allowed - 1] if allowed else 0
        if end > self._sent_bytes:
            try:
                self._sent_bytes += self.socket.send(self._data[self._sent_bytes : end])
            except BlockingIOError:
                return

    def receive(self) -> None:
        """Count acknowledgements. Raises ConnectionError if the broker hangs up."""
        came = self.socket.recv(65_536)
        if not came:
            raise ConnectionError("the broker closed the connection")
        self._acked_bytes += len(came)


def log_in(port: int, client_id: str, username: str, password: str) -> socket.socket:
    """A connection that the broker has accepted."""
    sock = socket.create_connection(("127.0.0.1", port), timeout=10)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.sendall(connect(client_id, username, password))
    answer = sock.recv(4)
    if answer != b"\x20\x02\x00\x00":
        raise ConnectionError(f"the broker refused the login: {answer.hex()}")
    sock.setblocking(False)
    return sock


def run(
    senders: list[GeneratorConnection], load: MessageLoad
) -> tuple[float, float, NDArray[np.float64]]:
    """Send everything; returns when that began and ended, and when each message was due."""
    due_at = np.zeros(load.messages)
    selector = selectors.DefaultSelector()
    for sender in senders:
        selector.register(sender.socket, selectors.EVENT_READ, sender)
    began, started = time.time(), time.monotonic()
    fallen_due, progress_at = 0, started
    while (acked := sum(sender.acked for sender in senders)) < load.messages:
        now = time.monotonic()
        due = min(load.messages, int((now - started) * load.per_s)) if load.per_s else load.messages
        due_at[fallen_due:due] = time.time()
        fallen_due = due
        for sender in senders:
            sender.send(bisect_left(sender.numbers, due))
        for key, _ in selector.select(0.001 if load.per_s else 0.01):
            key.data.receive()
            progress_at = now
        if now - progress_at > GIVE_UP_S:
            raise TimeoutError(f"the broker acknowledged {acked} of {load.messages}, and no more")
    return began, time.time(), due_at


def main(port: str, username: str, password: str, load_text: str, times: str = "") -> None:
    load = MessageLoad.from_json(load_text)
    senders = [
        GeneratorConnection(
            log_in(int(port), f"bench-{load.boot_id}-{index}", username, password), numbered
        )
        for index, numbered in enumerate(packets(load, datetime.now(UTC)))
    ]
    print("ready", flush=True)
    sys.stdin.readline()
    busy_s = time.process_time()
    began, ended, due_at = run(senders, load)
    busy_s = time.process_time() - busy_s
    if times:
        due_at.tofile(times)
    print(json.dumps({"began": began, "ended": ended, "busy_s": busy_s}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
