"""Detect when a terminal enters, leaves or stays in an area, even if its position jitters. Pure.

Two rules make one event of each crossing. Distance: a terminal inside has left only beyond the
fence's margin; positions in between change nothing. Time: it must stay on the other side for `settle_s`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

MAX_ACCURACY_M = 100.0
"""A fix with a larger error radius is ignored."""
LATE_AFTER = timedelta(minutes=2)


class Crossing(StrEnum):
    ENTER = "enter"
    LEAVE = "leave"
    DWELL = "dwell"
    """Inside for the fence's `dwell_s`; once per stay."""


@dataclass(frozen=True, slots=True)
class Fence:
    """The rules of one fence, without its area; it is watched from an instant on."""

    geofence_id: str
    name_zh: str
    name_en: str
    margin_m: float
    settle_s: float
    dwell_s: float | None
    watched_from: datetime


@dataclass(frozen=True, slots=True)
class PositionFix:
    """Where a terminal was, WGS-84. `backlog`: it was recorded offline and sent later."""

    observed_at: datetime
    received_at: datetime
    lon: float
    lat: float
    accuracy_m: float
    backlog: bool

    @property
    def at(self) -> datetime:
        """When the terminal was there, but never later than the fix came in."""
        return min(self.observed_at, self.received_at)

    def is_late(self, now: datetime) -> bool:
        """Whether the fix is history rather than the present."""
        return self.backlog or now - self.received_at > LATE_AFTER


@dataclass(frozen=True, slots=True)
class FenceStay:
    """The side of a fence that a terminal is on, since when, and since when it seems to have changed."""

    inside: bool = False
    since: datetime | None = None
    turning_since: datetime | None = None
    dwelt: bool = False


OUTSIDE = FenceStay()


@dataclass(frozen=True, slots=True)
class FenceEvent:
    """`at` is when it happened; (lon, lat) is the position at which it became certain."""

    geofence_id: str
    type: Crossing
    at: datetime
    lon: float
    lat: float
    late: bool


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """An event that was published before."""

    event_id: int
    geofence_id: str
    type: Crossing
    at: datetime


def step(
    fence: Fence, stay: FenceStay, fix: PositionFix, distance_m: float, now: datetime
) -> tuple[FenceStay, tuple[FenceEvent, ...]]:
    """The stay after a fix, and its events. `distance_m` to the boundary is negative inside.

    Fixes must come in order.
    """
    if fix.accuracy_m > MAX_ACCURACY_M or fix.at < fence.watched_from:
        return stay, ()
    after = _turned(fence, stay, fix, distance_m)
    events = []
    if after.inside and not stay.inside:
        events.append((Crossing.ENTER, after.since))
    elif stay.inside and not after.inside:
        events.append((Crossing.LEAVE, stay.turning_since or fix.at))
    dwelt_at = _dwelt_at(fence, after)
    if dwelt_at is not None and fix.at >= dwelt_at:
        after = replace(after, dwelt=True)
        events.append((Crossing.DWELL, dwelt_at))
    return after, tuple(
        FenceEvent(fence.geofence_id, kind, at or fix.at, fix.lon, fix.lat, fix.is_late(now))
        for kind, at in events
    )


def _turned(fence: Fence, stay: FenceStay, fix: PositionFix, distance_m: float) -> FenceStay:
    beyond = distance_m >= max(fence.margin_m, fix.accuracy_m if stay.inside else 0.0)
    within = distance_m <= 0
    turns, stays = (beyond, within) if stay.inside else (within, beyond)
    if within and beyond:  # on the line of a fence without a margin
        return stay
    if stays:
        return replace(stay, turning_since=None)
    if not turns:
        return stay
    since = stay.turning_since or fix.at
    if fix.at - since < timedelta(seconds=fence.settle_s):
        return replace(stay, turning_since=since)
    return OUTSIDE if stay.inside else FenceStay(inside=True, since=since)


def _dwelt_at(fence: Fence, stay: FenceStay) -> datetime | None:
    """When the stay has lasted `dwell_s`; None if that was published or the stay seems to be over."""
    if fence.dwell_s is None or stay.since is None or stay.dwelt or stay.turning_since is not None:
        return None
    return stay.since + timedelta(seconds=fence.dwell_s)
