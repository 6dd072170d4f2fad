"""Limits: the vectors of the trade, and what must hold for all of them."""

from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.clock import TIMEZONE
from hub.deadlines import LimitType, Policy, WorkCalendar, due_at, resumed_due_at
from hub.deadlines.calendar import NoWorkingTime

FIRST = date(2025, 1, 1)
KNOWN = {
    FIRST + timedelta(days=n): chinese_calendar.is_workday(FIRST + timedelta(days=n))
    for n in range(730)
}
CALENDAR = WorkCalendar(KNOWN)
WORKING = (LimitType.WORK_HOUR, LimitType.WORK_DAY)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TIMEZONE)


@pytest.mark.parametrize(
    ("start", "limit_type", "value", "expected"),
    [
        ("2025-08-07 15:19", LimitType.WORK_DAY, 2, "2025-08-11 15:19"),
        ("2025-08-09 10:00", LimitType.WORK_DAY, 2, "2025-08-12 18:00"),
        ("2025-09-30 16:00", LimitType.WORK_DAY, 2, "2025-10-10 16:00"),
        ("2025-10-10 17:00", LimitType.WORK_DAY, 1, "2025-10-11 17:00"),
        ("2026-02-13 17:30", LimitType.WORK_DAY, 2, "2026-02-24 17:30"),
        ("2025-08-07 15:19", LimitType.WORK_HOUR, 4, "2025-08-08 09:19"),
        ("2025-08-07 13:00", LimitType.WORK_HOUR, 1, "2025-08-07 15:00"),
        ("2025-08-07 08:00", LimitType.WORK_HOUR, 4, "2025-08-07 12:00"),
        ("2025-08-09 23:30", LimitType.URGENT_HOUR, 2, "2025-08-10 01:30"),
        ("2025-08-07 15:19", LimitType.NATURAL_DAY, 3, "2025-08-10 15:19"),
    ],
)
def test_a_limit_runs_out_when_the_vectors_say(start, limit_type, value, expected):
    deadline = due_at(local(start), limit_type, value, Policy.ACCUMULATE, CALENDAR)

    assert deadline.due_at == local(expected)
    assert not deadline.calendar_assumed


@pytest.mark.parametrize(
    ("limit_type", "value", "expected"),
    [
        (LimitType.WORK_DAY, 1, "2025-08-08 18:00"),
        (LimitType.WORK_DAY, 2, "2025-08-11 18:00"),
        (LimitType.NATURAL_DAY, 1, "2025-08-09 00:00"),
    ],
)
def test_the_hotline_rule_counts_whole_days_from_the_next(limit_type, value, expected):
    start = local("2025-08-07 15:19")

    deadline = due_at(start, limit_type, value, Policy.END_OF_DAY_FROM_NEXT, CALENDAR)

    assert deadline.due_at == local(expected)


def test_a_year_that_nobody_knows_falls_back_to_weekdays_and_says_so():
    deadline = due_at(local("2027-03-05 10:00"), LimitType.WORK_DAY, 1, Policy.ACCUMULATE, CALENDAR)

    assert deadline.due_at == local("2027-03-08 10:00")
    assert deadline.calendar_assumed


def test_a_limit_that_runs_into_an_unknown_year_is_assumed():
    deadline = due_at(local("2026-12-31 16:00"), LimitType.WORK_DAY, 1, Policy.ACCUMULATE, CALENDAR)

    assert deadline.calendar_assumed


def test_continuous_limits_never_ask_the_calendar():
    start = local("2030-01-01 00:00")

    assert not due_at(
        start, LimitType.URGENT_HOUR, 2, Policy.ACCUMULATE, WorkCalendar()
    ).calendar_assumed


@pytest.mark.parametrize(
    ("limit_type", "value", "policy"),
    [
        (LimitType.WORK_DAY, 0, Policy.ACCUMULATE),
        (LimitType.WORK_DAY, -1, Policy.ACCUMULATE),
        (LimitType.WORK_DAY, float("nan"), Policy.ACCUMULATE),
        (LimitType.URGENT_HOUR, 2, Policy.END_OF_DAY_FROM_NEXT),
        (LimitType.WORK_DAY, 1.5, Policy.END_OF_DAY_FROM_NEXT),
    ],
)
def test_a_limit_without_meaning_is_refused(limit_type, value, policy):
    with pytest.raises(ValueError):
        due_at(local("2025-08-07 15:19"), limit_type, value, policy, CALENDAR)


def test_a_calendar_without_working_days_is_refused_instead_of_searched_forever():
    closed = WorkCalendar({FIRST + timedelta(days=n): False for n in range(800)})

    with pytest.raises(NoWorkingTime):
        closed.add(local("2025-01-01 00:00"), timedelta(hours=1))


@pytest.mark.parametrize("hours", [(), ((12, 8),), ((8, 12), (11, 18)), ((8, 25),)])
def test_working_hours_out_of_order_are_refused(hours):
    with pytest.raises(ValueError):
        WorkCalendar({}, hours)


def test_a_pause_moves_a_working_deadline_by_the_working_time_that_was_left():
    due = local("2025-08-11 15:19")

    moved = resumed_due_at(
        LimitType.WORK_DAY, local("2025-08-08 18:00"), due, local("2025-08-20 12:00"), CALENDAR
    )

    assert moved.due_at == local("2025-08-21 09:19")


starts = st.datetimes(datetime(2025, 1, 1), datetime(2026, 9, 1)).map(
    lambda instant: instant.replace(tzinfo=UTC)
)
values = st.floats(min_value=0.25, max_value=40).map(lambda value: round(value, 2))


@given(
    start=starts,
    later=st.timedeltas(timedelta(), timedelta(days=20)),
    value=values,
    limit_type=st.sampled_from(LimitType),
)
def test_a_later_start_is_never_due_earlier(start, later, value, limit_type):
    first = due_at(start, limit_type, value, Policy.ACCUMULATE, CALENDAR)
    second = due_at(start + later, limit_type, value, Policy.ACCUMULATE, CALENDAR)

    assert start < first.due_at <= second.due_at


@given(start=starts, value=values, more=values, limit_type=st.sampled_from(LimitType))
def test_a_longer_limit_is_due_later(start, value, more, limit_type):
    shorter = due_at(start, limit_type, value, Policy.ACCUMULATE, CALENDAR)
    longer = due_at(start, limit_type, value + more, Policy.ACCUMULATE, CALENDAR)

    assert shorter.due_at < longer.due_at


@given(start=starts, value=values, limit_type=st.sampled_from(WORKING))
def test_a_working_limit_runs_out_within_working_hours_of_a_working_day(start, value, limit_type):
    due = due_at(start, limit_type, value, Policy.ACCUMULATE, CALENDAR).due_at.astimezone(TIMEZONE)
    hour = due.hour + due.minute / 60 + due.second / 3600 + due.microsecond / 3.6e9

    assert CALENDAR.is_workday(due.date())
    assert 8 < hour <= 12 or 14 < hour <= 18


@given(start=starts, minutes=st.integers(min_value=1, max_value=20_000))
def test_the_working_time_to_a_deadline_is_the_working_time_that_was_given(start, minutes):
    worked = timedelta(minutes=minutes)

    assert CALENDAR.between(start, CALENDAR.add(start, worked)) == worked


@given(start=starts, value=values, limit_type=st.sampled_from(LimitType))
def test_a_pause_of_no_length_moves_nothing(start, value, limit_type):
    due = due_at(start, limit_type, value, Policy.ACCUMULATE, CALENDAR).due_at

    assert resumed_due_at(limit_type, start, due, start, CALENDAR).due_at == due
