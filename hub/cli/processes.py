"""The hub's three processes: ingest, worker, api."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from prometheus_client import start_http_server

from hub import __version__, logs
from hub.cli import running
from hub.clock import now
from hub.db import open_pool
from hub.refusals.keeping import RefusedKeeping
from hub.settings import Settings

if TYPE_CHECKING:
    from hub.ingest.subscriber import Broker
    from hub.worker.run import PublisherLogin


def ingest(
    instance: Annotated[
        str, typer.Option(help="Name of this instance; must stay the same across restarts.")
    ] = "1",
    leave: Annotated[
        bool,
        typer.Option(
            "--leave",
            help="For an instance that will not run again: store what the broker keeps for it, "
            "subscribe to nothing more, and exit.",
        ),
    ] = False,
) -> None:
    """Receive messages of devices, store them and then acknowledge them.

    The broker keeps messages for every instance that it knows, running or not. An instance that will
    not run again must leave while another one runs.
    """
    from hub.evidence import open_evidence
    from hub.ingest.interpreter import tune_interpreter
    from hub.ingest.wiring import ingest_of

    settings = _started()
    tune_interpreter()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    broker = _broker_of(settings, instance)
    evidence = open_evidence(settings.evidence_url)
    url = running.secret(settings.database_url)
    kept = _refused_keeping(settings)
    process = ingest_of(broker, settings.district, __version__, url, evidence, kept, leaving=leave)
    (process.leave if leave else process.run)(stop)


def _broker_of(settings: Settings, instance: str) -> "Broker":
    from hub.ingest.subscriber import Broker

    return Broker(
        settings.mqtt_host,
        settings.mqtt_port,
        settings.mqtt_username,
        running.password(settings),
        client_id=f"hub-ingest-{instance}",
        share_group=settings.mqtt_share_group,
    )


def worker() -> None:
    """Turn messages into cases and commands, publish commands, and run the timers."""
    from hub.cases.repair_judge import ModelJudge
    from hub.cli.journal import anchor_log
    from hub.evidence import open_evidence
    from hub.evidence.photo_model import open_photo_model
    from hub.signals.report_photo_model import ReportPhotoModel
    from hub.worker.feedback import FeedbackChecks
    from hub.worker.photo_checks import PhotoChecks
    from hub.worker.run import HubWorker

    settings = _started()
    anchors = anchor_log(settings)
    url = running.secret(settings.database_url)

    async def work() -> None:
        async with open_pool(url, name="worker", max_size=10) as pool:
            evidence = open_evidence(settings.evidence_url)
            photo_model = open_photo_model(settings.model_dir)
            process = HubWorker(
                url,
                pool,
                _publisher_login(settings),
                evidence,
                PhotoChecks(pool, evidence, ReportPhotoModel(photo_model), now),
                FeedbackChecks(pool, evidence, ModelJudge(photo_model), now),
                now,
                settings.telemetry_days,
                settings.off_post_min,
                _refused_keeping(settings),
                anchors,
                timedelta(seconds=settings.photo_wait_s),
                settings.audit_days,
            )
            await process.run()

    asyncio.run(_until_told(work()))


def _publisher_login(settings: Settings) -> "PublisherLogin":
    from hub.worker.run import PublisherLogin

    return PublisherLogin(
        settings.mqtt_host,
        settings.mqtt_port,
        settings.mqtt_username,
        running.password(settings),
        client_id=f"hub-worker-{socket.gethostname()}-{os.getpid()}",
    )


def api() -> None:
    """Serve REST, live updates, video and the console."""
    from hub.web.server import serve

    serve(_started())


def _started() -> Settings:
    """The settings of a process that has its logs and, if a port is set, its metrics."""
    settings = running.settings()
    logs.configure()
    if settings.metrics_port:
        start_http_server(settings.metrics_port)
    return settings


def _refused_keeping(settings: Settings) -> RefusedKeeping:
    return RefusedKeeping(settings.refused_days, settings.refused_day_mb)


async def _until_told(work: Coroutine[object, object, None]) -> None:
    """Run until done, SIGTERM or SIGINT."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return
