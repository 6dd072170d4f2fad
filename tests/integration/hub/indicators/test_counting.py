"""Tallies, rows and plain words count the same, for any periods and sets of cases."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.clock import TIMEZONE
from hub.indicators import keeping
from hub.indicators.case_sets import WITHOUT, CaseSet, Grouping, UnitTree, unit_tree
from hub.indicators.counting import marked_groups
from hub.indicators.definitions import (
    EVERY_EVENT,
    KEPT_MARKS,
    OF_FIRST_UNIT,
    Count,
    Mark,
    counted,
    marks_of_event,
)
from hub.indicators.figures import Figures, figures_of
from hub.indicators.measure import CaseMeasure, SignalMeasure
from hub.indicators.periods import Period, read_period
from hub.indicators.store import counted_rows
from tests.districts import add_district, add_units

NOW = datetime.fromisoformat("2025-09-20T12:00:00+08:00")
MIDNIGHTS = [datetime(2025, month, 1, tzinfo=TIMEZONE) for month in (7, 8, 9, 10)]
SECOND = timedelta(seconds=1)
LOCAL = ("village_001", "village_002", "town_01")

INSTANTS = st.one_of(
    st.sampled_from([at + by for at in (*MIDNIGHTS, NOW) for by in (-SECOND, 0 * SECOND, SECOND)]),
    st.integers(-400, 60).map(lambda days: NOW + timedelta(days=days, hours=days % 24)),
)
UNITS = st.sampled_from([None, "housing_bureau", "power_supply", "village_001"])
PLACES = st.sampled_from([None, "village_001", "village_002", "town_01"])
ITEMS = st.sampled_from(["manhole", "waste"])
SOURCES = st.sampled_from(["", "camera", "terminal"])
SEVERITIES = st.sampled_from(["low", "mid"])
PEOPLE = st.sampled_from([None, "user:one", "user:two"])
STATES = st.sampled_from(["HANDLING", "CLOSED", "MERGED", "VOID"])
HAPPENED = st.lists(
    st.sampled_from(
        [mark for mark in Mark if mark & KEPT_MARKS and mark not in (Mark.MERGED, Mark.VOID)]
    )
).map(lambda marks: reduce(or_, marks, Mark(0)))
CASES = st.builds(
    CaseMeasure,
    case_id=st.integers(1, 6),
    round=st.integers(0, 1),
    item_key=ITEMS,
    severity=SEVERITIES,
    source=SOURCES,
    state=STATES,
    lead_unit=UNITS,
    first_unit=UNITS,
    territory_unit=PLACES,
    filed_at=INSTANTS,
    **dict.fromkeys(
        (
            "dispatched_at",
            "deadline",
            "missed_at",
            "handled_at",
            "closed_at",
            "exempt_at",
            "called_back_at",
            "appealed_at",
        ),
        st.one_of(st.none(), INSTANTS),
    ),
    reporter=st.sampled_from([None, "T-1", "C-1"]),
    receiver=PEOPLE,
    dispatcher=PEOPLE,
    shift_lead=PEOPLE,
    happened=HAPPENED,
)
SIGNALS = st.builds(
    SignalMeasure,
    signal_id=st.integers(1, 4),
    received_at=INSTANTS,
    source=SOURCES,
    item_key=ITEMS,
    case_id=st.none(),
    reporter=st.sampled_from([None, "T-1"]),
    marks=st.sampled_from([Mark(0), Mark.DUPLICATE, Mark.LEFT_OUT, Mark.ACCEPT_LATE]),
)
ROWS = st.lists(
    st.one_of(CASES, SIGNALS),
    max_size=8,
    unique_by=lambda row: (
        getattr(row, "signal_id", None),
        row.case_id,
        getattr(row, "round", None),
    ),
)
PERIODS = st.lists(
    st.sampled_from(
        [
            *("2024", "2025", "2025-07", "2025-08", "2025-09", "2025-10", "2025-09-20", "2025-W38"),
            *("2025-01-01..2025-06-30", "2025-07-02..2025-09-19", "2025-08-31..2025-08-31", "all"),
        ]
    ),
    min_size=1,
    max_size=3,
).map(lambda keys: [read_period(key, NOW) for key in keys])
SETS = st.builds(
    CaseSet,
    unit=st.sampled_from([None, None, WITHOUT, "housing_bureau", "village_001"]),
    territory=st.sampled_from([None, None, WITHOUT, "town_01", "village_002"]),
    item=st.sampled_from([None, None, "manhole"]),
    source=st.sampled_from([None, None, WITHOUT, "camera"]),
    severity=st.sampled_from([None, None, "mid"]),
)


@pytest.fixture
async def district(db):
    await add_district(db)
    await add_units(db, "housing_bureau", "power_supply", *LOCAL)
    return db


async def keep(db, rows: Iterable[CaseMeasure | SignalMeasure]) -> None:
    batch = keeping._Batch({}, {})
    for row in rows:
        if isinstance(row, CaseMeasure):
            batch.changed_cases[row.case_id, row.round] = row
        else:
            batch.changed_signals[row.signal_id] = row
    await keeping._save(db, batch)


async def tallies(db) -> list[tuple[object, ...]]:
    return await (
        await db.execute("SELECT * FROM measure_tally ORDER BY 1, 2, 3, 4, 5, 6, 7")
    ).fetchall()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ROWS, ROWS, PERIODS, SETS, st.sampled_from([None, *Grouping]))
async def test_tallies_rows_and_plain_words_count_the_same(
    district, before, after, periods, of, by
):
    await district.execute("DELETE FROM case_measure")
    await district.execute("DELETE FROM signal_measure")
    assert await tallies(district) == []
    await keep(district, before)
    await keep(district, after)
    tree = await unit_tree(district)
    rows = known([*before, *after])

    read = await marked_groups(district, periods, of, by, NOW, tree)
    by_rows = await marked_groups(district, periods, of, by, NOW, tree, by_rows=True)

    for period, groups, groups_of_rows in zip(periods, read, by_rows, strict=True):
        told = in_plain_words(rows, period, of, by, tree)
        assert numbers(figures_of(groups)) == told, period.key
        assert numbers(figures_of(groups_of_rows)) == told, period.key
        if by is None:
            for count in Count:
                listed = await counted_rows(district, count, period, of, NOW, tree, limit=100)
                assert len(listed) == told[None, count], (period.key, count)

    kept = await tallies(district)
    await district.execute("DELETE FROM measure_tally")
    await district.execute(
        "SELECT change_tallies('{}', ARRAY(SELECT m FROM case_measure m), '{}',"
        " ARRAY(SELECT s FROM signal_measure s))"
    )
    assert await tallies(district) == kept, "as if they were made anew"


def known(rows: Iterable[CaseMeasure | SignalMeasure]) -> list[CaseMeasure | SignalMeasure]:
    """The rows as they are kept: the newest of each; a signal came when it came first."""
    found: dict[object, CaseMeasure | SignalMeasure] = {}
    for row in rows:
        if isinstance(row, CaseMeasure):
            found[row.case_id, row.round] = row
        else:
            first = found.get(row.signal_id, row)
            assert isinstance(first, SignalMeasure)
            found[row.signal_id] = replace(row, received_at=first.received_at)
    return list(found.values())


def numbers(figures: dict[str | None, Figures]) -> Counter[tuple[str | None, Count]]:
    return Counter(
        {(key, count): each[count] for key, each in figures.items() for count in each.counts}
    )


def in_plain_words(
    rows: Iterable[CaseMeasure | SignalMeasure],
    period: Period,
    of: CaseSet,
    by: Grouping | None,
    tree: UnitTree,
) -> Counter[tuple[str | None, Count]]:
    found: Counter[tuple[str | None, Count]] = Counter()
    for row in rows:
        lies = lies_of_case if isinstance(row, CaseMeasure) else lies_of_signal
        for count in counted(int(row.marks | lies(row, period))):
            facts = facts_of(row, count, tree)
            if is_wanted(facts, of, tree):
                found[None if by is None else facts[by] or None, count] += 1
    return found


def facts_of(
    row: CaseMeasure | SignalMeasure, count: Count, tree: UnitTree
) -> dict[str, str | None]:
    shared = {"item": row.item_key, "source": row.source, "reporter": row.reporter}
    if isinstance(row, SignalMeasure):
        nothing = (
            "unit",
            "township",
            "territory",
            "severity",
            "receiver",
            "dispatcher",
            "shift_lead",
        )
        return {**shared, **dict.fromkeys(nothing)}
    return {
        **shared,
        "unit": row.first_unit if count in OF_FIRST_UNIT else row.lead_unit,
        "territory": row.territory_unit,
        "township": tree.township_of(row.territory_unit),
        "severity": row.severity,
        "receiver": row.receiver,
        "dispatcher": row.dispatcher,
        "shift_lead": row.shift_lead,
    }


def is_wanted(facts: dict[str, str | None], of: CaseSet, tree: UnitTree) -> bool:
    for name in ("unit", "item", "source", "severity"):
        wanted = getattr(of, name)
        if wanted is not None and (facts[name] or WITHOUT) != wanted:
            return False
    if of.territory == WITHOUT:
        return tree.township_of(facts["territory"]) is None
    return of.territory is None or facts["territory"] in tree.below(of.territory)


def lies_of_signal(signal: SignalMeasure, period: Period) -> Mark:
    received = period.from_at <= signal.received_at < period.until_at
    return Mark.RECEIVED_IN if received else Mark(0)


def lies_of_case(case: CaseMeasure, period: Period) -> Mark:
    begin, end = period.from_at, period.until_at

    def within(instant: datetime | None) -> bool:
        return instant is not None and begin <= instant < end

    def before(instant: datetime | None, border: datetime) -> bool:
        return instant is not None and instant < border

    due = case.due_at
    still_open = case.closed_at is None or case.closed_at >= begin
    from_before = before(due, begin) and case.state not in ("MERGED", "VOID") and still_open
    found = {
        Mark.FILED_IN: within(case.filed_at),
        Mark.DISPATCHED_IN: within(case.dispatched_at),
        Mark.DUE_IN: within(due) or from_before,
        Mark.HANDLED_BY: before(case.handled_at, end),
        Mark.CLOSED_BY: before(case.closed_at, end),
        Mark.PAST_DUE: before(due, min(end, NOW)),
        Mark.CALLED_IN: within(case.called_back_at),
        Mark.APPEALED_IN: within(case.appealed_at),
        Mark.LOCAL: case.lead_unit in LOCAL,
    }
    return Mark(sum(mark for mark, holds in found.items() if holds))


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(CASES, PERIODS)
async def test_the_marks_of_a_listed_round_are_the_same_in_sql(district, case, periods):
    await district.execute("DELETE FROM case_measure")
    await keep(district, [case])
    for period in periods:
        facts = (period.from_at, period.until_at, period.end_as_of(NOW))
        query = "SELECT measure_marks(m, %s, %s, %s) FROM case_measure m"
        found = await (await district.execute(query, facts)).fetchone()
        assert Mark(found[0]) == case.marks | lies_of_case(case, period), period.key


async def test_events_keep_the_marks_that_their_counts_look_at(db):
    every = KEPT_MARKS
    cursor = await db.execute(
        "SELECT marks FROM events_of_round('a', 'a', %s, true, 1, 1, 1, 1, 1, 1, 1)"
        " UNION ALL SELECT marks FROM tallied_events(ROW(1, now(), '', '', 1, '', %s, '', '', '')"
        "::signal_measure)",
        (every, every),
    )
    found = {row[0] for row in await cursor.fetchall()}
    local = {Mark.DUE_IN: int(Mark.LOCAL)}
    assert found == {
        marks_of_event(event) | int(event) | local.get(event, 0) for event in EVERY_EVENT
    }


async def test_a_unit_that_becomes_local_takes_its_cases_along(district):
    await keep(district, [CASES_OF_BUREAU])
    august, tree = read_period("2025-08", NOW), await unit_tree(district)
    for level, closed_locally in ((None, 0), ("township", 1), (None, 0)):
        kind = "department" if level is None else "territory"
        await district.execute(
            "UPDATE unit SET kind = %s, level = %s WHERE unit_key = 'power_supply'", (kind, level)
        )
        for by_rows in (False, True):
            [groups] = await marked_groups(
                district, [august], CaseSet(), None, NOW, tree, by_rows=by_rows
            )
            assert figures_of(groups)[None][Count.CLOSED_LOCALLY] == closed_locally


CASES_OF_BUREAU = CaseMeasure(
    case_id=1,
    state="CLOSED",
    lead_unit="power_supply",
    filed_at=NOW - timedelta(days=40),
    deadline=NOW - timedelta(days=35),
    closed_at=NOW - timedelta(days=36),
)
