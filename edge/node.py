"""The whole node: its threads, what they share, and how it starts, changes and stops."""

import sqlite3
import time
import uuid
from collections.abc import Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from threading import Event

import structlog

from edge.camera import Intake
from edge.crew import Crew
from edge.database import Durability, connect, put_aside_if_damaged
from edge.detector import Loader, Ready
from edge.disk import Disk
from edge.feeds import Feeds
from edge.health import HealthReports, Watched
from edge.link import Broker, Retained
from edge.looking import Trial
from edge.mailbox import Mailboxes
from edge.messages import Sender
from edge.outbox import Outbox
from edge.remote.configurator import Configurator
from edge.remote.hearing import config_from, model_from
from edge.remote.shelf import Shelf
from edge.remote.terms import rules_of, setup_of, terms_of
from edge.remote.updater import Updater
from edge.roster import Roster
from edge.settings import CameraSettings, Settings
from edge.sources import Source
from edge.sources.opening import sources
from edge.stopwatch import Stopwatch
from edge.uplink import Identity, Uplink
from edge.worker import Worker
from wire import topics
from wire.topics import Leaf

_log = structlog.get_logger()

_JOIN_S = 10.0
_SEAT_S = 30.0


class Node:
    """One edge node. `run` opens all that it needs, and closes it again."""

    def __init__(
        self,
        settings: Settings,
        cameras: Sequence[CameraSettings],
        in_use: Ready,
        shelf: Shelf,
        load: Loader,
    ) -> None:
        self._settings = settings
        self._configurator = Configurator(
            settings.data_dir / "config.json",
            setup_of(settings, cameras),
            settings.reported(),
            lambda: self._ready.own,
        )
        setup = self._configurator.setup
        self._ready = in_use.tuned(setup.thresholds)
        self._shelf = shelf
        self._load = load
        self._roster = Roster(setup)
        self._mailboxes = Mailboxes(camera.camera_id for camera in self._roster)
        self._intake = Intake(self._roster, self._mailboxes)
        self._sender = Sender(
            settings.district, settings.edge_id, str(uuid.uuid4()), self._ready.model
        )
        self._stopwatch = Stopwatch()
        self._disk = Disk()
        self._crew = Crew()
        self._feeds = Feeds(self._crew, self._sources)
        self._stop = Event()

    def run(self, stop: Event) -> bool:
        """Work until `stop` is set. False when a thread died, which stops the others too."""
        self._stop = stop
        if aside := put_aside_if_damaged(self._database_path):
            _log.error("database_damaged", kept_as=str(aside))
        with ExitStack() as opened:
            looking = opened.enter_context(closing(self._database(Durability.FULL)))
            reporting = opened.enter_context(closing(self._database(Durability.NORMAL)))
            delivering = opened.enter_context(closing(self._database(Durability.NORMAL)))
            self._build(looking, delivering)
            self._crew.start("worker", partial(self._worker.run, self._mailboxes, stop))
            self._crew.start("uplink", partial(self._uplink.run, stop))
            self._crew.start("updater", partial(self._updater.run, stop))
            self._feeds.open(self._configurator.setup.cameras)
            _log.info("started", edge_id=self._settings.edge_id, cameras=len(self._roster))
            healthy = self._watch(self._reports(reporting))
            self._feeds.stop()
            self._uplink.wake()
            self._crew.join(_JOIN_S)
        if healthy:
            self._stopped_well()
        _log.info("stopped", edge_id=self._settings.edge_id)
        return healthy

    def _stopped_well(self) -> None:
        """Note that this start counts against nothing that has yet to prove itself."""
        self._configurator.stopped_well()
        try:
            self._shelf.stopped_well()
        except OSError as error:
            _log.error("model_state_lost", reason=str(error))

    def _build(self, looking: sqlite3.Connection, delivering: sqlite3.Connection) -> None:
        self._uplink = Uplink(self._broker(), self._identity(), self._outbox(delivering))
        self._worker = Worker(
            self._roster,
            self._ready.detector,
            self._sender,
            looking,
            self._outbox(looking),
            self._stopwatch,
            self._uplink.wake,
            self._disk,
        )
        self._updater = Updater(
            self._shelf,
            lambda folder: self._load(folder).tuned(self._configurator.setup.thresholds),
            self._ready,
            self._settings.model_dir,
            terms_of(self._settings),
            rules_of(self._settings),
            self._seat,
            lambda: self._say(self._sender.reported_model(self._updater.reported())),
        )

    def _reports(self, connection: sqlite3.Connection) -> HealthReports:
        watched = Watched(
            self._roster,
            self._mailboxes,
            self._stopwatch,
            self._disk,
            lambda: self._updater.shadow,
        )
        outbox = self._outbox(connection)
        return HealthReports(watched, self._sender, connection, outbox, self._uplink)

    def _watch(self, reports: HealthReports) -> bool:
        """Report the node's health and take on what the hub wishes for, until it stops or a thread dies."""
        next_s = time.monotonic() + self._configurator.setup.health_every_s
        while not self._stop.wait(0.2):
            if dead := self._crew.dead():
                _log.error("thread_died", threads=dead)
                self._stop.set()
                return False
            if self._configurator.next():
                self._set_up()
            if time.monotonic() >= next_s:
                next_s = time.monotonic() + self._configurator.setup.health_every_s
                reports.tell()
        return True

    def _set_up(self) -> None:
        """Work with the present setup from now on: what stays the same is not disturbed."""
        setup = self._configurator.setup
        self._feeds.close_all_but(setup.cameras)
        self._roster.change(setup)
        self._mailboxes.watch(camera.camera_id for camera in self._roster)
        self._intake.watch(self._roster)
        watched = list(self._roster)

        def change() -> None:
            self._ready = self._ready.tuned(setup.thresholds)
            self._worker.use(self._ready)
            self._worker.watch(watched)

        self._worker.between_frames(change)
        self._feeds.open(setup.cameras)
        self._say(self._sender.reported(self._configurator.reported()))

    def _seat(self, ready: Ready | None, trial: Trial | None) -> None:
        """Have the worker use a model and follow a trial; returns once it does, or the node stops."""
        done = Event()

        def change() -> None:
            if ready is not None:
                self._ready = ready.tuned(self._configurator.setup.thresholds)
                self._worker.use(self._ready)
            self._worker.follow(trial)
            done.set()

        self._worker.between_frames(change)
        until_s = time.monotonic() + _SEAT_S
        while not (done.wait(0.1) or self._stop.is_set() or time.monotonic() > until_s):
            continue
        if ready is not None:
            self._say(self._sender.birth())

    def _sources(self, cameras: Sequence[CameraSettings]) -> list[Source]:
        settings = self._settings
        client_id = f"{settings.edge_id}-frames"
        broker = self._frames_broker()
        return sources(
            cameras, self._intake, broker, client_id, settings.district, settings.camera_ca_file
        )

    def _identity(self) -> Identity:
        sender = self._sender
        return Identity(
            client_id=self._settings.edge_id,
            hub_status_topic=topics.hub_status(self._settings.district),
            birth=self._birth,
            will=sender.will(),
            hears={
                sender.hears(Leaf.CONFIG_DESIRED): self._hear_config,
                sender.hears(Leaf.MODELS_DESIRED): self._hear_model,
            },
        )

    def _birth(self) -> Sequence[Retained]:
        return (
            self._sender.birth(),
            self._sender.reported(self._configurator.reported()),
            self._sender.reported_model(self._updater.reported()),
        )

    def _hear_config(self, payload: bytes) -> None:
        if wish := config_from(self._sender.hears(Leaf.CONFIG_DESIRED), payload):
            self._configurator.wish(wish)

    def _hear_model(self, payload: bytes) -> None:
        if wish := model_from(self._sender.hears(Leaf.MODELS_DESIRED), payload):
            self._updater.wish(wish)

    def _say(self, state: Retained) -> None:
        """Publish a state now; without a connection, the next birth tells it."""
        self._uplink.say(state.topic, state.payload, retain=True)

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

    @property
    def _database_path(self) -> Path:
        return self._settings.data_dir / "edge.db"

    def _database(self, durability: Durability) -> sqlite3.Connection:
        return connect(self._database_path, durability)

    def _outbox(self, connection: sqlite3.Connection) -> Outbox:
        return Outbox(connection, self._settings.outbox_max_mb * 1024 * 1024)
