"""The node: its threads, what they share, and how it starts, changes and stops."""

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
from edge.camera_set import CameraSet
from edge.connection import BrokerSettings, RetainedMessage
from edge.database import Durability, connect, put_aside_if_damaged
from edge.detector import LoadedDetector, Loader
from edge.disk import Disk
from edge.feeds import Feeds
from edge.health import HealthReporter, HealthSources
from edge.inference import ModelEvaluation
from edge.mailbox import Mailboxes
from edge.messages import MessageEncoder
from edge.outbox import OutboxTable
from edge.remote.configurator import Configurator
from edge.remote.model_store import ModelStore
from edge.remote.policies import (
    acceptance_rules,
    camera_reach,
    desired_reader,
    download_policy,
    installed_setup,
)
from edge.remote.refused import log_refusal
from edge.remote.updater import ModelUpdater
from edge.settings import CameraSettings, EdgeSettings
from edge.sources import FrameSource
from edge.sources.factory import new_sources
from edge.stopwatch import Stopwatch
from edge.supervisor import ThreadSupervisor
from edge.uplink import NodeIdentity, Uplink
from edge.worker import Worker
from wire import topics
from wire.acl import frames_login
from wire.topics import Leaf

_log = structlog.get_logger()

_JOIN_S = 10.0
_ACTIVATE_S = 30.0


class Node:
    """One edge node. `run` opens all that it needs and closes it again."""

    def __init__(
        self,
        settings: EdgeSettings,
        cameras: Sequence[CameraSettings],
        in_use: LoadedDetector,
        model_store: ModelStore,
        load: Loader,
    ) -> None:
        self._settings = settings
        self._configurator = Configurator(
            settings.data_dir / "config.json",
            installed_setup(settings, cameras),
            settings.reported(),
            lambda: self._loaded_detector.own,
            camera_reach(settings, cameras),
            in_order=settings.hub_key is not None,
        )
        self._reader = desired_reader(settings)
        setup = self._configurator.setup
        self._loaded_detector = in_use.tuned(setup.thresholds)
        self._model_store = model_store
        self._load = load
        self._cameras = CameraSet(setup)
        self._mailboxes = Mailboxes(camera.camera_id for camera in self._cameras)
        self._intake = Intake(self._cameras, self._mailboxes)
        self._encoder = MessageEncoder(
            settings.district, settings.edge_id, str(uuid.uuid4()), self._loaded_detector.model
        )
        self._stopwatch = Stopwatch()
        self._disk = Disk()
        self._supervisor = ThreadSupervisor()
        self._feeds = Feeds(self._supervisor, self._sources)
        self._stop = Event()

    def run(self, stop: Event) -> bool:
        """Work until `stop` is set. False if a thread died, which stops the others too."""
        self._stop = stop
        if aside := put_aside_if_damaged(self._database_path):
            _log.error("database_damaged", kept_as=str(aside))
        with ExitStack() as opened:
            working = opened.enter_context(closing(self._database(Durability.FULL)))
            reporting = opened.enter_context(closing(self._database(Durability.NORMAL)))
            delivering = opened.enter_context(closing(self._database(Durability.NORMAL)))
            self._build(working, delivering)
            self._supervisor.start("worker", partial(self._worker.run, self._mailboxes, stop))
            self._supervisor.start("uplink", partial(self._uplink.run, stop))
            self._supervisor.start("updater", partial(self._updater.run, stop))
            self._feeds.open(self._configurator.setup.cameras)
            _log.info("started", edge_id=self._settings.edge_id, cameras=len(self._cameras))
            healthy = self._watch(self._health_reporter(reporting))
            self._feeds.stop()
            self._uplink.wake()
            self._supervisor.join(_JOIN_S)
        if healthy:
            self._stopped_cleanly()
        _log.info("stopped", edge_id=self._settings.edge_id)
        return healthy

    def _stopped_cleanly(self) -> None:
        """Note that this start counts against no model and no configuration."""
        self._configurator.stopped_cleanly()
        try:
            self._model_store.stopped_cleanly()
        except OSError as error:
            _log.error("model_state_lost", reason=str(error))

    def _build(self, working: sqlite3.Connection, delivering: sqlite3.Connection) -> None:
        self._uplink = Uplink(self._broker(), self._identity(), self._outbox(delivering))
        self._worker = Worker(
            self._cameras,
            self._loaded_detector.detector,
            self._encoder,
            working,
            self._outbox(working),
            self._stopwatch,
            self._uplink.wake,
            self._disk,
        )
        self._updater = ModelUpdater(
            self._model_store,
            lambda folder: self._load(folder).tuned(self._configurator.setup.thresholds),
            self._loaded_detector,
            self._settings.model_dir,
            download_policy(self._settings),
            acceptance_rules(self._settings),
            self._activate,
            lambda: self._publish(self._encoder.reported_model(self._updater.reported())),
        )

    def _health_reporter(self, connection: sqlite3.Connection) -> HealthReporter:
        sources = HealthSources(
            self._cameras,
            self._mailboxes,
            self._stopwatch,
            self._disk,
            lambda: self._updater.shadow,
        )
        outbox = self._outbox(connection)
        return HealthReporter(sources, self._encoder, connection, outbox, self._uplink)

    def _watch(self, health: HealthReporter) -> bool:
        """Report health and apply new configurations, until the node stops or a thread dies."""
        next_s = time.monotonic() + self._configurator.setup.health_every_s
        while not self._stop.wait(0.2):
            if dead := self._supervisor.dead():
                _log.error("thread_died", threads=dead)
                self._stop.set()
                return False
            if self._configurator.next():
                self._set_up()
            if time.monotonic() >= next_s:
                next_s = time.monotonic() + self._configurator.setup.health_every_s
                health.report()
        return True

    def _set_up(self) -> None:
        """Apply the present setup without disturbing what stays the same."""
        setup = self._configurator.setup
        self._feeds.close_all_but(setup.cameras)
        self._cameras.change(setup)
        self._mailboxes.watch(camera.camera_id for camera in self._cameras)
        self._intake.watch(self._cameras)
        watched = list(self._cameras)

        def change() -> None:
            self._loaded_detector = self._loaded_detector.tuned(setup.thresholds)
            self._worker.use(self._loaded_detector)
            self._worker.watch(watched)

        self._worker.between_frames(change)
        self._feeds.open(setup.cameras)
        self._publish(self._encoder.reported(self._configurator.reported()))

    def _activate(
        self, loaded_detector: LoadedDetector | None, evaluation: ModelEvaluation | None
    ) -> None:
        """Have the worker use a model and an evaluation; returns once it does, or the node stops."""
        done = Event()

        def change() -> None:
            if loaded_detector is not None:
                self._loaded_detector = loaded_detector.tuned(self._configurator.setup.thresholds)
                self._worker.use(self._loaded_detector)
            self._worker.follow(evaluation)
            done.set()

        self._worker.between_frames(change)
        until_s = time.monotonic() + _ACTIVATE_S
        while not (done.wait(0.1) or self._stop.is_set() or time.monotonic() > until_s):
            continue
        if loaded_detector is not None:
            self._publish(self._encoder.birth())

    def _sources(self, cameras: Sequence[CameraSettings]) -> list[FrameSource]:
        settings = self._settings
        client_id = f"{settings.edge_id}-frames"
        broker = self._frames_broker()
        return new_sources(
            cameras, self._intake, broker, client_id, settings.district, settings.camera_ca_file
        )

    def _identity(self) -> NodeIdentity:
        encoder = self._encoder
        return NodeIdentity(
            client_id=self._settings.edge_id,
            hub_status_topic=topics.hub_status(self._settings.district),
            birth=self._birth,
            will=encoder.will(),
            subscriptions={
                encoder.topic(Leaf.CONFIG_DESIRED): self._on_desired_config,
                encoder.topic(Leaf.MODELS_DESIRED): self._on_desired_model,
                encoder.topic(Leaf.REFUSED): log_refusal,
            },
        )

    def _birth(self) -> Sequence[RetainedMessage]:
        return (
            self._encoder.birth(),
            self._encoder.reported(self._configurator.reported()),
            self._encoder.reported_model(self._updater.reported()),
        )

    def _on_desired_config(self, payload: bytes) -> None:
        topic = self._encoder.topic(Leaf.CONFIG_DESIRED)
        if wish := self._reader.config(topic, payload):
            self._configurator.request(wish.desired, wish.objection)

    def _on_desired_model(self, payload: bytes) -> None:
        topic = self._encoder.topic(Leaf.MODELS_DESIRED)
        if wish := self._reader.model(topic, payload):
            self._updater.request(wish.desired, wish.objection)

    def _publish(self, state: RetainedMessage) -> None:
        """Publish a state now; without a connection, the next birth includes it."""
        self._uplink.publish(state.topic, state.payload, retain=True)

    def _broker(self) -> BrokerSettings:
        settings = self._settings
        password = settings.password
        return BrokerSettings(settings.mqtt_host, settings.mqtt_port, settings.edge_id, password)

    def _frames_broker(self) -> BrokerSettings:
        """The cameras' own broker if there is one beside the node, else the hub's.

        The login is one of its own: a broker may take the user name as client id, and would end the
        node's first connection.
        """
        hub = self._broker()
        settings = self._settings
        return BrokerSettings(
            settings.frames_mqtt_host or hub.host,
            settings.frames_mqtt_port or hub.port,
            settings.frames_mqtt_username or frames_login(settings.edge_id),
            hub.password,
        )

    @property
    def _database_path(self) -> Path:
        return self._settings.data_dir / "edge.db"

    def _database(self, durability: Durability) -> sqlite3.Connection:
        return connect(self._database_path, durability)

    def _outbox(self, connection: sqlite3.Connection) -> OutboxTable:
        return OutboxTable(connection, self._settings.outbox_max_mb * 1024 * 1024)
