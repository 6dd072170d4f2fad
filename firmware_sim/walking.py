"""Where a holder is: on patrol around a route, on the way to a task, or standing there.

Positions are computed when asked for, so that ten thousand walkers cost nothing between samples.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from firmware_sim.geometry import XY, along, length_m

WALK_MPS = 1.3


@dataclass(frozen=True)
class WalkerPosition:
    """Metres of the local projection, degrees from north, metres per second."""

    point: XY
    heading: float
    speed: float


@dataclass(frozen=True)
class _Leg:
    """A line walked from `since_s` on at a pace; a closed one again and again."""

    line: tuple[XY, ...]
    start_m: float
    since_s: float
    pace_mps: float
    closed: bool

    @property
    def ends_s(self) -> float:
        if self.closed or self.pace_mps == 0:
            return float("inf")
        return self.since_s + max(0.0, self.length_m - self.start_m) / self.pace_mps

    @cached_property
    def length_m(self) -> float:
        return length_m(self.line)

    def walked_m(self, now_s: float) -> float:
        far = self.start_m + self.pace_mps * max(0.0, now_s - self.since_s)
        return far % (self.length_m or 1.0) if self.closed else far

    def at(self, now_s: float) -> WalkerPosition:
        point, heading = along(self.line, self.walked_m(now_s))
        return WalkerPosition(point, heading, self.pace_mps if now_s < self.ends_s else 0.0)


class Walker:
    """`clock` gives monotonic seconds; `pace_mps` 0 means that nobody goes on patrol."""

    def __init__(
        self, route: Sequence[XY], start_m: float, pace_mps: float, clock: Callable[[], float]
    ) -> None:
        self._clock = clock
        self._pace_mps = pace_mps
        self._patrol = _Leg(tuple(route), start_m, clock(), pace_mps, closed=True)
        self._leg = self._patrol
        self._left_at_m = start_m
        self._returning = False

    def position(self) -> WalkerPosition:
        now_s = self._clock()
        if self._leg is not self._patrol and self._returning and now_s >= self._leg.ends_s:
            self._patrol = self._from_start_of_patrol(self._leg.ends_s)
            self._leg = self._patrol
        return self._leg.at(now_s)

    def go(self, way: Sequence[XY], pace_mps: float) -> float:
        """Leave the patrol and walk this way; returns the seconds it takes."""
        now_s = self._clock()
        if self._leg is self._patrol:
            self._left_at_m = self._patrol.walked_m(now_s)
        self._returning = False
        self._leg = _Leg(tuple(way), 0.0, now_s, pace_mps, closed=False)
        return self._leg.ends_s - now_s

    def turning_point(self) -> XY:
        """The point at which the patrol was left."""
        return along(self._patrol.line, self._left_at_m)[0]

    def go_back(self, way: Sequence[XY]) -> None:
        """Walk back to the turning point and go on with the patrol there."""
        if self._pace_mps > 0:
            self.go(way, self._pace_mps)
            self._returning = True

    def _from_start_of_patrol(self, since_s: float) -> _Leg:
        return _Leg(self._patrol.line, self._left_at_m, since_s, self._pace_mps, closed=True)
