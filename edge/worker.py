"""From a frame to a committed detection: the one thread that runs the detector."""

import queue
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain
from threading import Event

import structlog

from edge.camera import CameraChannel
from edge.database import Durability, StorageFailed, transaction
from edge.detector import LoadedDetector, ModelInfo, ObjectDetector, Observation
from edge.disk import Disk
from edge.evidence import EvidenceFrame
from edge.frame import CameraFrame
from edge.inference import Infer, Inference, ModelEvaluation
from edge.load_monitor import LoadMonitor
from edge.mailbox import Mailboxes
from edge.merge import infer_views
from edge.message_builder import build_messages
from edge.messages import MessageEncoder
from edge.outbox import OutboundMessage, OutboxTable
from edge.picture import BadPicture, Picture
from edge.stopwatch import Stopwatch
from edge.tiling import TilingPlan, Viewport
from edge.tracking import store
from edge.tracking.snapshot_store import Snapshot, SnapshotStore
from edge.tracking.tracker import Tracker, TrackUpdate
from wire.messages import DetectionType

_log = structlog.get_logger()

_TAKE_S = 0.5
_ROOM = 16 * 1024
"""Bytes to free besides those of the messages: for tracks, and for SQLite itself."""


class Worker:
    """Runs the detector on frames and commits the result. `connection` and `outbox` are its own."""

    def __init__(
        self,
        cameras: Iterable[CameraChannel],
        detector: ObjectDetector,
        encoder: MessageEncoder,
        connection: sqlite3.Connection,
        outbox: OutboxTable,
        stopwatch: Stopwatch,
        committed: Callable[[], None],
        disk: Disk | None = None,
    ) -> None:
        self.watch(cameras)
        self._detector = detector
        self._encoder = encoder
        self._connection = connection
        self._outbox = outbox
        self._stopwatch = stopwatch
        self._committed = committed
        self._disk = disk or Disk()
        self._load = LoadMonitor()
        self._evaluation: ModelEvaluation | None = None
        self._changes: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._snapshots = SnapshotStore(connection)
        self._tracker = Tracker()
        self._tracker.load(store.load(connection))

    def run(self, mailboxes: Mailboxes, stop: Event) -> None:
        """Handle frames until stopped."""
        while not stop.is_set():
            frame = mailboxes.take(_TAKE_S)
            self._change()
            if frame is not None:
                from_s = time.monotonic()
                self.handle(frame)
                self._load.worked(from_s, time.monotonic())

    def watch(self, cameras: Iterable[CameraChannel]) -> None:
        """Handle frames of these cameras from now on, and ignore those of others."""
        self._cameras = {camera.camera_id: camera for camera in cameras}

    def use(self, loaded_detector: LoadedDetector) -> None:
        """Use this model from now on. Call it in `between_frames`."""
        self._detector = loaded_detector.detector
        self._encoder.model = loaded_detector.model

    def follow(self, evaluation: ModelEvaluation | None) -> None:
        """Let this evaluation observe every inference from now on. Call it in `between_frames`."""
        self._evaluation = evaluation

    def between_frames(self, change: Callable[[], None]) -> None:
        """Run a change in the worker's own thread, between two frames."""
        self._changes.put(change)

    def _change(self) -> None:
        while not self._changes.empty():
            self._changes.get()()

    def handle(self, frame: CameraFrame) -> None:
        """Take in one frame, and run the detector on it if the gate says so. A bad one is counted."""
        camera = self._cameras.get(frame.camera_id)
        if camera is None:
            return
        try:
            self._handle(camera, frame)
        except BadPicture as error:
            camera.refuse(str(error))

    def _handle(self, camera: CameraChannel, frame: CameraFrame) -> None:
        watch_every_s = self._tracker.watch_every_s(camera.camera_id, frame.arrived_at)
        with self._stopwatch.stage("thumbnail"):
            small = frame.still.thumbnail()
            camera.usability.judge(small, frame.still.mark(), time.monotonic())
        with self._stopwatch.stage("gate"):
            trigger = camera.gate.update(
                small, frame.arrived_s, watch_every_s=watch_every_s, stretch=self._load.stretch
            )
        if trigger is None:
            return
        with self._stopwatch.stage("decode"):
            image = frame.still.picture()
        doubtful = self._tracker.doubtful(camera.camera_id, frame.arrived_at)
        plan = camera.plan(image, self._encoder.model.side)
        views = camera.tile_scheduler.choose(
            plan, trigger, chain(doubtful, camera.gate.new_boxes())
        )
        self._infer(camera, frame, image, plan, views)
        camera.gate.inspected(frame.arrived_s)
        camera.looked_at += 1

    def _infer(
        self,
        camera: CameraChannel,
        frame: CameraFrame,
        image: Picture,
        plan: TilingPlan,
        views: Sequence[Viewport],
    ) -> None:
        def infer(detector: ObjectDetector, model: ModelInfo) -> list[Observation]:
            seen = infer_views(plan, views, image, detector, model)
            return [one for one in seen if camera.watches(one.box.foot)]

        with self._stopwatch.stage("infer"):
            found, took_ms = self._detect(infer)
        with self._stopwatch.stage("track"):
            shown = partial(plan.shown, looked_at=views)
            update = self._tracker.update(camera.camera_id, found, frame.arrived_at, shown)
        if not update.changed or self._apply(camera, frame, image, update):
            _log_transitions(camera, update)
        if self._evaluation is not None:
            with self._stopwatch.stage("shadow"):
                tracks = self._tracker.of(camera.camera_id)
                count = max(1, len(views))
                self._evaluation.observe(Inference(infer, found, took_ms / count, count, tracks))

    def _detect(self, infer: Infer) -> tuple[list[Observation], float]:
        """What the model in use detects, and in how many milliseconds.

        A model that fails on probation is replaced by the one before it.
        """
        start_s = time.perf_counter()
        try:
            found = infer(self._detector, self._encoder.model)
        except Exception as error:
            loaded_detector = (
                self._evaluation.rescue(error) if self._evaluation is not None else None
            )
            if loaded_detector is None:
                raise
            _log.exception("model_failed")
            self.use(loaded_detector)
            found = infer(self._detector, self._encoder.model)
        return found, (time.perf_counter() - start_s) * 1000

    def _apply(
        self, camera: CameraChannel, frame: CameraFrame, image: Picture, update: TrackUpdate
    ) -> bool:
        """Commit an update and make it the present state.

        A transition that could not be stored has not happened: the next inferences decide again.
        """
        evidence_frame = EvidenceFrame(frame, image, camera.blur)
        with self._stopwatch.stage("evidence"):
            messages = build_messages(
                update, camera, evidence_frame, self._snapshots_of, self._encoder
            )
        with self._stopwatch.stage("commit"):
            committed = self._commit(update, evidence_frame, messages)
        if committed or not update.transitions:
            self._tracker.adopt(update)
        return committed

    def _snapshots_of(self, detection_id: str) -> list[Snapshot]:
        """The snapshots of a detection; a fault is published without those that the disk has lost."""
        try:
            return self._snapshots.of(detection_id)
        except StorageFailed as error:
            self._disk.failed(error)
            return []

    def _commit(
        self, update: TrackUpdate, evidence_frame: EvidenceFrame, messages: list[OutboundMessage]
    ) -> bool:
        """Commit tracks and messages together, or neither.

        False if the disk refuses that, and at the second try refuses less.
        """
        try:
            self._store(update, messages, evidence_frame)
        except StorageFailed as error:
            self._disk.failed(error)
            if not self._store_less(update, messages, evidence_frame if error.full else None):
                return False
        else:
            self._disk.worked()
        if messages:
            self._committed()
        return True

    def _store_less(
        self,
        update: TrackUpdate,
        messages: list[OutboundMessage],
        evidence_frame: EvidenceFrame | None,
    ) -> bool:
        """On a full disk drop messages of low priority first; on a failing one leave out snapshots."""
        try:
            if evidence_frame is not None:
                self._outbox.make_room(2 * sum(len(one.payload) for one in messages) + _ROOM)
            self._store(update, messages, evidence_frame)
        except StorageFailed:
            return False
        return True

    def _store(
        self,
        update: TrackUpdate,
        messages: list[OutboundMessage],
        evidence_frame: EvidenceFrame | None,
    ) -> None:
        # Without messages a power cut may undo it: the next inferences decide the same again.
        durability = Durability.FULL if messages else Durability.NORMAL
        with transaction(self._connection, durability):
            store.save(self._connection, update)
            if evidence_frame is not None:
                self._snapshots.keep(update, evidence_frame)
            dropped = self._outbox.append(*messages) if messages else {}
        for priority, count in dropped.items():
            _log.warning("outbox_overflowed", priority=priority.name.lower(), dropped=count)


_PAST = {
    DetectionType.NEW: "confirmed",
    DetectionType.UPDATE: "updated",
    DetectionType.END: "ended",
    DetectionType.CLEARED: "cleared",
}


def _log_transitions(camera: CameraChannel, update: TrackUpdate) -> None:
    for transition in update.transitions:
        track = transition.track
        _log.info(
            "fault_" + _PAST[transition.type],
            camera_id=camera.camera_id,
            detection_id=track.detection_id,
            label=track.label,
            seq=track.seq,
            score=round(track.score, 3),
        )
