"""GET /api/events: the event stream of one console."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from time import monotonic
from typing import Annotated

import psycopg
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from starlette.types import Message, Send

from hub.accounts.access import Anyone, CurrentSession
from hub.accounts.account import Session
from hub.clock import Clock
from hub.errors import Unavailable
from hub.journal import Cursor
from hub.journal.cursor import CURSOR_PATTERN
from hub.live.client import LiveClient
from hub.live.compression import GzipBody, StreamPart
from hub.live.events import Hello, Ping, encode, journal_event
from hub.live.feed import Feed

router = APIRouter(prefix="/api/events", tags=["live"])

PING_EVERY_S = 2.0
"""A console that hears nothing for more than two pings says so."""
SEND_WITHIN_S = 30.0
_RESUMED = StreamPart(b": resumed\n\n")
"""A comment, so that the response begins before the first event."""


class EventStream(StreamingResponse):
    """Drops a client that reads nothing for SEND_WITHIN_S; it can resume from its cursor."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[StreamPart, None], *, compressed: bool) -> None:
        headers = {
            "X-Accel-Buffering": "no",
            "Cache-Control": "no-store",
            "Vary": "Accept-Encoding",
        }
        if compressed:
            headers["Content-Encoding"] = "gzip"
        self._body = _gzip(events) if compressed else _plain(events)
        super().__init__(self._body, headers=headers)

    async def stream_response(self, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(SEND_WITHIN_S):
                await send(message)

        async with aclosing(self._body):
            with suppress(TimeoutError):
                await super().stream_response(send_in_time)


async def _gzip(events: AsyncGenerator[StreamPart, None]) -> AsyncGenerator[bytes, None]:
    body = GzipBody()
    async with aclosing(events):
        async for part in events:
            yield body.add(part)
    yield body.end()


async def _plain(events: AsyncGenerator[StreamPart, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(events):
        async for part in events:
            yield part.plain


@router.get("", status_code=200, response_class=EventStream, response_model=None)
async def live_events(
    request: Request,
    session: CurrentSession,
    _account: Anyone,
    after: Annotated[str | None, Query(pattern=CURSOR_PATTERN)] = None,
    last_event_id: Annotated[str | None, Header(pattern=CURSOR_PATTERN)] = None,
) -> EventStream:
    """Stream the events from now on, or after the id of an event (`Last-Event-ID`, else `after`).

    Events: `hello` (only if nothing is resumed: read again what is shown), `journal`, `positions` (at
    most once a second), `ping` (every two seconds). Nothing is resumed after an id that this journal
    doesn't have, as after a restore. `hello` and `journal` have an id.
    """
    feed: Feed = request.app.state.feed
    if not feed.is_open:
        raise Unavailable("the hub is shutting down; connect again")
    given = last_event_id if last_event_id is not None else after
    cursor = None if given is None else Cursor.parse(given)
    compressed = "gzip" in request.headers.get("accept-encoding", "")
    events = _events(feed, request.app.state.clock, session, cursor)
    return EventStream(events, compressed=compressed)


async def _events(
    feed: Feed, clock: Clock, session: Session, cursor: Cursor | None
) -> AsyncGenerator[StreamPart, None]:
    """Ends with the session or the hub, or if the client is too slow or the database unavailable."""
    with suppress(psycopg.OperationalError), feed.subscribe(session) as subscription:
        client, position = subscription
        resumes = cursor is not None and await feed.knows(cursor)
        start = cursor if cursor is not None and resumes else position
        hello = encode("hello", Hello(journal_id=start.journal_id), cursor=start)
        yield _RESUMED if resumes else hello
        async for entry in feed.backlog(start.journal_id, position.journal_id, client.sight):
            if not client.is_open:
                return
            yield journal_event(entry)
        ping_at = monotonic() + PING_EVERY_S
        while client.is_open:
            await client.wait(max(0.0, ping_at - monotonic()))
            if not client.is_open:
                return
            for event in _pending(client, start):
                yield event
            if monotonic() >= ping_at:
                yield encode("ping", Ping(at=clock()))
                ping_at = monotonic() + PING_EVERY_S


def _pending(client: LiveClient, start: Cursor) -> list[StreamPart]:
    entries = client.take_entries()
    events = [journal_event(e) for e in entries if e.journal_id > start.journal_id]
    if positions := client.take_positions():
        events.append(positions.event)
    return events
