"""A camera with a web server: what it answers at each path is the test's to say."""

import hashlib
import re
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeAlias

from tests.waiting import WITHIN_S

Answer: TypeAlias = Callable[[BaseHTTPRequestHandler], None]

_NONCE = "of-this-test"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, answers: dict[str, Answer]) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answers = answers
        self._callers: set[socket.socket] = set()

    def process_request(self, request: socket.socket, client_address: object) -> None:
        self._callers.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:
        self._callers.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        for caller in tuple(self._callers):
            with suppress(OSError):
                caller.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients hang up in these tests; that is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self.server.answers[self.path](self)

    def log_message(self, *_: object) -> None:
        """Nothing is written."""


@contextmanager
def http_camera(
    answers: dict[str, Answer], port: int = 0, certificate: Path | None = None
) -> Iterator[int]:
    """Serve on a port of 127.0.0.1, and hang up on everybody at the end."""
    server = _Server(port, answers)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join(WITHIN_S)
        server.hang_up()
        server.server_close()


def picture(body: bytes, kind: str = "image/jpeg", *, promised: int | None = None) -> Answer:
    """One body; where more is promised than comes, the connection ends early."""

    def answer(to: BaseHTTPRequestHandler) -> None:
        to.send_response(200)
        to.send_header("Content-Type", kind)
        to.send_header("Content-Length", str(promised or len(body)))
        to.end_headers()
        to.wfile.write(body)
        to.close_connection = promised is not None

    return answer


def status(code: int, **headers: str) -> Answer:
    def answer(to: BaseHTTPRequestHandler) -> None:
        to.send_response(code)
        for name, value in headers.items():
            to.send_header(name.replace("_", "-"), value)
        to.send_header("Content-Length", "0")
        to.end_headers()

    return answer


def mjpeg(parts: Callable[[], Iterator[bytes]], kind: str | None = None) -> Answer:
    """A stream of the parts, each with its length, until there are no more."""

    def answer(to: BaseHTTPRequestHandler) -> None:
        to.send_response(200)
        to.send_header("Content-Type", kind or 'multipart/x-mixed-replace; boundary="street"')
        to.end_headers()
        for part in parts():
            header = f"--street\r\nContent-Type: image/jpeg\r\nContent-Length: {len(part)}\r\n\r\n"
            to.wfile.write(header.encode() + part + b"\r\n")
        to.close_connection = True

    return answer


def basic(user: str, password: str, then: Answer) -> Answer:
    expected = "Basic " + b64encode(f"{user}:{password}".encode()).decode()
    refuse = status(401, WWW_Authenticate='Basic realm="camera"')

    def answer(to: BaseHTTPRequestHandler) -> None:
        (then if to.headers["Authorization"] == expected else refuse)(to)

    return answer


def digest(user: str, password: str, then: Answer) -> Answer:
    """RFC 2617 with MD5 and no qop, as most cameras have it."""
    refuse = status(401, WWW_Authenticate=f'Digest realm="camera", nonce="{_NONCE}"')

    def answer(to: BaseHTTPRequestHandler) -> None:
        secret = _md5(f"{user}:camera:{password}")
        expected = _md5(f"{secret}:{_NONCE}:{_md5('GET:' + to.path)}")
        given = re.search(r'response="([0-9a-f]+)"', to.headers["Authorization"] or "")
        (then if given and given[1] == expected else refuse)(to)

    return answer


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
