"""The whole node: its threads, what they share, and how it starts and stops."""

import sqlite3
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from threading import Event, Thread

import structlog

from edge import messages
from edge.camera import Camera, Intake
from edge.database import Durability, connect, transaction
from edge.detector import Detector, Model
from edge.link import Broker, Retained
from edge.mailbox import Mailboxes
from edge.messages import Sender
from edge.outbox import Outbox
from edge.settings import CameraSettings, Settings
from edge.sources import Source
from edge.sources.folder import FolderFrames
from edge.sources.mqtt import MqttFrames
from edge.stopwatch import Stopwatch
from edge.uplink import Identity, Uplink
from edge.worker import Worker
from wire import topics
from wire.messages import DeviceConfig

_log = structlog.get_logger()

_JOIN_S = 10.0
_THERMAL = Path("/sys/class/thermal/thermal_zone0/temp")


class Node:
    """One edge node. The constructor opens nothing; `run` does it all and closes it again."""

    def __init__(
        self,
        settings: Settings,
        cameras: Sequence[CameraSettings],
        detector: Detector,
        model: Model,
    ) -> None:
        self._settings = settings
        self._camera_settings = cameras
        self._detector = detector
        self._cameras = [Camera(one.camera_id, one.site()) for one in cameras]
        self._mailboxes = Mailboxes(camera.camera_id for camera in self._cameras)
        self._sender = Sender(settings.district, settings.edge_id, str(uuid.uuid4()), model)
        self._stopwatch = Stopwatch()
        self._threads: list[Thread] = []

    def run(self, stop: Event) -> bool:
        """Work until `stop` is set. False when a thread died, which stops the others too."""
        with ExitStack() as opened:
            looking = opened.enter_context(closing(self._database(Durability.FULL)))
            reporting = opened.enter_context(closing(self._database(Durability.NORMAL)))
            delivering = opened.enter_context(closing(self._database(Durability.NORMAL)))
            uplink = Uplink(self._broker(), self._identity(), self._outbox(delivering))
            worker = Worker(
                self._cameras,
                self._detector,
                self._sender,
                looking,
                self._outbox(looking),
                self._stopwatch,
                uplink.wake,
            )
            self._start("worker", partial(worker.run, self._mailboxes, stop))
            self._start("uplink", partial(uplink.run, stop))
            for source in self._sources():
                self._start(source.name, partial(source.run, stop))
            _log.info("started", edge_id=self._settings.edge_id, cameras=len(self._cameras))
            healthy = self._watch(reporting, uplink, stop)
            uplink.wake()
            for thread in self._threads:
                thread.join(_JOIN_S)
        _log.info("stopped", edge_id=self._settings.edge_id)
        return healthy

    def _watch(self, connection: sqlite3.Connection, uplink: Uplink, stop: Event) -> bool:
        """Report the node's health until it stops, or one of its threads has died."""
        outbox = self._outbox(connection)
        next_s = time.monotonic() + self._settings.health_every_s
        while not stop.wait(0.2):
            if dead := [thread.name for thread in self._threads if not thread.is_alive()]:
                _log.error("thread_died", threads=dead)
                stop.set()
                return False
            if time.monotonic() >= next_s:
                next_s += self._settings.health_every_s
                self._report(connection, outbox)
                uplink.wake()
        return True

    def _report(self, connection: sqlite3.Connection, outbox: Outbox) -> None:
        now_s = time.monotonic()
        health = messages.health(
            [camera.health(now_s) for camera in self._cameras],
            self._stopwatch.read(),
            self._mailboxes.waiting(),
            outbox.depth(),
            _temperature_c(),
        )
        with transaction(connection):
            outbox.append(self._sender.health(health))

    def _sources(self) -> list[Source]:
        receiver = Intake(self._cameras, self._mailboxes)
        by_mqtt = [one.camera_id for one in self._camera_settings if one.folder is None]
        sources: list[Source] = [
            FolderFrames(one.camera_id, one.folder, receiver)
            for one in self._camera_settings
            if one.folder is not None
        ]
        if by_mqtt:
            settings = self._settings
            client_id = f"{settings.edge_id}-frames"
            sources.append(
                MqttFrames(self._frames_broker(), client_id, settings.district, by_mqtt, receiver)
            )
        return sources

    def _start(self, name: str, work: Callable[[], None]) -> None:
        def logged() -> None:
            try:
                work()
            except Exception:  # noqa: BLE001  whatever it is, the whole node stops for it
                _log.exception("thread_failed", thread=name)
                raise SystemExit from None  # ends this thread; `_watch` sees that it is gone

        thread = Thread(target=logged, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _identity(self) -> Identity:
        return Identity(
            client_id=self._settings.edge_id,
            hub_status_topic=topics.hub_status(self._settings.district),
            birth=self._birth,
            will=self._sender.will(),
        )

    def _birth(self) -> Sequence[Retained]:
        config = DeviceConfig(version=0, settings=self._settings.reported())
        return self._sender.birth(), self._sender.reported(config)

    def _broker(self) -> Broker:
        settings = self._settings
        password = settings.mqtt_password.get_secret_value()
        return Broker(settings.mqtt_host, settings.mqtt_port, settings.edge_id, password)

    def _frames_broker(self) -> Broker:
        """The cameras' own broker where there is one beside the node, else the hub's."""
        hub = self._broker()
        settings = self._settings
        return Broker(
            settings.frames_mqtt_host or hub.host,
            settings.frames_mqtt_port or hub.port,
            hub.username,
            hub.password,
        )

    def _database(self, durability: Durability) -> sqlite3.Connection:
        return connect(self._settings.data_dir / "edge.db", durability)

    def _outbox(self, connection: sqlite3.Connection) -> Outbox:
        return Outbox(connection, self._settings.outbox_max_mb * 1024 * 1024)


def _temperature_c() -> float | None:
    """The processor's temperature, where the system tells it (Linux thermal sysfs)."""
    try:
        return int(_THERMAL.read_text()) / 1000
    except (OSError, ValueError):
        return None
