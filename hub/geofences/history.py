"""What a late track adds to what was told at the time. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hub.geofences.fence import OUTSIDE, Crossing, FenceEvent, KnownEvent, Stay

SAME_WITHIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Explained:
    """Events that nobody knew, and known ones, by id, that in truth happened earlier."""

    new: tuple[FenceEvent, ...]
    dated_back: Mapping[int, FenceEvent]


def stay_before(known: Sequence[KnownEvent], at: datetime) -> Stay:
    """On which side a terminal was at an instant, by the events at one fence, which are in order."""
    stay = OUTSIDE
    for event in known:
        if event.at >= at:
            break
        if event.type is Crossing.ENTER:
            stay = Stay(inside=True, since=event.at)
        elif event.type is Crossing.LEAVE:
            stay = OUTSIDE
        else:
            stay = replace(stay, dwelt=stay.inside)
    return stay


def explain(found: Sequence[FenceEvent], known: Sequence[KnownEvent]) -> Explained:
    """Sort what a late track shows at one fence into news and the true time of what was told.

    Who was first seen on the other side after a gap crossed the line in the gap: then the last
    crossing that the track shows is the one that was told next.
    """
    fresh = [event for event in found if not _is_known(event, known)]
    crossings = [event for event in fresh if event.type is not Crossing.DWELL]
    if not crossings:
        return Explained(tuple(fresh), {})
    last = crossings[-1]
    told = next((k for k in known if k.at > last.at and k.type is not Crossing.DWELL), None)
    if told is None or told.type is not last.type:
        return Explained(tuple(fresh), {})
    before = fresh[: fresh.index(last)]
    return Explained(tuple(before), {told.event_id: last})


def _is_known(event: FenceEvent, known: Sequence[KnownEvent]) -> bool:
    return any(k.type is event.type and abs(k.at - event.at) <= SAME_WITHIN for k in known)
