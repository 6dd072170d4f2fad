"""Keep the relay of this process and the sessions in the database in step, once a second.

The relay reports what it sees; the database decides which sessions go on.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from hub.accounts.store import valid_sessions
from hub.clock import Clock
from hub.db import Pool
from hub.journal.unit_of_work import unit_of_work
from hub.video.commands import end_view, note_frame
from hub.video.relay import ChannelReport, Relay
from hub.video.store import SQL

log = structlog.get_logger()

EVERY_S = 1.0
FRESH_S = 2 * EVERY_S


async def watch_for_ever(relay: Relay, pool: Pool, clock: Clock) -> None:
    """Until cancelled. While the database is away, nothing new begins and what runs goes on."""
    while True:
        await _try_once(relay, pool, clock)
        await asyncio.sleep(EVERY_S)


async def _try_once(relay: Relay, pool: Pool, clock: Clock) -> None:
    try:
        await watch_once(relay, pool, clock)
    except (psycopg.Error, PoolTimeout) as error:
        log.warning("video_watch_failed", error=str(error))


async def watch_once(relay: Relay, pool: Pool, clock: Clock) -> None:
    """Note first and newest pictures and viewers who left; close sessions that are over."""
    reports = await relay.report()
    if reports:
        for report in reports:
            if report.silent_s is not None and report.silent_s <= FRESH_S:
                # Each in a transaction of its own: two of them must not wait for each other's locks.
                async with unit_of_work(pool, "system:relay", clock()) as work:
                    seen_at = work.now - timedelta(seconds=report.silent_s)
                    await note_frame(work, report.session_id, seen_at)
        async with pool.connection() as db:
            session_ids = [report.session_id for report in reports]
            cursor = await db.execute(SQL["still_open"], (session_ids, clock()))
            still_open = {row[0] for row in await cursor.fetchall()}
        for session_id in set(session_ids) - still_open:
            await relay.close_session(session_id)
        await _end_views_of_ended_logins(relay, pool, reports, clock())
    for view_id in relay.take_ended_views():
        async with unit_of_work(pool, "system:relay", clock()) as work:
            await end_view(work, view_id)


async def _end_views_of_ended_logins(
    relay: Relay, pool: Pool, reports: Sequence[ChannelReport], now: datetime
) -> None:
    """Whoever watches is let go of when their log-in has ended, or their account is disabled."""
    view_ids = [view_id for report in reports for view_id in report.views]
    if not view_ids:
        return
    async with pool.connection() as db:
        running = await (await db.execute(SQL["running_views"], (view_ids,))).fetchall()
        good = await valid_sessions(db, {login for *_, login in running if login}, now)
    for view_id, session_id, login in running:
        if login not in good:
            await relay.close_resource(session_id, view_id)
            log.info("view_ended_with_its_login", view_id=str(view_id))


@asynccontextmanager
async def watching(relay: Relay, pool: Pool, clock: Clock) -> AsyncIterator[None]:
    """Watch a relay in the background; at the end close every channel and note it."""
    task = asyncio.create_task(watch_for_ever(relay, pool, clock), name="video-watch")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        await relay.close()
        await _try_once(relay, pool, clock)
