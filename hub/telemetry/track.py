"""A terminal's track, thinned to what a map can show. Pure."""

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import cos, isnan, radians

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from hub.geo.distance import METRES_PER_DEGREE
from hub.telemetry.columns import Column

Places = NDArray[np.complex128]


class FixView(BaseModel):
    """`backlog`: recorded while the terminal was cut off, and sent later."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    lon: float
    lat: float
    accuracy_m: float
    speed: float | None
    backlog: bool


@dataclass(frozen=True, slots=True)
class Fixes:
    """Samples in order, as columns; `at_s` counts from 1970, `speed` is NaN if unknown."""

    at_s: Column
    lon: Column
    lat: Column
    accuracy_m: Column
    speed: Column
    backlog: Column

    def __len__(self) -> int:
        return len(self.at_s)

    def __getitem__(self, n: int) -> FixView:
        speed = float(self.speed[n])
        return FixView(
            at=datetime.fromtimestamp(self.at_s[n], UTC),
            lon=float(self.lon[n]),
            lat=float(self.lat[n]),
            accuracy_m=float(self.accuracy_m[n]),
            speed=None if isnan(speed) else speed,
            backlog=bool(self.backlog[n]),
        )


NO_FIXES = Fixes(*([np.empty(0)] * 6))


@dataclass(frozen=True, slots=True)
class ThinnedTrack:
    """Stretches with a gap between any two. At every instant of a stretch, the line between its fixes is
    at most `error_m` from where the terminal was recorded.
    """

    stretches: tuple[tuple[FixView, ...], ...]
    recorded: int
    error_m: float


def thin(fixes: Fixes, most: int, gap: timedelta) -> ThinnedTrack:
    """Keep at most `most` fixes (two or more): those without which the line would be most wrong.

    The line is broken wherever the terminal is silent for longer than `gap`. The ends of every stretch
    are kept; if there are more of them than `most`, the shortest gaps are closed.
    """
    if not len(fixes):
        return ThinnedTrack((), 0, 0.0)
    places, seconds = _on_the_ground(fixes)
    bounds = _stretches(seconds, gap.total_seconds(), most_stretches=max(1, most // 2))
    kept, error_m = _choose(places, seconds, bounds, most)
    stretches = tuple(
        tuple(fixes[n] for n in kept[bisect_left(kept, first) : bisect_right(kept, last)])
        for first, last in bounds
    )
    return ThinnedTrack(stretches, len(fixes), error_m)


def _on_the_ground(fixes: Fixes) -> tuple[Places, Column]:
    """Metres east (real) and north (imaginary) of the first fix, and seconds since then."""
    lon, lat = fixes.lon[0], fixes.lat[0]
    east_m = METRES_PER_DEGREE * cos(radians(lat)) * (fixes.lon - lon)
    north_m = METRES_PER_DEGREE * (fixes.lat - lat)
    return east_m + 1j * north_m, fixes.at_s - fixes.at_s[0]


def _stretches(seconds: Column, gap_s: float, most_stretches: int) -> list[tuple[int, int]]:
    """The first and last index of each stretch."""
    silences = np.diff(seconds)
    gaps = np.flatnonzero(silences > gap_s)
    longest = gaps[np.argsort(-silences[gaps], kind="stable")[: most_stretches - 1]]
    lasts = [*sorted(longest.tolist()), len(seconds) - 1]
    return list(zip([0, *(last + 1 for last in lasts[:-1])], lasts, strict=True))


def _choose(
    places: Places, seconds: Column, bounds: Sequence[tuple[int, int]], most: int
) -> tuple[list[int], float]:
    """The indices to keep, in order, and the largest deviation that remains."""
    kept = {n for ends in bounds for n in ends}
    worst = [_worst(places, seconds, *ends) for ends in bounds]
    heapq.heapify(worst)
    while len(kept) < most and worst[0][0] < 0:
        _, first, middle, last = heapq.heappop(worst)
        kept.add(middle)
        heapq.heappush(worst, _worst(places, seconds, first, middle))
        heapq.heappush(worst, _worst(places, seconds, middle, last))
    return sorted(kept), max(0.0, -worst[0][0])


def _worst(places: Places, seconds: Column, first: int, last: int) -> tuple[float, int, int, int]:
    """The largest deviation from the line first..last at equal times, negated, and its index."""
    if last - first < 2:
        return 0.0, first, first, last
    speed = (places[last] - places[first]) / ((seconds[last] - seconds[first]) or 1.0)
    passed_s = seconds[first + 1 : last] - seconds[first]
    deviations = np.abs(places[first + 1 : last] - places[first] - passed_s * speed)
    middle = int(deviations.argmax())
    return -float(deviations[middle]), first, first + 1 + middle, last
