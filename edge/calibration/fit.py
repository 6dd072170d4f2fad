"""How well calibration points determine the ground: each by itself, and all together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.ground import BadCalibration, CalibrationPoint, CameraSite
from edge.homography import Homography

_STEPS = 50
_CONTRADICTION = 2.0
"""A fit that is so many times worse than that of careful points is no chance."""


@dataclass(frozen=True)
class PointFit:
    """How one point fits.

    `off_m` is how far the homography is off at it, `error_m` the radius that the node will state
    there, `alone_m` how far the homography of the other points is off, None if they are too few. The
    point is `doubtful` if the others agree as soon as it is left out.
    """

    point: CalibrationPoint
    off_m: float
    error_m: float
    alone_m: float | None
    doubtful: bool


@dataclass(frozen=True)
class CalibrationFit:
    """How all points fit. `errors_m` has the radius at some distances, None if they are out of sight.

    The points are `contradictory` if they fit much worse than careful ones would.
    """

    points: tuple[PointFit, ...]
    errors_m: dict[int, float | None]
    contradictory: bool

    @property
    def off_m(self) -> float:
        """Root mean square of how far the homography is off at the points."""
        return math.sqrt(sum(one.off_m**2 for one in self.points) / len(self.points))


@dataclass(frozen=True)
class Viewpoint:
    """A camera's place, and how far it sees."""

    lon: float
    lat: float
    coverage_m: float

    def site(self, points: Sequence[CalibrationPoint]) -> CameraSite:
        """Raises BadCalibration."""
        return CameraSite(self.lon, self.lat, self.coverage_m, points)


def assess(viewpoint: Viewpoint, points: Sequence[CalibrationPoint]) -> CalibrationFit:
    """Fit the ground to the points. Raises BadCalibration."""
    site = viewpoint.site(points)
    if site.homography is None:
        raise BadCalibration("0 calibration points, at least 4 are needed")
    without = [_without(viewpoint, points, number) for number in range(len(points))]
    contradictory = site.homography.misfit > _CONTRADICTION
    suspect = _suspect(site.homography, without) if contradictory else None
    each = tuple(
        PointFit(
            point,
            site.homography.off_m[number],
            site.locate(point.u, point.v).error_m,
            _off_m(without[number], point, site),
            doubtful=number == suspect,
        )
        for number, point in enumerate(points)
    )
    return CalibrationFit(each, _errors_by_distance(site, viewpoint.coverage_m), contradictory)


def _without(
    viewpoint: Viewpoint, points: Sequence[CalibrationPoint], number: int
) -> Homography | None:
    """The homography of all points but one, if they give any."""
    others = [*points[:number], *points[number + 1 :]]
    try:
        return viewpoint.site(others).homography
    except BadCalibration:
        return None


def _off_m(
    homography: Homography | None, point: CalibrationPoint, site: CameraSite
) -> float | None:
    at = None if homography is None else homography.project(point.u, point.v)
    return None if at is None else math.dist(at, site.metres(point))


def _suspect(homography: Homography, without: Sequence[Homography | None]) -> int | None:
    """The one point without which the others agree, if there are enough points to tell."""
    if len(without) < 6:
        return None
    misfit = [math.inf if one is None else one.misfit for one in without]
    least = min(range(len(misfit)), key=misfit.__getitem__)
    return least if misfit[least] < homography.misfit / _CONTRADICTION else None


def _errors_by_distance(site: CameraSite, coverage_m: float) -> dict[int, float | None]:
    """The typical radius that the node will state at each distance that the picture shows."""
    seen: dict[int, list[float]] = {step: [] for step in _distances(coverage_m)}
    for row in range(_STEPS + 1):
        for column in range(_STEPS + 1):
            u, v = column / _STEPS, row / _STEPS
            at = site.homography.project(u, v) if site.homography else None
            if at is None or not site.covers(u, v):
                continue
            nearest = min(seen, key=lambda step: abs(step - math.hypot(*at)))
            seen[nearest].append(site.locate(u, v).error_m)
    return {step: _median(errors) for step, errors in seen.items()}


def _distances(coverage_m: float) -> list[int]:
    """Five round distances up to the coverage."""
    return sorted({max(1, round(coverage_m * share)) for share in (0.1, 0.25, 0.5, 0.75, 1.0)})


def _median(errors: list[float]) -> float | None:
    return sorted(errors)[len(errors) // 2] if errors else None
