"""A WHIP address that takes no video: it notes how a device asks, and then refuses."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

_MAX_OFFER_BYTES = 64 * 1024
_READS_WITHIN_S = 10


@dataclass(frozen=True)
class WhipRequest:
    """One POST: its headers as far as they count, and the offer."""

    authorization: str
    content_type: str
    offer: bytes

    def fault(self) -> str:
        """Why a WHIP server would refuse it (RFC 9725, 4.2); empty if it wouldn't."""
        if self.authorization != "Bearer conform":
            return "the token must come as `Authorization: Bearer`"
        if self.content_type.partition(";")[0].strip() != "application/sdp":
            return f"Content-Type is {self.content_type!r}, and must be application/sdp"
        if not self.offer.startswith(b"v=0"):
            return "the body is no SDP offer"
        if b"m=video" not in self.offer:
            return "the offer has no video"
        return ""


@dataclass
class WhipEar:
    """`url` is the address to give to the device."""

    url: str
    requests: list[WhipRequest] = field(default_factory=list)


@contextmanager
def whip_ear(host: str) -> Iterator[WhipEar]:
    """Listen on a free port of `host`. Raises OSError if the address isn't this computer's."""
    ear = WhipEar("")

    class Door(BaseHTTPRequestHandler):
        timeout = _READS_WITHIN_S

        def do_POST(self) -> None:
            length = min(int(self.headers.get("Content-Length") or 0), _MAX_OFFER_BYTES)
            asked = self.headers.get("Authorization", ""), self.headers.get("Content-Type", "")
            ear.requests.append(WhipRequest(*asked, self.rfile.read(length)))
            self.send_response(503, "no video in a trial")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """The sheet says what came."""

    with ThreadingHTTPServer((host, 0), Door) as server:
        ear.url = f"http://{host}:{server.server_port}/whip/trial"
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield ear
        finally:
            server.shutdown()
            thread.join()
