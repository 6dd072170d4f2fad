"""Reports the node's health periodically: through the outbox, or without it if the disk is full."""

import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from edge.camera import CameraChannel
from edge.database import StorageFailed, transaction
from edge.disk import Disk
from edge.mailbox import Mailboxes
from edge.messages import MessageEncoder
from edge.outbox import OutboxFigures, OutboxTable
from edge.stopwatch import Stopwatch
from edge.system_metrics import rss_bytes, temperature_c
from edge.uplink import Uplink
from wire.messages import EdgeHealth, LoadedModel


@dataclass(frozen=True)
class HealthSources:
    """The parts of the node that the figures are read from."""

    cameras: Iterable[CameraChannel]
    mailboxes: Mailboxes
    stopwatch: Stopwatch
    disk: Disk
    shadow: Callable[[], LoadedModel | None]


class HealthReporter:
    """Reports the node's health, over a database connection of its own."""

    def __init__(
        self,
        sources: HealthSources,
        encoder: MessageEncoder,
        connection: sqlite3.Connection,
        outbox: OutboxTable,
        uplink: Uplink,
    ) -> None:
        self._sources = sources
        self._encoder = encoder
        self._connection = connection
        self._outbox = outbox
        self._uplink = uplink

    def report(self) -> None:
        """Report the present figures."""
        disk, health = self._sources.disk, self._health()
        try:
            with transaction(self._connection):
                self._outbox.append(self._encoder.health(health))
        except StorageFailed as error:
            disk.failed(error)
            changed = health.model_copy(update={"storage": disk.state})
            message = self._encoder.health(changed)
            self._uplink.publish(message.topic, message.payload)
        else:
            disk.worked()
            self._uplink.wake()

    def _health(self) -> EdgeHealth:
        now_s, sources, figures = time.monotonic(), self._sources, self._figures()
        return EdgeHealth(
            at=datetime.now(UTC),
            cameras=tuple(
                camera.health(now_s, sources.mailboxes.replaced(camera.camera_id))
                for camera in sources.cameras
            ),
            stage_ms=sources.stopwatch.read(),
            queue_depth=sources.mailboxes.waiting(),
            queue_age_s=sources.mailboxes.oldest_age_s(now_s),
            outbox_depth=figures.depth,
            outbox_bytes=figures.size,
            outbox_dropped={priority.name.lower(): n for priority, n in figures.dropped.items()},
            storage=sources.disk.state,
            model=self._encoder.model.loaded,
            shadow=sources.shadow(),
            rss_bytes=rss_bytes(),
            temperature_c=temperature_c(),
        )

    def _figures(self) -> OutboxFigures:
        try:
            return self._outbox.figures()
        except StorageFailed as error:
            self._sources.disk.failed(error)
            return OutboxFigures()
