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
from hub.cases.close_gate import RepairJudge
from hub.clock import Clock
from hub.db import Connection, Pool
from hub.devices.commands import sweep_presence
from hub.dispatch import commands as dispatch
from hub.errors import Conflict, HubError, IllegalTransition
from hub.evidence import EvidenceStore
from hub.outbox.store import forget_published
from hub.telemetry.partitions import make_partitions
from hub.video import commands as video
from hub.worker.inbox import SQL

log = structlog.get_logger()

KEEP_DONE = timedelta(days=7)


@dataclass(frozen=True)
class Timers:
    """Everything that the sweeps need."""

    pool: Pool
    clock: Clock
    evidence: EvidenceStore
    judge: RepairJudge

    async def sweep_for_ever(self) -> None:
        """Each second: run what is due. One sweep's failure is logged and does not stop the others."""
        while True:
            for number, sweep in enumerate(self._sweeps()):
                await self._alone(number, sweep)
            await self._check_feedback()
            await asyncio.sleep(1.0)

    def _sweeps(self) -> list[Callable[[Connection], Awaitable[object]]]:
        return [
            lambda db: dispatch.run_timers(db, self.clock()),
            lambda db: video.run_timers(db, self.clock()),
            lambda db: sweep_presence(db, self.clock()),
        ]

    async def _alone(self, number: int, sweep: Callable[[Connection], Awaitable[object]]) -> None:
        try:
            async with self.pool.connection() as db:
                row = await (await db.execute(SQL["only_one"], (number,))).fetchone()
                if row is not None and row[0]:
                    await sweep(db)
        except (HubError, psycopg.OperationalError) as error:
            log.warning("sweep_failed", sweep=number, error=str(error)[:200])

    async def _check_feedback(self) -> None:
        """The state is the queue: every case in FEEDBACK has its photos looked at."""
        try:
            async with self.pool.connection() as db:
                waiting = await (await db.execute(SQL["waiting_feedback"])).fetchall()
        except psycopg.OperationalError as error:
            log.warning("database_unavailable", error=str(error)[:200])
            return
        for (case_id,) in waiting:
            try:
                async with self.pool.connection() as db:
                    await cases.check_feedback(db, case_id, self.evidence, self.judge, self.clock())
            except (Conflict, IllegalTransition):
                continue  # another worker was first
            except (HubError, psycopg.OperationalError) as error:
                log.warning("feedback_check_failed", case_id=case_id, error=str(error)[:200])


def periodic_jobs(database_url: str, pool: Pool, clock: Clock) -> App:
    """Procrastinate's app with the jobs of each minute and hour."""
    app = App(connector=PsycopgConnector(conninfo=database_url, min_size=1, max_size=4))

    @app.periodic(cron="* * * * *")
    @app.task(name="flag_overdue", queueing_lock="flag_overdue")
    async def flag_overdue(timestamp: int) -> None:
        async with pool.connection() as db:
            resumed = await cases.resume_suspended(db, clock())
        async with pool.connection() as db:
            signed = await cases.sign_unanswered(db, clock())
        async with pool.connection() as db:
            count = await cases.flag_overdue(db, clock())
        log.info(
            "overdue_flagged", count=count, resumed=resumed, signed=signed, scheduled=timestamp
        )

    @app.periodic(cron="7 * * * *")
    @app.task(name="make_partitions", queueing_lock="make_partitions")
    async def make_telemetry_partitions(timestamp: int) -> None:
        async with pool.connection() as db:
            made = await make_partitions(db, clock())
        log.info("partitions_made", names=made, scheduled=timestamp)

    @app.periodic(cron="17 3 * * *")
    @app.task(name="forget_done", queueing_lock="forget_done")
    async def forget_done(timestamp: int) -> None:
        async with pool.connection() as db:
            inbox = await db.execute(SQL["forget_inbox"], (clock() - KEEP_DONE,))
            outbox = await forget_published(db, clock() - KEEP_DONE)
        log.info("done_forgotten", inbox=inbox.rowcount, outbox=outbox, scheduled=timestamp)

    return app
