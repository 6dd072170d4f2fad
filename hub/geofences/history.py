"""Compare a late track with the events that were published at the time. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hub.geofences.fence import OUTSIDE, Crossing, FenceEvent, FenceStay, KnownEvent

SAME_WITHIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Explained:
    """Events that were unknown, and known ones, by id, that happened earlier than published."""

    new: tuple[FenceEvent, ...]
    dated_back: Mapping[int, FenceEvent]


def stay_before(known: Sequence[KnownEvent], at: datetime) -> FenceStay:
    """The side of one fence that a terminal was on at an instant, by its events there, in order."""
    stay = OUTSIDE
    for event in known:
        if event.at >= at:
            break
        if event.type is Crossing.ENTER:
            stay = FenceStay(inside=True, since=event.at)
        elif event.type is Crossing.LEAVE:
            stay = OUTSIDE
        else:
            stay = replace(stay, dwelt=stay.inside)
    return stay


def explain(found: Sequence[FenceEvent], known: Sequence[KnownEvent]) -> Explained:
    """Split the events of a late track at one fence into new events and true times of published ones.

    If a terminal was first seen on the other side after a gap, it crossed the boundary in the gap. The
    last crossing of the track is then the one that was published after the gap.
    """
    fresh = [event for event in found if not _is_known(event, known)]
    crossings = [event for event in fresh if event.type is not Crossing.DWELL]
    if not crossings:
        return Explained(tuple(fresh), {})
    last = crossings[-1]
    published = next((k for k in known if k.at > last.at and k.type is not Crossing.DWELL), None)
    if published is None or published.type is not last.type:
        return Explained(tuple(fresh), {})
    before = fresh[: fresh.index(last)]
    return Explained(tuple(before), {published.event_id: last})


def _is_known(event: FenceEvent, known: Sequence[KnownEvent]) -> bool:
    return any(k.type is event.type and abs(k.at - event.at) <= SAME_WITHIN for k in known)
