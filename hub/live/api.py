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

from hub.accounts.access import CurrentSession
from hub.accounts.account import Session
from hub.clock import Clock
from hub.errors import Unavailable
from hub.live.client import LiveClient
from hub.live.events import Hello, Ping, Positions, encode, journal_event
from hub.live.feed import Feed
from wire.limits import MAX_INTEGER

router = APIRouter(prefix="/api/events", tags=["live"])

PING_EVERY_S = 10.0
SEND_WITHIN_S = 30.0
_RESUMED = b": resumed\n\n"
"""A comment, so that the response begins before the first event."""


class EventStream(StreamingResponse):
    """Drops a client that reads nothing for SEND_WITHIN_S; it can resume from its cursor."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes, None]) -> None:
        super().__init__(events, headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"})
        self._events = events

    async def stream_response(self, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(SEND_WITHIN_S):
                await send(message)

        async with aclosing(self._events):
            with suppress(TimeoutError):
                await super().stream_response(send_in_time)


@router.get("", status_code=200, response_class=EventStream, response_model=None)
async def live_events(
    request: Request,
    session: CurrentSession,
    after: Annotated[int | None, Query(ge=0, le=MAX_INTEGER)] = None,
    last_event_id: Annotated[int | None, Header(ge=0, le=MAX_INTEGER)] = None,
) -> EventStream:
    """Stream the events from now on, or after a journal id (`Last-Event-ID`, else `after`).

    Events: `hello` (only if nothing is resumed: entries before it may be missing), `journal`
    (with an id), `positions` (at most once a second), `ping`.
    """
    feed: Feed = request.app.state.feed
    if not feed.is_open:
        raise Unavailable("the hub is shutting down; connect again")
    cursor = last_event_id if last_event_id is not None else after
    return EventStream(_events(feed, request.app.state.clock, session, cursor))


async def _events(
    feed: Feed, clock: Clock, session: Session, cursor: int | None
) -> AsyncGenerator[bytes, None]:
    """Ends with the session or the hub, or if the client is too slow or the database unavailable."""
    with suppress(psycopg.OperationalError), feed.subscribe(session) as subscription:
        client, position = subscription
        start = position if cursor is None else cursor
        yield encode("hello", Hello(journal_id=start)) if cursor is None else _RESUMED
        async for entry in feed.backlog(start, position, client.only_unit):
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


def _pending(client: LiveClient, start: int) -> list[bytes]:
    events = [journal_event(e) for e in client.take_entries() if e.journal_id > start]
    if positions := client.take_positions():
        events.append(encode("positions", Positions(items=positions)))
    return events
