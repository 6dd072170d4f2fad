"""What happens by time. Seconds matter to commands and video, so one worker at a time sweeps them each
second; what can wait for a minute runs as Procrastinate's periodic jobs.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import structlog
from procrastinate import App, PsycopgConnector

from hub.cases import commands as cases
from hub.clock import Clock
from hub.db import SHARE, Connection, Pool, in_shares
from hub.devices.commands import sweep_clocks, sweep_presence
from hub.devices.wishes import sweep_wishes
from hub.dispatch import commands as dispatch
from hub.errors import HubError
from hub.geofences.watching import follow_terminals, look_back
from hub.monitoring.commands import look_at_batteries, look_at_posts
from hub.outbox.store import forget_published
from hub.telemetry.storage import maintenance
from hub.video import commands as video
from hub.worker.inbox import SQL
from hub.worker.inbox import forget_done as forget_messages

log = structlog.get_logger()

KEEP_DONE = timedelta(days=7)
FORGOTTEN_AT_ONCE = 20_000


@dataclass(frozen=True)
class Sweep:
    """Something that is looked at each second; `run` returns how much of a share it found."""

    run: Callable[[Connection], Awaitable[int]]
    share: int = SHARE


@dataclass(frozen=True)
class Timers:
    """Everything that the sweeps need."""

    pool: Pool
    clock: Clock

    async def sweep_for_ever(self) -> None:
        """Each second: run what is due. One sweep's failure is logged and does not stop the others."""
        while True:
            for number, sweep in enumerate(self._sweeps()):
                await self._alone(number, sweep)
            await asyncio.sleep(1.0)

    def _sweeps(self) -> list[Sweep]:
        return [
            Sweep(lambda db: dispatch.run_timers(db, self.clock()), dispatch.BATCH),
            Sweep(lambda db: video.run_timers(db, self.clock())),
            Sweep(lambda db: sweep_presence(db, self.clock())),
            Sweep(lambda db: sweep_clocks(db, self.clock())),
            Sweep(self._follow),
            Sweep(lambda db: look_back(db, self.clock())),
        ]

    async def _follow(self, db: Connection) -> int:
        return (await follow_terminals(db, self.clock())).terminals

    async def _alone(self, number: int, sweep: Sweep) -> None:
        async def unless_another_worker_does(db: Connection) -> int:
            row = await (await db.execute(SQL["only_one"], (number,))).fetchone()
            return await sweep.run(db) if row is not None and row[0] else 0

        try:
            await in_shares(self.pool, unless_another_worker_does, sweep.share)
        except (HubError, psycopg.OperationalError) as error:
            log.warning("sweep_failed", sweep=number, error=str(error)[:200])


def periodic_jobs(
    database_url: str, pool: Pool, clock: Clock, telemetry_days: int, off_post_min: int
) -> App:
    """Procrastinate's app with the jobs of each minute and hour."""
    app = App(connector=PsycopgConnector(conninfo=database_url, min_size=1, max_size=4))

    @app.periodic(cron="* * * * *")
    @app.task(name="flag_overdue", queueing_lock="flag_overdue")
    async def flag_overdue(timestamp: int) -> None:
        resumed = await in_shares(pool, lambda db: cases.resume_suspended(db, clock()))
        signed = await in_shares(pool, lambda db: cases.sign_unanswered(db, clock()))
        count = await in_shares(pool, lambda db: cases.flag_overdue(db, clock()))
        await in_shares(pool, lambda db: sweep_wishes(db, clock()))
        log.info(
            "overdue_flagged", count=count, resumed=resumed, signed=signed, scheduled=timestamp
        )

    @app.periodic(cron="* * * * *")
    @app.task(name="monitor_terminals", queueing_lock="monitor_terminals")
    async def monitor_terminals(timestamp: int) -> None:
        async with pool.connection() as db:
            low = await look_at_batteries(db, clock())
        async with pool.connection() as db:
            away = await look_at_posts(db, clock(), off_post_min)
        log.info("terminals_monitored", low_batteries=low, off_post=away, scheduled=timestamp)

    @app.periodic(cron="7 * * * *")
    @app.task(name="tend_telemetry", queueing_lock="tend_telemetry")
    async def tend_telemetry(timestamp: int) -> None:
        await maintenance.maintain(database_url, clock(), telemetry_days)
        log.info("telemetry_tended", scheduled=timestamp)

    @app.periodic(cron="*/5 * * * *")
    @app.task(name="roll_up_telemetry", queueing_lock="roll_up_telemetry")
    async def roll_up_telemetry(timestamp: int) -> None:
        rolled = await maintenance.roll_up(database_url, clock(), telemetry_days)
        log.info("telemetry_rolled_up", by_us=rolled, scheduled=timestamp)

    @app.periodic(cron="17 3 * * *")
    @app.task(name="forget_done", queueing_lock="forget_done")
    async def forget_done(timestamp: int) -> None:
        before = clock() - KEEP_DONE
        share = FORGOTTEN_AT_ONCE
        inbox = await in_shares(pool, lambda db: forget_messages(db, before, share), share)
        outbox = await in_shares(pool, lambda db: forget_published(db, before, share), share)
        log.info("done_forgotten", inbox=inbox, outbox=outbox, scheduled=timestamp)

    return app
