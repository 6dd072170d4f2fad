"""The messages that a look leads to: pictures first, then what is to be said of them."""

from collections.abc import Callable, Iterable, Iterator

from edge.camera import Camera
from edge.evidence import Evidence, Proof
from edge.messages import Sender
from edge.outbox import Outgoing
from edge.slots.album import Kept
from edge.slots.book import Outcome
from edge.slots.slot import Transition
from wire.messages import DetectionType, ShotRole


def told(
    outcome: Outcome,
    camera: Camera,
    proof: Proof,
    kept_of: Callable[[str], Iterable[Kept]],
    sender: Sender,
) -> list[Outgoing]:
    """Evidence before the detections, so that who reads of one already has its pictures.

    `kept_of` gives what was kept of a detection, by its id.
    """
    pictures: dict[str, Outgoing] = {}
    detections = []
    for transition in outcome.transitions:
        settling = None if transition.type is DetectionType.END else proof.whole
        further = tuple(_further(transition, proof, kept_of))
        for one, routine in _pictures(settling, further, transition):
            if routine is False or one.sha256 not in pictures:
                pictures[one.sha256] = sender.evidence(one, routine=routine)
        ground = camera.site.locate(*transition.slot.box.foot)
        detections.append(sender.detection(transition, proof.frame, ground, settling, further))
    return [*pictures.values(), *detections]


def _further(
    transition: Transition, proof: Proof, kept_of: Callable[[str], Iterable[Kept]]
) -> Iterator[Kept]:
    """Of a new fault what was kept of it; of whatever is news also a near view."""
    slot = transition.slot
    if transition.type is DetectionType.NEW:
        yield from (
            one for one in kept_of(slot.detection_id) if one.evidence.sha256 != proof.whole.sha256
        )
    if transition.type in (DetectionType.NEW, DetectionType.UPDATE) and not transition.routine:
        crop, box = proof.crop(slot.box.within_picture())
        yield Kept(ShotRole.CROP, crop, box, slot.score, proof.frame.taken_at)


def _pictures(
    settling: Evidence | None, further: tuple[Kept, ...], transition: Transition
) -> Iterator[tuple[Evidence, bool]]:
    """What is to be sent, and whether it is the first to go when there is no room."""
    if settling is not None:
        yield settling, transition.routine
    for one in further:
        yield one.evidence, one.role is not ShotRole.CROP
