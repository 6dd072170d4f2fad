"""What looks like gaming, for a person to look at: nothing is taken away by it. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import combinations

from hub.geo.distance import distance_m
from hub.points.rules import PointsRules

_64_BITS = (1 << 64) - 1


class FindingKind(StrEnum):
    OWN_REPAIR = "own_repair"
    """Who reported it also repaired it."""
    SAME_PLACE = "same_place"
    """Many reports of one worker at one place."""
    PHOTOS_ALIKE = "photos_alike"
    """Reports of one worker with pictures that are nearly the same."""


@dataclass(frozen=True, slots=True)
class PhotoMark:
    """A photo by its hash, and the hash of how it looks, if that is known."""

    sha256: str
    looks: int | None


@dataclass(frozen=True, slots=True)
class WorkerReportFacts:
    """A report of a worker that became a case or joined one."""

    signal_id: int
    worker_id: str
    case_id: int | None
    case_no: str | None
    lon: float | None
    lat: float | None
    observed_at: datetime
    photos: tuple[PhotoMark, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnRepair:
    """A case that was reported and repaired by the same worker."""

    case_id: int
    case_no: str
    worker_id: str


@dataclass(frozen=True, slots=True)
class GamingFinding:
    """`key` stays the same as long as the finding does, so that its review is found again."""

    key: str
    kind: FindingKind
    worker_id: str
    cases: tuple[tuple[int, str], ...]
    signals: tuple[int, ...] = ()
    photos: tuple[str, ...] = ()
    count: int = 1
    span_m: float | None = None


def findings(
    reports: Sequence[WorkerReportFacts], own: Sequence[OwnRepair], rules: PointsRules
) -> list[GamingFinding]:
    """All that looks like gaming, by kind and worker."""
    by_worker: Mapping[str, list[WorkerReportFacts]] = defaultdict(list)
    for report in sorted(reports, key=lambda each: (each.observed_at, each.signal_id)):
        by_worker[report.worker_id].append(report)
    found = [
        GamingFinding(
            f"own_repair:{each.case_id}",
            FindingKind.OWN_REPAIR,
            each.worker_id,
            ((each.case_id, each.case_no),),
        )
        for each in own
    ]
    for worker in sorted(by_worker):
        found += _same_place(by_worker[worker], rules)
        found += _photos_alike(by_worker[worker], rules)
    return found


def _same_place(
    reports: Sequence[WorkerReportFacts], rules: PointsRules
) -> Iterator[GamingFinding]:
    """Each report begins at most one finding, with those that follow it nearby; none is in two."""
    taken: set[int] = set()
    within = timedelta(days=rules.same_place_days)
    for first in reports:
        if first.signal_id in taken or first.lon is None:
            continue
        near = [
            each
            for each in reports
            if each.signal_id not in taken
            and timedelta(0) <= each.observed_at - first.observed_at <= within
            and _apart_m(first, each) <= rules.same_place_m
        ]
        if len(near) >= rules.same_place_count:
            taken |= {each.signal_id for each in near}
            yield GamingFinding(
                f"same_place:{first.worker_id}:{first.signal_id}",
                FindingKind.SAME_PLACE,
                first.worker_id,
                _cases(near),
                tuple(each.signal_id for each in near),
                count=len(near),
                span_m=round(max(_apart_m(first, each) for each in near), 1),
            )


def _photos_alike(
    reports: Sequence[WorkerReportFacts], rules: PointsRules
) -> Iterator[GamingFinding]:
    """One finding for each pair of reports."""
    for one, other in combinations(reports, 2):
        pairs = [
            (a.sha256, b.sha256)
            for a in one.photos
            for b in other.photos
            if _alike(a, b, rules.alike_bits)
        ]
        if pairs:
            yield GamingFinding(
                f"photos_alike:{one.signal_id}:{other.signal_id}",
                FindingKind.PHOTOS_ALIKE,
                one.worker_id,
                _cases([one, other]),
                (one.signal_id, other.signal_id),
                tuple(dict.fromkeys(sha256 for pair in pairs for sha256 in pair)),
                count=len(pairs),
            )


def _alike(one: PhotoMark, other: PhotoMark, bits: int) -> bool:
    if one.sha256 == other.sha256:
        return True
    if one.looks is None or other.looks is None:
        return False
    return ((one.looks ^ other.looks) & _64_BITS).bit_count() <= bits


def _apart_m(one: WorkerReportFacts, other: WorkerReportFacts) -> float:
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return float("inf")
    return distance_m(one.lon, one.lat, other.lon, other.lat)


def _cases(reports: Sequence[WorkerReportFacts]) -> tuple[tuple[int, str], ...]:
    return tuple(
        dict.fromkeys(
            (each.case_id, each.case_no or str(each.case_id))
            for each in reports
            if each.case_id is not None
        )
    )
