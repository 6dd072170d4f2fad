"""Middleware of every request: its id and log line, security headers, a bounded body, one retry."""

import asyncio
import re
import time
import uuid

import psycopg
import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.http.problems import Answer, Problem, answer_to, of_database

log = structlog.get_logger()

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestLog:
    """Gives each request an id, logs one event without payloads, and answers unexpected errors."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        state = scope.setdefault("state", {})
        started, status = time.monotonic(), 0

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_and_note)
            except Exception as error:
                log.exception("request_failed", method=scope["method"], path=scope["path"])
                if status:
                    raise
                await answer_to(error).response()(scope, receive, send_and_note)
            log.info(
                "request_answered",
                method=scope["method"],
                path=scope["path"],
                status=status,
                username=state.get("username"),
                took_s=round(time.monotonic() - started, 4),
            )


class SecurityHeaders:
    """The same headers on every answer; an answer of the API is not cached unless it says so."""

    def __init__(self, app: ASGIApp, *, headers: dict[str, str]) -> None:
        self.app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with_headers)


BODY_WITHIN_S = 20.0
BODY_BYTES_A_S = 8192
"""A body may take BODY_WITHIN_S, and a second more for each so many bytes that have arrived."""


class BoundedBody:
    """Reads the whole body first, so that it is bounded and can be read again.

    `max_upload_bytes` is for forms with files, `max_bytes` for everything else. Who sends too slowly
    is answered 408, so that it holds nothing.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int, max_upload_bytes: int) -> None:
        self.app = app
        self._max_bytes = max_bytes
        self._max_upload_bytes = max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_upload = Headers(scope=scope).get("content-type", "").startswith("multipart/")
        limit = self._max_upload_bytes if is_upload else self._max_bytes
        try:
            body = await _body(receive, limit)
        except TimeoutError:
            log.info("connection_too_slow", waited_for="body", path=scope["path"])
            await _TOO_SLOW.response()(scope, receive, send)
            return
        if body is None:
            return
        if len(body) > limit:
            await _too_large(limit).response()(scope, receive, send)
            return
        await self.app(scope, _Replay(body, receive), send)


async def _body(receive: Receive, limit: int) -> bytes | None:
    """The body, cut off soon after the limit; None if the client left. Raises TimeoutError."""
    body = bytearray()
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with asyncio.timeout(BODY_WITHIN_S) as deadline:
        while len(body) <= limit:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
            deadline.reschedule(started + BODY_WITHIN_S + len(body) / BODY_BYTES_A_S)
    return bytes(body)


_TOO_SLOW = Answer(
    Problem(
        type="request-timeout",
        title="The request came too slowly",
        status=408,
        detail=f"send at least {BODY_BYTES_A_S} bytes a second",
    ),
    {"Connection": "close"},
)


class _Replay:
    """Gives the body once, then further messages of the client; `again` starts over."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body = body
        self._receive = receive
        self._given = False

    async def __call__(self) -> Message:
        if self._given:
            return await self._receive()
        self._given = True
        return {"type": "http.request", "body": self._body, "more_body": False}

    def again(self) -> None:
        self._given = False


def _too_large(limit: int) -> Answer:
    return Answer(
        Problem(
            type="content-too-large",
            title="The request is too large",
            status=413,
            detail=f"send at most {limit} bytes",
            max_bytes=limit,
        )
    )


_AT_ONCE = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.UniqueViolation,
)
"""Errors of requests that ran at the same moment as others, and go well after them."""


class DatabaseTrouble:
    """Runs a request once more after a deadlock, or if another made the same row at the same moment.

    Answers 503 if the database is out of reach.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not isinstance(receive, _Replay):
            await self.app(scope, receive, send)
            return
        answering = _Answering(send)
        try:
            await self.app(dict(scope), receive, answering)
        except _AT_ONCE as error:
            if answering.started:
                raise
            log.info("request_retried", path=scope["path"], error=type(error).__name__)
            receive.again()
            await self._last_attempt(scope, receive, answering)
        except psycopg.Error as error:
            await _answer_database_error(error, scope, receive, answering)

    async def _last_attempt(self, scope: Scope, receive: Receive, send: "_Answering") -> None:
        try:
            await self.app(scope, receive, send)
        except psycopg.Error as error:
            await _answer_database_error(error, scope, receive, send)


class _Answering:
    """Knows whether an answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        self.started = True
        await self._send(message)


async def _answer_database_error(
    error: psycopg.Error, scope: Scope, receive: Receive, send: _Answering
) -> None:
    if send.started or of_database(error) is None:
        raise error
    log.warning("database_refused", path=scope["path"], error=type(error).__name__)
    await answer_to(error).response()(scope, receive, send)
