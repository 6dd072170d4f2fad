"""From frame to committed event: the one thread that looks."""

import queue
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain
from threading import Event

import structlog

from edge.camera import Camera
from edge.database import Durability, StorageFailed, transaction
from edge.detector import Detector, Model, Ready, Sighting
from edge.disk import Disk
from edge.evidence import Proof
from edge.frame import Frame
from edge.load import Load
from edge.looking import Look, See, Trial
from edge.mailbox import Mailboxes
from edge.merge import seen_in
from edge.messages import Sender
from edge.outbox import Outbox, Outgoing
from edge.picture import BadPicture, Picture
from edge.slots import store
from edge.slots.album import Album, Kept
from edge.slots.book import Book, Outcome
from edge.stopwatch import Stopwatch
from edge.telling import told
from edge.views import Plan, View
from wire.messages import DetectionType

_log = structlog.get_logger()

_TAKE_S = 0.5
_ROOM = 16 * 1024
"""Bytes to make room for besides the messages: slots, and SQLite's own."""


class Worker:
    """Looks at frames and commits what follows. `connection` and `outbox` are its own."""

    def __init__(
        self,
        cameras: Iterable[Camera],
        detector: Detector,
        sender: Sender,
        connection: sqlite3.Connection,
        outbox: Outbox,
        stopwatch: Stopwatch,
        committed: Callable[[], None],
        disk: Disk | None = None,
    ) -> None:
        self.watch(cameras)
        self._detector = detector
        self._sender = sender
        self._connection = connection
        self._outbox = outbox
        self._stopwatch = stopwatch
        self._committed = committed
        self._disk = disk or Disk()
        self._load = Load()
        self._trial: Trial | None = None
        self._changes: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._album = Album(connection)
        self._book = Book()
        self._book.load(store.load(connection))

    def run(self, mailboxes: Mailboxes, stop: Event) -> None:
        """Look at what comes until stopped."""
        while not stop.is_set():
            frame = mailboxes.take(_TAKE_S)
            self._change()
            if frame is not None:
                from_s = time.monotonic()
                self.handle(frame)
                self._load.worked(from_s, time.monotonic())

    def watch(self, cameras: Iterable[Camera]) -> None:
        """Look at frames of these cameras from now on, and let those of others pass."""
        self._cameras = {camera.camera_id: camera for camera in cameras}

    def use(self, ready: Ready) -> None:
        """Look with this model from now on. For `between_frames`."""
        self._detector = ready.detector
        self._sender.model = ready.model

    def follow(self, trial: Trial | None) -> None:
        """Let this trial in on every look from now on. For `between_frames`."""
        self._trial = trial

    def between_frames(self, change: Callable[[], None]) -> None:
        """Have something changed in the worker's own thread, when it looks at nothing."""
        self._changes.put(change)

    def _change(self) -> None:
        while not self._changes.empty():
            self._changes.get()()

    def handle(self, frame: Frame) -> None:
        """Take in one frame, and look at it if the gate says so. A bad one is counted."""
        camera = self._cameras.get(frame.camera_id)
        if camera is None:
            return
        try:
            self._handle(camera, frame)
        except BadPicture as error:
            camera.refuse(str(error))

    def _handle(self, camera: Camera, frame: Frame) -> None:
        watch_every_s = self._book.watch_every_s(camera.camera_id, frame.arrived_at)
        with self._stopwatch.stage("thumbnail"):
            small = frame.still.thumbnail()
        with self._stopwatch.stage("gate"):
            look = camera.gate.see(
                small, frame.arrived_s, watch_every_s=watch_every_s, stretch=self._load.stretch
            )
        if look is None:
            return
        with self._stopwatch.stage("decode"):
            image = frame.still.picture()
        doubtful = self._book.doubtful(camera.camera_id, frame.arrived_at)
        plan = camera.plan(image, self._sender.model.side)
        views = camera.gaze.choose(plan, look, chain(doubtful, camera.gate.news()))
        self._look(camera, frame, image, plan, views)
        camera.gate.looked(frame.arrived_s)
        camera.looked_at += 1

    def _look(
        self, camera: Camera, frame: Frame, image: Picture, plan: Plan, views: Sequence[View]
    ) -> None:
        def see(detector: Detector, model: Model) -> list[Sighting]:
            seen = seen_in(plan, views, image, detector, model)
            return [one for one in seen if camera.heeds(one.box.foot)]

        with self._stopwatch.stage("infer"):
            found, took_ms = self._seen(see)
        with self._stopwatch.stage("slots"):
            shown = partial(plan.shown, looked_at=views)
            outcome = self._book.look(camera.camera_id, found, frame.arrived_at, shown)
        if not outcome.changed or self._take(camera, frame, image, outcome):
            _log_transitions(camera, outcome)
        if self._trial is not None:
            with self._stopwatch.stage("trial"):
                slots = self._book.of(camera.camera_id)
                count = max(1, len(views))
                self._trial.looked(Look(see, found, took_ms / count, count, slots))

    def _seen(self, see: See) -> tuple[list[Sighting], float]:
        """What the model in use sees, and in how many milliseconds; one on trial may be replaced."""
        start_s = time.perf_counter()
        try:
            found = see(self._detector, self._sender.model)
        except Exception as error:
            ready = self._trial.rescue(error) if self._trial is not None else None
            if ready is None:
                raise
            _log.exception("model_failed")
            self.use(ready)
            found = see(self._detector, self._sender.model)
        return found, (time.perf_counter() - start_s) * 1000

    def _take(self, camera: Camera, frame: Frame, image: Picture, outcome: Outcome) -> bool:
        """Commit an outcome and make it the present state.

        What nobody could be told has not happened: with the disk full, the next looks decide again.
        """
        proof = Proof(frame, image, camera.blur)
        with self._stopwatch.stage("evidence"):
            messages = told(outcome, camera, proof, self._kept, self._sender)
        with self._stopwatch.stage("commit"):
            held = self._commit(outcome, proof, messages)
        if held or not outcome.transitions:
            self._book.adopt(outcome)
        return held

    def _kept(self, detection_id: str) -> list[Kept]:
        """The pictures kept of a detection; a fault is told without those that the disk has lost."""
        try:
            return self._album.of(detection_id)
        except StorageFailed as error:
            self._disk.failed(error)
            return []

    def _commit(self, outcome: Outcome, proof: Proof, messages: list[Outgoing]) -> bool:
        """The slots and what is to be said of them hold together, or not at all.

        False where the disk takes neither that nor, at the second try, less.
        """
        try:
            self._store(outcome, messages, proof)
        except StorageFailed as error:
            self._disk.failed(error)
            if not self._store_less(outcome, messages, proof if error.full else None):
                return False
        else:
            self._disk.worked()
        if messages:
            self._committed()
        return True

    def _store_less(self, outcome: Outcome, messages: list[Outgoing], proof: Proof | None) -> bool:
        """On a full disk with less worthy messages gone; on a failing one the album is let be."""
        try:
            if proof is not None:
                self._outbox.make_room(2 * sum(len(one.payload) for one in messages) + _ROOM)
            self._store(outcome, messages, proof)
        except StorageFailed:
            return False
        return True

    def _store(self, outcome: Outcome, messages: list[Outgoing], proof: Proof | None) -> None:
        # What nobody is told of yet may be lost in a power cut: the next looks will tell again.
        durability = Durability.FULL if messages else Durability.NORMAL
        with transaction(self._connection, durability):
            store.save(self._connection, outcome)
            if proof is not None:
                self._album.keep(outcome, proof)
            dropped = self._outbox.append(*messages) if messages else {}
        for worth, count in dropped.items():
            _log.warning("outbox_overflowed", worth=worth.name.lower(), dropped=count)


_PAST = {
    DetectionType.NEW: "confirmed",
    DetectionType.UPDATE: "updated",
    DetectionType.END: "ended",
    DetectionType.CLEARED: "cleared",
}


def _log_transitions(camera: Camera, outcome: Outcome) -> None:
    for transition in outcome.transitions:
        slot = transition.slot
        _log.info(
            "fault_" + _PAST[transition.type],
            camera_id=camera.camera_id,
            detection_id=slot.detection_id,
            label=slot.label,
            seq=slot.seq,
            score=round(slot.score, 3),
        )
