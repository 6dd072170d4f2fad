"""Frames over HTTP: single pictures asked for again and again, or an MJPEG stream."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from threading import Event

import httpx

from edge.frame import CameraFrame
from edge.picture import Jpeg
from edge.sources import LARGEST_JPEG, POLLED_EVERY_S, STREAMED_EVERY_S, FrameReceiver
from edge.sources.address import HttpAddress
from edge.sources.auth import CameraAuth
from edge.sources.certificates import CertificatePolicy, certificate_error
from edge.sources.lost import SourceLost, keep_connecting
from edge.sources.multipart import BadStream, MultipartParser, boundary_of

_WHOLE_PICTURE_S = 30.0
_SOI = b"\xff\xd8"
_PADDING = b"\r\n\0 "
_HINTS = {
    401: ": check the user and the password",
    403: ": the user may not see it",
    404: ": check the path",
}
_FAILURES = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL)


class HttpFrames:
    """One camera's pictures, one by one or as a stream, at most one each `every_s`.

    If `every_s` is None, the default of that way applies.
    """

    def __init__(
        self,
        camera_id: str,
        address: HttpAddress,
        receiver: FrameReceiver,
        every_s: float | None = None,
        timeout_s: float = 8.0,
        trust: CertificatePolicy | None = None,
    ) -> None:
        self._camera_id = camera_id
        self._address = address
        self._receiver = receiver
        self._timeout_s = timeout_s
        self._trust = trust or CertificatePolicy()
        self._polled_every_s = every_s or POLLED_EVERY_S
        self._streamed_every_s = every_s or STREAMED_EVERY_S

    @property
    def name(self) -> str:
        return f"http_frames_{self._camera_id}"

    def run(self, stop: Event) -> None:
        """Ask until stopped, and connect again whenever the camera is lost."""
        keep_connecting(self._visit, partial(self._receiver.lost, self._camera_id), stop)

    def _visit(self, stop: Event) -> None:
        """Ask over one connection until stopped. Raises SourceLost."""
        with self._client() as client:
            while not stop.is_set():
                asked_s = time.monotonic()
                try:
                    self._ask(client, stop)
                except _FAILURES as error:
                    raise SourceLost(_reason(error)) from None
                stop.wait(max(0.0, asked_s + self._polled_every_s - time.monotonic()))

    def _client(self) -> httpx.Client:
        url = self._address.url
        return httpx.Client(
            auth=CameraAuth(url.user, url.password) if url.user else None,
            headers={"Accept-Encoding": "identity"},
            timeout=self._timeout_s,
            verify=self._trust.context() if url.shown.startswith("https") else False,
            trust_env=False,
        )

    def _ask(self, client: httpx.Client, stop: Event) -> None:
        with client.stream("GET", self._address.url.bare) as response:
            status = response.status_code
            if status != httpx.codes.OK:
                hint = _HINTS.get(status, "")
                raise SourceLost(f"answers {status} {response.reason_phrase}{hint}")
            kind = response.headers.get("content-type", "")
            if self._address.mjpeg or kind.lower().startswith("multipart/"):
                self._follow(response, boundary_of(kind), stop)
            else:
                self._take_whole(response, kind)

    def _follow(self, response: httpx.Response, boundary: bytes | None, stop: Event) -> None:
        """Take pictures from a stream until stopped; those that come too soon are skipped."""
        self._receiver.reached(self._camera_id)
        parts = MultipartParser(boundary, LARGEST_JPEG)
        next_s = time.monotonic()
        try:
            for picture in self._pictures(response, parts, stop):
                if time.monotonic() >= next_s:
                    next_s = max(next_s + self._streamed_every_s, time.monotonic())
                    self._take(picture, "a part of the stream")
        except BadStream as error:
            self._receiver.bad_frame(self._camera_id, str(error))
            raise SourceLost(f"its MJPEG cannot be read: {error}") from None
        if not stop.is_set():
            raise SourceLost("the camera has ended its stream")

    def _pictures(
        self, response: httpx.Response, parts: MultipartParser, stop: Event
    ) -> Iterator[bytes]:
        for piece in response.iter_raw():
            yield from parts.feed(piece)
            if stop.is_set():
                return

    def _take_whole(self, response: httpx.Response, kind: str) -> None:
        """Take the single picture of a response; if it is cut short or too large it is a bad frame."""
        body = bytearray()
        deadline_s = time.monotonic() + _WHOLE_PICTURE_S
        try:
            for piece in response.iter_raw():
                body += piece
                if len(body) > LARGEST_JPEG:
                    self._refuse(f"has more than {LARGEST_JPEG} bytes")
                    return
                if time.monotonic() > deadline_s:
                    self._refuse(f"takes longer than {_WHOLE_PICTURE_S:.0f} s to come")
                    return
        except httpx.RemoteProtocolError:
            self._refuse(f"ends after {len(body)} bytes, before it is complete")
            return
        self._take(bytes(body), kind or "of no stated type")

    def _take(self, body: bytes, kind: str) -> None:
        jpeg = body.rstrip(_PADDING)
        if not jpeg.startswith(_SOI):
            self._refuse(f"is not a JPEG ({len(body)} bytes, {kind})")
            return
        frame = CameraFrame(self._camera_id, Jpeg(jpeg), time.monotonic(), datetime.now(UTC))
        self._receiver.frame(frame)

    def _refuse(self, reason: str) -> None:
        self._receiver.bad_frame(self._camera_id, reason)


def _reason(error: Exception) -> str:
    """What happened, without any part of the address."""
    match error:
        case httpx.ConnectTimeout():
            return "does not answer"
        case httpx.TimeoutException():
            return "sends nothing"
        case httpx.ConnectError():
            return certificate_error(error) or f"cannot be reached: {error}"
        case httpx.RemoteProtocolError() | httpx.ReadError():
            return f"hangs up: {error}".rstrip(": ")
    return f"breaks the protocol ({type(error).__name__})"
