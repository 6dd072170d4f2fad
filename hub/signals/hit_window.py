"""How many hits of a detection came close together. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil


@dataclass(frozen=True, slots=True)
class HitCount:
    """A message about a detection: until `frame_at` so many frames had shown the fault."""

    frame_at: datetime
    hits: int


def most_within(sightings: Sequence[HitCount], window_s: float) -> int:
    """The most hits that came within `window_s`.

    Between two sightings the hits are taken as evenly spread; those before the first are taken as one
    moment's, since the device says no more of them.
    """
    ordered = sorted(sightings, key=lambda each: each.frame_at)
    window = timedelta(seconds=window_s)
    return max(
        (each.hits - _before(ordered, each.frame_at - window) for each in ordered), default=0
    )


def _before(ordered: Sequence[HitCount], instant: datetime) -> int:
    """The hits before an instant."""
    earlier = [each for each in ordered if each.frame_at < instant]
    if not earlier:
        return 0
    last = earlier[-1]
    following = next((each for each in ordered if each.frame_at >= instant), last)
    span = (following.frame_at - last.frame_at).total_seconds()
    share = (instant - last.frame_at).total_seconds() / span if span else 0.0
    reached = last.hits + share * max(following.hits - last.hits, 0)
    return max(ceil(reached) - 1, last.hits)
