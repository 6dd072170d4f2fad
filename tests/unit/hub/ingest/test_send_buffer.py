"""How much may be on its way to the database."""

import socket

from hub.ingest.store import SEND_BUFFER_BYTES, widen_send_buffer


def buffer_bytes(sock: socket.socket) -> int:
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)


def test_a_unix_socket_is_widened_and_stays_open() -> None:
    here, there = socket.socketpair(socket.AF_UNIX)
    with here, there:
        here.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        narrow = buffer_bytes(here)
        widen_send_buffer(here.fileno())
        assert buffer_bytes(here) > narrow
        here.sendall(b"rows")
        assert there.recv(4) == b"rows"


def test_one_that_is_wide_enough_is_left_alone(monkeypatch) -> None:
    here, there = socket.socketpair(socket.AF_UNIX)
    with here, there:
        wide = buffer_bytes(here)
        monkeypatch.setattr("hub.ingest.store.SEND_BUFFER_BYTES", wide)
        widen_send_buffer(here.fileno())
        assert buffer_bytes(here) == wide


def test_tcp_keeps_widening_by_itself() -> None:
    with socket.socket(socket.AF_INET) as sock:
        narrow = buffer_bytes(sock)
        assert narrow < SEND_BUFFER_BYTES
        widen_send_buffer(sock.fileno())
        assert buffer_bytes(sock) == narrow
