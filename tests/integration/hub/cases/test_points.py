"""Points follow from what really happens to reports, and are the same when computed again."""

from datetime import UTC, date, datetime

import pytest

from hub.cases.case import Case, Event
from hub.cases.store import case_by_id
from hub.errors import Conflict, InvalidInput, NotFound
from hub.people.commands import assign_terminal, import_workers, put_worker
from hub.people.worker import GridWorker
from hub.points.commands import change_rules, close_period, pay_period, review_finding
from hub.points.keeping import keep_points_fully, rebuild_points
from hub.points.reading import findings_of, ledger_of, periods, standings
from hub.points.rules import PointsRules
from tests.integration.hub.cases.conftest import (
    DISPATCHER,
    LAT,
    NOW,
    SECOND,
    east,
    photo_hash,
)
from tests.use_cases import carry_out
from wire.messages import Place

SEPTEMBER = datetime(2025, 9, 1, 1, 0, tzinfo=UTC)
WORKERS = """worker_id,name,village,phone,active
W-1,网格员 0001,village_001,0874-3000001,yes
W-2,网格员 0002,village_001,,yes
"""


@pytest.fixture
async def workers(db, street) -> None:
    """W-1 holds the terminal T-0002 of the street."""
    report = await carry_out(db, NOW, import_workers, WORKERS.encode())
    assert (report.written, report.added) == (True, ("W-1", "W-2"))
    await carry_out(db, NOW, assign_terminal, "T-0002", "W-1")


def place(metres: float) -> Place:
    return Place(lon=east(metres), lat=LAT, accuracy_m=4)


async def reported(db, street, metres: float = 0, photo: str = "report", **fields) -> int:
    """The case of a new report by T-0002."""
    evidence = (photo_hash(photo),)
    said = await street.report(db, place=place(metres), evidence=evidence, **fields)
    assert said.case_id is not None
    return said.case_id


async def void(db, street, case_id: int, actor) -> Case:
    """One of the two who void a case of high severity."""
    return await street.move(db, await case_by_id(db, case_id), Event.VOID, actor, reason="nothing")


async def lines(db, worker_id: str = "W-1") -> list[tuple[str, int, int]]:
    await keep_points_fully(db)
    page = await ledger_of(db, worker_id)
    return [(str(each.kind), each.points, each.balance_after) for each in page.items[::-1]]


async def test_a_report_that_opens_a_case_earns_and_one_that_joins_it_does_not(db, street, workers):
    case_id = await reported(db, street)
    street.forward(minutes=5)
    assert await reported(db, street, photo="another") == case_id

    assert await lines(db) == [("report", 1, 1), ("first_reporter", 1, 2), ("duplicate", 0, 2)]
    (first, second) = (await standings(db, "2025-08")).items
    assert (first.worker_id, first.earned, first.reports, first.duplicates) == ("W-1", 2, 1, 1)
    assert (second.worker_id, second.earned, second.balance) == ("W-2", 0, 0)


async def test_a_void_case_takes_its_points_back_and_the_ledger_is_the_same_again(
    db, street, workers
):
    case_id = await reported(db, street)
    await reported(db, street, 120, "elsewhere")
    assert (await lines(db))[-1] == ("first_reporter", 1, 4)
    for actor in (DISPATCHER, SECOND):
        case = await void(db, street, case_id, actor)
    assert case.state == "VOID"

    after = await lines(db)
    assert after[-2:] == [("reversal", -1, 3), ("reversal", -1, 2)]
    rebuilt = await rebuild_points(db)
    assert (rebuilt.entries, rebuilt.differs) == (6, None)
    assert await lines(db) == after


async def test_a_changed_entry_is_noticed_by_a_rebuild(db, street, workers):
    await reported(db, street)
    await lines(db)
    await db.execute("UPDATE points_entry SET points = 9, balance_after = 9 WHERE entry_no = 1")

    assert (await rebuild_points(db)).differs == 1
    assert (await lines(db))[0] == ("report", 1, 1)


async def test_points_go_to_whoever_held_the_terminal_then(db, street, workers):
    await reported(db, street)
    street.forward(hours=1)
    await carry_out(db, street.now, assign_terminal, "T-0002", "W-2")
    await reported(db, street, 120, "elsewhere")

    assert (await lines(db, "W-1"))[-1] == ("first_reporter", 1, 2)
    assert (await lines(db, "W-2"))[-1] == ("first_reporter", 1, 2)
    row = await (
        await db.execute("SELECT holder FROM device WHERE device_id = 'T-0002'")
    ).fetchone()
    assert row == ("网格员 0002",)


async def test_a_period_is_closed_and_paid_in_order_and_once(db, street, workers):
    case_id = await reported(db, street)
    with pytest.raises(InvalidInput):
        await carry_out(db, street.now, close_period, "2025-08")
    with pytest.raises(NotFound):
        await carry_out(db, SEPTEMBER, pay_period, "2025-08")
    await carry_out(db, SEPTEMBER, close_period, "2025-08", "August")
    with pytest.raises(Conflict):
        await carry_out(db, SEPTEMBER, close_period, "2025-08")
    (august,) = await periods(db, SEPTEMBER)
    assert (august.earned, august.payable, august.may_pay) == (2, 2, True)
    await carry_out(db, SEPTEMBER, pay_period, "2025-08")

    street.now = SEPTEMBER
    for actor in (DISPATCHER, SECOND):
        await void(db, street, case_id, actor)
    assert (await lines(db))[2:] == [("payment", -2, 0), ("reversal", -1, -1), ("reversal", -1, -2)]
    (september, august) = await periods(db, SEPTEMBER)
    assert (september.period, september.earned, august.earned) == ("2025-09", -2, 2)
    assert (await rebuild_points(db)).differs is None
    assert len(await periods(db, SEPTEMBER)) == 2


async def test_rules_are_made_for_days_to_come(db, street, workers):
    rules = PointsRules(first_reporter=5)
    with pytest.raises(InvalidInput):
        await carry_out(db, NOW, change_rules, rules, date(2025, 8, 7), "today")
    version = await carry_out(db, NOW, change_rules, rules, date(2025, 8, 8), "more for the first")
    assert version == 1
    with pytest.raises(Conflict):
        await carry_out(db, NOW, change_rules, rules, date(2025, 8, 8), "again")
    await reported(db, street)
    street.forward(days=1)
    await reported(db, street, 120, "elsewhere")

    assert [points for _, points, _ in await lines(db)] == [1, 1, 1, 5]
    assert (await rebuild_points(db)).differs is None


async def test_many_reports_at_one_place_are_listed_until_a_person_has_looked(db, street, workers):
    for number in range(4):
        street.forward(minutes=10)
        case_id = await reported(db, street, photo=f"photo {number}")
        await db.execute(
            "UPDATE cases SET state = 'VOID', dedup_key = case_no WHERE case_id = %s", (case_id,)
        )
    await lines(db)

    found = await findings_of(db, "2025-08")
    (place_,) = [each for each in found if each.kind == "same_place"]
    assert (place_.count, place_.name, place_.verdict) == (4, "网格员 0001", None)
    before = await lines(db)
    await carry_out(db, street.now, review_finding, place_.key, "fine", "a row of covers")
    (seen,) = [each for each in await findings_of(db, "2025-08") if each.key == place_.key]
    assert (seen.verdict, seen.note) == ("fine", "a row of covers")
    assert await lines(db) == before


async def test_who_repairs_what_he_reported_is_listed(db, street, workers):
    case_id = await reported(db, street)
    await db.execute("UPDATE cases SET person = '网格员 0001' WHERE case_id = %s", (case_id,))

    (found,) = await findings_of(db, "2025-08")

    assert (found.kind, found.worker_id, found.cases[0].case_id) == ("own_repair", "W-1", case_id)


async def test_a_holder_registered_by_name_becomes_one_of_the_registry(db, street):
    insert = (
        "INSERT INTO device (device_id, kind, name_zh, name_en, unit_key, holder_registered,"
        " registered_at) VALUES (%s, 'terminals', '', '', 'village_001', '网格员 0009', %s)"
    )
    for device_id in ("T-0009", "T-0010"):
        await db.execute(insert, (device_id, NOW))
    rows = await (
        await db.execute(
            "SELECT holder_id, w.name, w.village FROM device JOIN grid_worker w"
            " ON worker_id = holder_id WHERE device_id IN ('T-0009', 'T-0010')"
        )
    ).fetchall()
    assert len({row[0] for row in rows}) == 1
    assert {row[1:] for row in rows} == {("网格员 0009", "village_001")}
    worker_id = rows[0][0]

    renamed = GridWorker(worker_id=worker_id, name="网格员 9", village="village_001")
    await carry_out(db, NOW, put_worker, renamed)
    cursor = await db.execute("SELECT DISTINCT holder, holder_id FROM device WHERE holder_id = %s",
                              (worker_id,))  # fmt: skip
    assert await cursor.fetchall() == [("网格员 9", worker_id)]


async def test_an_import_with_a_bad_line_writes_nothing(db, street):
    bad = WORKERS + "W-3,,village_009,,\n"

    report = await carry_out(db, NOW, import_workers, bad.encode())

    assert not report.written
    assert "nothing imported: 2 bad cells" in report.text()
    assert await (await db.execute("SELECT count(*) FROM grid_worker")).fetchone() == (0,)
