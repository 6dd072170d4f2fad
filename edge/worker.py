"""From frame to committed event: the one thread that looks."""

import sqlite3
from collections.abc import Callable, Iterable
from threading import Event

import structlog

from edge.camera import Camera
from edge.database import transaction
from edge.detector import Detector, sightings
from edge.evidence import Evidence, evidence
from edge.frame import Frame
from edge.mailbox import Mailboxes
from edge.messages import Sender
from edge.outbox import Outbox, Outgoing
from edge.picture import BadPicture, Picture, picture, thumbnail
from edge.slots import store
from edge.slots.book import Book, Outcome
from edge.stopwatch import Stopwatch
from wire.messages import DetectionType

_log = structlog.get_logger()

_TAKE_S = 0.5


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
    ) -> None:
        self._cameras = {camera.camera_id: camera for camera in cameras}
        self._detector = detector
        self._sender = sender
        self._connection = connection
        self._outbox = outbox
        self._stopwatch = stopwatch
        self._committed = committed
        self._book = Book()
        self._book.load(store.load(connection))

    def run(self, mailboxes: Mailboxes, stop: Event) -> None:
        """Look at what comes until stopped."""
        while not stop.is_set():
            frame = mailboxes.take(_TAKE_S)
            if frame is not None:
                self.handle(frame)

    def handle(self, frame: Frame) -> None:
        """Take in one frame, and look at it if the gate says so. A bad one is counted."""
        camera = self._cameras[frame.camera_id]
        try:
            self._handle(camera, frame)
        except BadPicture as error:
            camera.refuse(str(error))

    def _handle(self, camera: Camera, frame: Frame) -> None:
        watched = self._book.watched(camera.camera_id, frame.arrived_at)
        with self._stopwatch.stage("gate"):
            small = thumbnail(frame.jpeg)
            look = camera.gate.see(small, frame.arrived_s, watched=watched)
        if look is None:
            return
        with self._stopwatch.stage("decode"):
            image = picture(frame.jpeg)
        self._look(camera, frame, image)
        camera.gate.looked(frame.arrived_s)
        camera.looked_at += 1

    def _look(self, camera: Camera, frame: Frame, image: Picture) -> None:
        with self._stopwatch.stage("infer"):
            found = list(sightings(self._detector.detect(image), image, self._sender.model))
        with self._stopwatch.stage("slots"):
            outcome = self._book.look(camera.camera_id, found, frame.arrived_at)
        if outcome.changed:
            with self._stopwatch.stage("commit"):
                self._commit(outcome, self._messages(camera, frame, image, outcome))
            self._book.adopt(outcome)
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

    def _messages(
        self, camera: Camera, frame: Frame, image: Picture, outcome: Outcome
    ) -> list[Outgoing]:
        """Evidence first, so that who reads of a detection already has its picture."""
        if not outcome.transitions:
            return []
        shown = [one for one in outcome.transitions if one.type is not DetectionType.END]
        proof: Evidence | None = evidence(frame.jpeg, image) if shown else None
        messages = []
        if proof is not None:
            routine = all(one.routine for one in shown)
            messages.append(self._sender.evidence(proof, routine=routine))
        for transition in outcome.transitions:
            ground = camera.site.locate(*transition.slot.box.foot)
            own_proof = proof if transition in shown else None
            messages.append(self._sender.detection(transition, frame, ground, own_proof))
        return messages

    def _commit(self, outcome: Outcome, messages: list[Outgoing]) -> None:
        """The slots and what is to be said of them hold together, or not at all."""
        with transaction(self._connection):
            store.save(self._connection, outcome)
            dropped = self._outbox.append(*messages)
        for worth, count in dropped.items():
            _log.warning("outbox_overflowed", worth=worth.name.lower(), dropped=count)
        if messages:
            self._committed()


_PAST = {
    DetectionType.NEW: "confirmed",
    DetectionType.UPDATE: "updated",
    DetectionType.END: "ended",
    DetectionType.CLEARED: "cleared",
}
