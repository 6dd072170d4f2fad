"""What looks like gaming is found, and what only happens often is not."""

from datetime import UTC, datetime, timedelta

from hub.points.gaming import FindingKind, OwnRepair, PhotoMark, WorkerReportFacts, findings
from hub.points.rules import PointsRules

AT = datetime(2025, 8, 7, tzinfo=UTC)
METRE_EAST = 1 / 100_420
RULES = PointsRules(same_place_count=3, same_place_m=30, same_place_days=7, alike_bits=4)


def report(
    number: int,
    *,
    metres: float = 0,
    days: float = 0,
    worker: str = "W-1",
    looks: int | None = None,
) -> WorkerReportFacts:
    photos = (PhotoMark(f"{number:064d}", looks),)
    lon, at = 103.82 + metres * METRE_EAST, AT + timedelta(days=days)
    return WorkerReportFacts(number, worker, number, f"case {number}", lon, 25.6, at, photos)


def kinds(*reports: WorkerReportFacts) -> list[FindingKind]:
    return [each.kind for each in findings(reports, (), RULES)]


def test_many_reports_of_one_worker_at_one_place_are_one_finding():
    reports = [report(number, metres=number * 5, days=number) for number in range(1, 6)]

    (found,) = findings(reports, (), RULES)

    assert (found.kind, found.count) == (FindingKind.SAME_PLACE, 5)
    assert found.key == "same_place:W-1:1"
    assert found.cases[0] == (1, "case 1")


def test_reports_far_apart_long_apart_or_of_others_are_none():
    assert kinds(*(report(n, metres=n * 40) for n in range(1, 5))) == []
    assert kinds(*(report(n, days=n * 4) for n in range(1, 5))) == []
    assert kinds(*(report(n, worker=f"W-{n}") for n in range(1, 5))) == []


def test_pictures_that_are_nearly_the_same_are_found_and_others_are_not():
    alike = [report(1, looks=0b1111), report(2, metres=900, looks=0b0000)]
    apart = [report(1, looks=0b11111), report(2, metres=900, looks=0b0000)]
    negative = [report(1, looks=-1), report(2, metres=900, looks=-2)]

    assert kinds(*alike) == [FindingKind.PHOTOS_ALIKE]
    assert kinds(*apart) == []
    assert kinds(*negative) == [FindingKind.PHOTOS_ALIKE]
    assert kinds(report(1), report(2, metres=900)) == []


def test_an_own_repair_is_named():
    (found,) = findings((), (OwnRepair(7, "case 7", "W-1"),), RULES)

    assert (found.kind, found.key, found.worker_id) == (
        FindingKind.OWN_REPAIR,
        "own_repair:7",
        "W-1",
    )
