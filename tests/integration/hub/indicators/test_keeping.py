"""The measures are kept up with the journal, each entry once, and are the same when made anew."""

from datetime import UTC, datetime

import pytest

from hub.accounts.scope import Scope
from hub.indicators import keeping
from hub.indicators.case_sets import WITHOUT, CaseSet, Grouping, unit_tree
from hub.indicators.counting import figures_by, figures_of_periods
from hub.indicators.definitions import Count, RateKey, SatisfactionBase
from hub.indicators.keeping import keep_up, keep_up_fully, rebuild
from hub.indicators.periods import read_period
from hub.indicators.store import counted_rows, entries_behind
from hub.journal import append_all
from tests.districts import add_district, add_units
from tests.journal_lives import START, CaseLife, signal_entry
from tests.use_cases import carry_out

NOW = datetime(2025, 9, 20, tzinfo=UTC)
ALL = read_period("all", NOW)
AUGUST = read_period("2025-08", NOW)
SEPTEMBER = read_period("2025-09", NOW)
ANSWERED = SatisfactionBase.ANSWERED


def in_time(case_id: int, unit: str = "housing_bureau", place: str = "village_001") -> CaseLife:
    life = CaseLife(case_id).file().route(unit, place=place).later(hours=1).sign()
    return life.later(hours=20).feed_back().later(minutes=10).close()


def open_since(case_id: int, days: float, unit: str = "power_supply") -> CaseLife:
    return CaseLife(case_id).file(severity="high").route(unit, days=days, place="village_002")


@pytest.fixture
async def district(db):
    await add_district(db)
    await add_units(
        db, "housing_bureau", "power_supply", "village_001", "village_002", "public_security"
    )
    return db


async def tell(db, *lives: CaseLife) -> None:
    """Write the entries of cases to the journal in the order of their times, and measure them."""
    entries = sorted((entry for life in lives for entry in life.entries), key=lambda each: each.at)
    await append_all(db, entries)
    await carry_out(db, NOW, keep_up_fully)


async def rows(db, table: str) -> list[tuple[object, ...]]:
    return await (await db.execute(f"SELECT * FROM {table} ORDER BY 1, 2")).fetchall()


async def of(db, period=ALL, **wanted):
    tree = await unit_tree(db)
    [found] = await figures_of_periods(db, [period], CaseSet(**wanted), NOW, ANSWERED, tree)
    return found


async def test_a_case_is_counted_as_its_entries_come(district):
    life = CaseLife(1).file()
    await append_all(district, life.entries)
    assert (await of(district))[Count.FILED] == 0
    assert await entries_behind(district) == 1

    assert await carry_out(district, NOW, keep_up) == 1
    assert (await of(district))[Count.FILED] == 1
    assert await entries_behind(district) == 0

    done = len(life.entries)
    life.route().sign().feed_back().close()
    await append_all(district, life.entries[done:])
    assert await carry_out(district, NOW, keep_up) == len(life.entries) - done
    assert await carry_out(district, NOW, keep_up) == 0
    found = await of(district)
    assert str(found.rate(RateKey.CLOSING_IN_TIME)) == "100.00%"


async def test_rebuilding_from_an_untouched_journal_changes_nothing(district, monkeypatch):
    monkeypatch.setattr(keeping, "BATCH", 3)
    life = in_time(3).later(days=2).move("recur", "REOPENED", closed_at=None, due_at=None)
    life.route("power_supply")
    await append_all(district, [signal_entry(1, START, "new")])
    await tell(district, in_time(1), open_since(2, 2), life)
    await append_all(
        district,
        [
            signal_entry(1, START, "accepted", case_id=1, source="camera"),
            signal_entry(2, START, "merged", case_id=2),
            signal_entry(3, life.at, "merged", case_id=3),
        ],
    )
    await carry_out(district, NOW, keep_up_fully)
    before = await rows(district, "case_measure"), await rows(district, "signal_measure")
    assert len(before[0]) == 4

    measured = await carry_out(district, NOW, rebuild)

    assert (
        measured == (await (await district.execute("SELECT count(*) FROM journal")).fetchone())[0]
    )
    assert (await rows(district, "case_measure"), await rows(district, "signal_measure")) == before
    assert await carry_out(district, NOW, keep_up) == 0


async def test_another_journal_is_measured_anew(district):
    await tell(district, in_time(1))
    await district.execute("UPDATE indicator_cursor SET mark = 'another'")
    await district.execute("UPDATE case_measure SET item_key = 'wrong'")
    await carry_out(district, NOW, keep_up_fully)
    assert [row[3] for row in await rows(district, "case_measure")] == ["manhole"]


async def test_due_has_the_cases_that_are_open_from_before(district):
    late = open_since(2, 5)
    await tell(district, in_time(1), late)
    august, september = await of(district, AUGUST), await of(district, SEPTEMBER)
    assert (august[Count.DUE], august[Count.OVERDUE_UNHANDLED]) == (2, 1)
    assert (september[Count.FILED], september[Count.DUE]) == (0, 1)
    assert september[Count.OVERDUE_UNHANDLED] == 1

    done = len(late.entries)
    late.later(days=30).sign().feed_back().close()
    await append_all(district, late.entries[done:])
    await carry_out(district, NOW, keep_up_fully)
    september = await of(district, SEPTEMBER)
    assert (september[Count.CLOSED], september[Count.CLOSED_IN_TIME]) == (1, 0)
    assert (await of(district, AUGUST))[Count.CLOSED] == 1, "as it was when August ended"


async def test_a_deadline_at_midnight_is_in_the_period_that_begins_then(district):
    life = CaseLife(1, at=datetime.fromisoformat("2025-08-30T00:00:00+08:00")).file().route(days=2)
    await tell(district, life)
    assert (await of(district, AUGUST))[Count.DUE] == 0
    assert (await of(district, SEPTEMBER))[Count.DUE] == 1


@pytest.mark.parametrize(
    ("wanted", "due"),
    [
        ({}, 3),
        ({"unit": "housing_bureau"}, 2),
        ({"unit": "power_supply", "severity": "high"}, 1),
        ({"unit": "power_supply", "severity": "mid"}, 0),
        ({"territory": "town_01"}, 3),
        ({"territory": "village_002"}, 1),
        ({"territory": "district_530303", "item": "manhole"}, 3),
        ({"item": "waste"}, 0),
        ({"source": WITHOUT}, 3),
        ({"unit": WITHOUT}, 0),
        ({"territory": WITHOUT}, 0),
    ],
)
async def test_cases_are_counted_for_any_combination(district, wanted, due):
    await tell(district, in_time(1), in_time(2), open_since(3, 5))
    assert (await of(district, **wanted))[Count.DUE] == due


async def test_figures_set_apart_add_up_to_the_whole(district):
    returned = CaseLife(4).file().route("power_supply").move("return", "FILED", lead_unit=None)
    returned.route("housing_bureau").sign().feed_back().close()
    await tell(district, in_time(1), in_time(2), open_since(3, 5), returned)
    await append_all(district, [signal_entry(9, START, "rejected", reason="out_of_scope")])
    await carry_out(district, NOW, keep_up_fully)
    tree, whole = await unit_tree(district), await of(district)
    for by in Grouping:
        parts = await figures_by(district, by, ALL, CaseSet(), NOW, ANSWERED, tree)
        for count in Count:
            assert sum(part[count] for part in parts.values()) == whole[count], (by, count)
    by_unit = await figures_by(district, Grouping.UNIT, ALL, CaseSet(), NOW, ANSWERED, tree)
    assert by_unit["power_supply"][Count.RETURNED] == 1
    assert by_unit["housing_bureau"][Count.CLOSED] == 3
    assert by_unit["housing_bureau"][Count.FIRST_TIME_RIGHT] == 2
    towns = await figures_by(district, Grouping.TOWNSHIP, ALL, CaseSet(), NOW, ANSWERED, tree)
    assert towns["town_01"][Count.DUE] == 4


async def test_what_townships_and_villages_closed_is_told_apart(district):
    await tell(district, in_time(1, "village_001"), in_time(2), in_time(3, "town_01"))
    assert str((await of(district)).rate(RateKey.LOCAL)) == "66.67%"


async def test_every_number_opens_the_list_of_its_cases(district):
    returned = CaseLife(4).file(by="user:seat").route("power_supply")
    returned.move("return", "FILED", lead_unit=None).route("housing_bureau")
    await tell(district, in_time(1), in_time(2), open_since(3, 5), returned)
    await append_all(
        district,
        [
            signal_entry(1, START, "accepted", case_id=1),
            signal_entry(2, START, "merged", case_id=1),
            signal_entry(3, START, "rejected", reason="test"),
        ],
    )
    await carry_out(district, NOW, keep_up_fully)
    tree = await unit_tree(district)
    for period in (ALL, AUGUST, SEPTEMBER):
        for wanted in (CaseSet(), CaseSet(unit="power_supply"), CaseSet(territory="town_01")):
            [told] = await figures_of_periods(district, [period], wanted, NOW, ANSWERED, tree)
            for count in Count:
                listed = await counted_rows(district, count, period, wanted, NOW, tree, limit=100)
                assert len(listed) == told[count], (period.key, wanted, count)


async def test_a_scope_counts_what_it_sees_and_no_more(district, street_cases):
    await tell(district, *street_cases)
    seen = await of(district, scope=Scope.of_unit("power_supply"))
    assert (await of(district))[Count.FILED] == 2
    assert seen[Count.FILED] == 1


@pytest.fixture
async def street_cases(district):
    """Two cases that stand in `cases` too, by which a scope sees them."""
    await district.execute(
        "INSERT INTO catalogue_version (version, imported_at, imported_by, source)"
        " VALUES (1, now(), 'test', 'test') ON CONFLICT DO NOTHING"
    )
    for case_id, unit in ((1, "housing_bureau"), (2, "power_supply")):
        await district.execute(
            "INSERT INTO cases (case_id, case_no, state, item_key, cond_key, catalogue_version,"
            " severity, lon, lat, error_m, dedup_key, occurred_at, last_seen_at, filed_at, filed_by,"
            " lead_unit, due_at) OVERRIDING SYSTEM VALUE VALUES (%s, %s, 'ROUTED', 'manhole', 'x', 1,"
            " 'mid', 103.5, 25.5, 5, %s, now(), now(), now(), 'test', %s, now())",
            (case_id, f"case {case_id}", f"key {case_id}", unit),
        )
    return in_time(1), open_since(2, 5)
