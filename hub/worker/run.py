"""The worker's parts, run together; the death of any of them ends the process."""

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta

import aiomqtt
import psycopg
import structlog

from hub.clock import Clock
from hub.db import Pool
from hub.evidence import EvidenceStore
from hub.journal.anchoring import AnchorLog
from hub.refusals.keeping import RefusedKeeping
from hub.signals.awaited_photos import PHOTO_WAIT
from hub.worker.feedback import FeedbackChecks
from hub.worker.handlers import handling
from hub.worker.inbox import work
from hub.worker.photo_checks import PhotoChecks
from hub.worker.publisher import publish_for_ever
from hub.worker.sweeps import Sweeper
from hub.worker.timers import periodic_jobs, sweep_for_ever

log = structlog.get_logger()

INBOX_TASKS = 4
JOBS_AT_ONCE = 3
"""More than one, so that a long roll-up delays no deadline."""


@dataclass(frozen=True)
class PublisherLogin:
    """The broker's address, and the worker's login for publishing."""

    host: str
    port: int
    username: str
    password: str | None
    client_id: str


@dataclass(frozen=True)
class HubWorker:
    """A worker process. With `off_post_min` 0, posts are not monitored.

    Without `anchors`, the journal is not anchored.
    """

    database_url: str
    pool: Pool
    login: PublisherLogin
    evidence: EvidenceStore
    photo_checks: PhotoChecks
    feedback_checks: FeedbackChecks
    clock: Clock
    telemetry_days: int
    off_post_min: int
    refused: RefusedKeeping
    anchors: AnchorLog | None = None
    photo_wait: timedelta = PHOTO_WAIT
    audit_days: int = 365

    async def run(self) -> None:
        """Run until cancelled."""
        wake_inbox, wake_outbox = asyncio.Event(), asyncio.Event()
        wakes = {"inbox": wake_inbox, "outbox": wake_outbox}
        pool, clock = self.pool, self.clock
        handle = handling(self.refused, self.photo_wait)
        jobs = periodic_jobs(
            self.database_url,
            pool,
            self.evidence,
            clock,
            self.telemetry_days,
            self.off_post_min,
            self.refused.days,
            self.anchors,
            self.audit_days,
        )
        async with jobs.open_async(), asyncio.TaskGroup() as tasks:
            tasks.create_task(_listen(self.database_url, wakes))
            for _ in range(INBOX_TASKS):
                tasks.create_task(work(pool, handle, clock, wake_inbox))
            tasks.create_task(work(pool, handle, clock, wake_inbox, alarms_only=True))
            tasks.create_task(_publish(self.login, pool, clock, wake_outbox))
            tasks.create_task(sweep_for_ever(Sweeper(pool, clock), self.photo_wait))
            tasks.create_task(self.photo_checks.check_for_ever())
            tasks.create_task(self.feedback_checks.check_for_ever())
            tasks.create_task(
                jobs.run_worker_async(
                    install_signal_handlers=False, delete_jobs="always", concurrency=JOBS_AT_ONCE
                )
            )
            log.info("started", part="worker")


async def _listen(database_url: str, wakes: dict[str, asyncio.Event]) -> None:
    """Turn the database's notifications into wake-ups; polling covers the time without them."""
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                database_url, autocommit=True, application_name="worker-listen"
            ) as db:
                for channel, wake in wakes.items():
                    await db.execute(f"LISTEN {channel}".encode())
                    wake.set()  # for notifications before the first LISTEN
                async for note in db.notifies():
                    wakes[note.channel].set()
        except psycopg.OperationalError as error:
            log.warning("notifications_lost", error=str(error).splitlines()[0][:200])
            await asyncio.sleep(1.0)


async def _publish(login: PublisherLogin, pool: Pool, clock: Clock, wake: asyncio.Event) -> None:
    pause_s = 0.2
    while True:
        try:
            async with aiomqtt.Client(
                login.host,
                login.port,
                username=login.username,
                password=login.password,
                identifier=login.client_id,
                protocol=aiomqtt.ProtocolVersion.V5,
                max_queued_outgoing_messages=0,
            ) as client:
                pause_s = 0.2
                await publish_for_ever(client, pool, clock, wake)
        except aiomqtt.MqttError as error:
            log.warning("broker_unavailable", error=str(error))
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.5))
            pause_s = min(pause_s * 2, 5.0)
