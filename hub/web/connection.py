"""One HTTP connection: uvicorn's protocol on h11, with limits in time and one length for each message."""

import asyncio
from typing import Any

import h11
import structlog
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

log = structlog.get_logger()

HEADERS_WITHIN_S = 10.0
"""From the connection, or from a request's first byte, to the end of its headers."""
READ_WITHIN_S = 60.0
"""How long a client may read nothing of an answer that waits for it."""
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class OneLength(h11.Connection):
    """Refuses a request that gives its length twice, as Content-Length and by Transfer-Encoding.

    A proxy in front may believe the one and we the other; what follows would then be smuggled past it.
    """

    def next_event(self) -> Any:
        """Like the base class's; raises h11.RemoteProtocolError."""
        event = super().next_event()
        if isinstance(event, h11.Request):
            names = {name for name, _ in event.headers}
            if {b"content-length", b"transfer-encoding"} <= names:
                raise h11.RemoteProtocolError("give Content-Length or Transfer-Encoding, not both")
        return event


class HttpConnection(H11Protocol):
    """Ends a connection whose request doesn't arrive, or whose answer nobody reads.

    uvicorn limits only the time between requests. The time of a body is limited by `BoundedBody`.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn = OneLength(h11.SERVER, *_incomplete_limit(config))
        self._headers_due: asyncio.TimerHandle | None = None
        self._reading_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._headers_due = self.loop.call_later(HEADERS_WITHIN_S, self._end_unless_asked)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._time_headers()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._time_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._headers_due, self._reading_due):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reading_due = self.loop.call_later(READ_WITHIN_S, self._end_unread)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._reading_due is not None:
            self._reading_due.cancel()
            self._reading_due = None

    def _time_headers(self) -> None:
        """Let the time run while a part of a request's headers is there, and only then."""
        is_partial = self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])
        if not is_partial:
            if self._headers_due is not None:
                self._headers_due.cancel()
                self._headers_due = None
        elif self._headers_due is None:
            self._headers_due = self.loop.call_later(HEADERS_WITHIN_S, self._end_unless_asked)

    def _end_unless_asked(self) -> None:
        if not self.transport.is_closing():
            log.info("connection_too_slow", waited_for="headers")
            self.transport.write(_TOO_SLOW)
            self.transport.close()

    def _end_unread(self) -> None:
        log.info("connection_too_slow", waited_for="reader")
        self.transport.abort()


def _incomplete_limit(config: Config) -> tuple[int, ...]:
    limit = config.h11_max_incomplete_event_size
    return () if limit is None else (limit,)
