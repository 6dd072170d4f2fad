"""Periods begin and end at local midnights."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import InvalidInput
from hub.indicators.periods import Period, PeriodKind, read_period

NOW = datetime(2025, 8, 7, 16, 30, tzinfo=UTC)
"""00:30 on 8 August in the district."""
DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))
FIXED = st.sampled_from([PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.MONTH, PeriodKind.YEAR])


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025-08-07", "2025-08-07", "2025-08-07"),
        ("2025-W01", "2024-12-30", "2025-01-05"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025", "2025-01-01", "2025-12-31"),
        ("2025-08-01..2025-08-07", "2025-08-01", "2025-08-07"),
        ("day", "2025-08-08", "2025-08-08"),
        ("week", "2025-08-04", "2025-08-10"),
        ("month", "2025-08-01", "2025-08-31"),
        ("year", "2025-01-01", "2025-12-31"),
    ],
)
def test_a_period_is_read_from_its_key(text, first, last):
    period = read_period(text, NOW)
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)
    assert read_period(period.key, NOW) == period


@pytest.mark.parametrize(
    "text",
    ["", "2025-13", "2025-02-30", "2025-W54", "0000", "9999", "days", "2025-08-07..2025-08-01",
     "2025-08-07..", "last month", "2025-8", "２０２５"],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_the_forms_that_are(text):
    with pytest.raises(InvalidInput):
        read_period(text, NOW)


def test_a_period_begins_at_the_local_midnight():
    period = read_period("2025-08-07", NOW)
    assert period.from_at == datetime(2025, 8, 6, 16, tzinfo=UTC)
    assert period.until_at == datetime(2025, 8, 7, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "before", "year_before"),
    [
        ("2025-03-01", "2025-02-28", "2024-03-01"),
        ("2024-02-29", "2024-02-28", "2023-02-28"),
        ("2025-01", "2024-12", "2024-01"),
        ("2025-W01", "2024-W52", "2024-W01"),
        ("2020-W53", "2020-W52", "2019-W52"),
        ("2025", "2024", "2024"),
        ("2025-08-01..2025-08-07", "2025-07-25..2025-07-31", "2024-08-01..2024-08-07"),
        ("2024-02-28..2024-02-29", "2024-02-26..2024-02-27", "2023-02-28..2023-02-28"),
    ],
)
def test_a_period_is_compared_with_the_one_before_and_with_that_of_the_year_before(
    text, before, year_before
):
    period = read_period(text, NOW)
    assert (period.before().key, period.year_before().key) == (before, year_before)


def test_all_time_has_nothing_before_it():
    period = read_period("all", NOW)
    assert (period.before(), period.year_before(), period.parts()) == (None, None, [])
    assert period.from_at < NOW < period.until_at


@given(FIXED, DAYS)
def test_periods_of_a_kind_follow_one_another_without_a_gap(kind, day):
    period = Period.around(kind, day)
    before = period.before()
    assert period.first <= day < period.end
    assert before is not None
    assert before.until_at == period.from_at
    assert before.kind is kind


@given(st.sampled_from([PeriodKind.WEEK, PeriodKind.MONTH, PeriodKind.YEAR]), DAYS)
def test_the_parts_of_a_period_make_it_up(kind, day):
    period = Period.around(kind, day)
    parts = period.parts()
    assert (parts[0].first, parts[-1].end) == (period.first, period.end)
    assert all(a.end == b.first for a, b in pairwise(parts))


def test_a_day_is_shown_with_the_week_up_to_it():
    parts = read_period("2025-08-07", NOW).parts()
    assert (len(parts), parts[-1].key) == (7, "2025-08-07")


def test_a_running_period_has_been_until_now():
    assert read_period("month", NOW).end_as_of(NOW) == NOW
    july = read_period("2025-07", NOW)
    assert july.end_as_of(NOW) == july.until_at
    assert july.until_at - july.from_at == timedelta(days=31)
