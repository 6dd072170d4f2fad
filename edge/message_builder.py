"""Builds the messages that an update of tracks leads to: pictures first, then the detections."""

from collections.abc import Callable, Iterable, Iterator

from edge.camera import CameraChannel
from edge.evidence import Evidence, EvidenceFrame
from edge.messages import MessageEncoder
from edge.outbox import OutboundMessage
from edge.tracking.snapshot_store import Snapshot
from edge.tracking.track import TrackTransition
from edge.tracking.tracker import TrackUpdate
from wire.messages import DetectionType, ShotRole


def build_messages(
    update: TrackUpdate,
    camera: CameraChannel,
    evidence_frame: EvidenceFrame,
    snapshots_of: Callable[[str], Iterable[Snapshot]],
    encoder: MessageEncoder,
) -> list[OutboundMessage]:
    """Evidence comes before the detections, so that a receiver has the pictures already.

    `snapshots_of` gives the snapshots of a detection by its id.
    """
    pictures: dict[str, OutboundMessage] = {}
    detections = []
    for transition in update.transitions:
        decisive = None if transition.type is DetectionType.END else evidence_frame.whole
        further = tuple(_further(transition, evidence_frame, snapshots_of))
        for one, routine in _pictures(decisive, further, transition):
            if routine is False or one.sha256 not in pictures:
                pictures[one.sha256] = encoder.evidence(one, routine=routine)
        ground = camera.site.locate(*transition.track.box.foot)
        detections.append(
            encoder.detection(transition, evidence_frame.frame, ground, decisive, further)
        )
    return [*pictures.values(), *detections]


def _further(
    transition: TrackTransition,
    evidence_frame: EvidenceFrame,
    snapshots_of: Callable[[str], Iterable[Snapshot]],
) -> Iterator[Snapshot]:
    """The snapshots of a new fault, and a crop of every fault that is new or has changed."""
    track = transition.track
    if transition.type is DetectionType.NEW:
        yield from (
            one
            for one in snapshots_of(track.detection_id)
            if one.evidence.sha256 != evidence_frame.whole.sha256
        )
    if transition.type in (DetectionType.NEW, DetectionType.UPDATE) and not transition.routine:
        crop, box = evidence_frame.crop(track.box.within_picture())
        yield Snapshot(ShotRole.CROP, crop, box, track.score, evidence_frame.frame.taken_at)


def _pictures(
    decisive: Evidence | None, further: tuple[Snapshot, ...], transition: TrackTransition
) -> Iterator[tuple[Evidence, bool]]:
    """The pictures to send, and whether each is routine, which is dropped first."""
    if decisive is not None:
        yield decisive, transition.routine
    for one in further:
        yield one.evidence, one.role is not ShotRole.CROP
