"""The clock of a case under another calendar: what counts, and what doesn't."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.cases.case import Event, State
from hub.cases.clock_runs import ClockEntry, clock_runs, due_by
from hub.clock import TIMEZONE
from hub.deadlines import LimitType, Policy, WorkCalendar, due_at
from tests.unit.hub.cases.test_transitions import case_in

CALENDAR = WorkCalendar()


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TIMEZONE)


def entry(at: str, event: Event, *, moved: bool = True) -> ClockEntry:
    return ClockEntry(local(at), event, moved)


def off(*days: str) -> WorkCalendar:
    return WorkCalendar({date.fromisoformat(day): False for day in days})


def due(
    case_due: str,
    entries: list[ClockEntry],
    after: WorkCalendar,
    *,
    limit_type: LimitType = LimitType.WORK_DAY,
    **columns: object,
) -> str | None:
    case = case_in(State.HANDLING, due_at=local(case_due), limit_type=limit_type, **columns)
    clock = clock_runs(entries, local("2025-08-04 08:00"))
    found = due_by(case, clock, CALENDAR, after)
    return None if found is None else f"{found.astimezone(TIMEZONE):%m-%d %H:%M}"


ROUTED = [entry("2025-08-04 10:00", Event.ROUTE)]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (["2025-08-05"], "08-07 10:00"),
        (["2025-08-04"], "08-06 18:00"),
        (["2025-08-06"], "08-07 10:00"),
        (["2025-08-05", "2025-08-06"], "08-08 10:00"),
        (["2025-08-07"], None),
        (["2025-08-03", "2025-08-01"], None),
    ],
)
def test_a_day_off_within_the_limit_moves_the_deadline_and_no_other_does(days, expected):
    assert due("2025-08-06 10:00", ROUTED, off(*days)) == expected


def test_a_worked_saturday_brings_the_deadline_forward():
    worked = WorkCalendar({date(2025, 8, 9): True})

    routed = [entry("2025-08-08 10:00", Event.ROUTE)]

    assert due("2025-08-12 10:00", routed, worked) == "08-11 10:00"


PAUSED = [*ROUTED, entry("2025-08-05 10:00", Event.SUSPEND, moved=False)]
RESUMED = [*PAUSED, entry("2025-08-11 10:00", Event.RESUME)]


def test_a_day_within_a_pause_doesn_t_count():
    assert due("2025-08-12 10:00", RESUMED, off("2025-08-07")) is None


def test_days_before_and_after_a_pause_count():
    assert due("2025-08-12 10:00", RESUMED, off("2025-08-04")) == "08-12 18:00"
    assert due("2025-08-12 10:00", RESUMED, off("2025-08-12")) == "08-13 10:00"


def test_the_deadline_of_a_paused_case_counts_from_its_pause():
    # Its deadline is that of before the pause, and the time left is counted from there when it resumes.
    assert due("2025-08-06 10:00", PAUSED, off("2025-08-04")) == "08-06 18:00"
    assert due("2025-08-06 10:00", PAUSED, off("2025-08-05")) == "08-07 10:00"


def test_an_extension_belongs_to_the_clock_that_it_extends():
    extended = [*ROUTED, entry("2025-08-06 09:00", Event.EXTEND)]

    assert due("2025-08-08 10:00", extended, off("2025-08-05")) == "08-11 10:00"


@pytest.mark.parametrize("event", [Event.FAIL, Event.NOT_SATISFIED, Event.ESCALATE, Event.RULE])
def test_what_sets_a_new_deadline_starts_a_new_clock(event):
    entries = [*ROUTED, entry("2025-08-07 10:00", event)]

    assert due("2025-08-08 10:00", entries, off("2025-08-05")) is None
    assert due("2025-08-08 10:00", entries, off("2025-08-08")) == "08-11 10:00"


def test_a_rework_that_keeps_its_deadline_keeps_its_clock():
    entries = [*ROUTED, entry("2025-08-05 10:00", Event.FAIL, moved=False)]

    assert due("2025-08-06 10:00", entries, off("2025-08-04")) == "08-06 18:00"


def test_whole_days_from_the_next_stay_whole_days():
    hotline = {"policy": Policy.END_OF_DAY_FROM_NEXT}

    assert due("2025-08-06 18:00", ROUTED, off("2025-08-04"), **hotline) is None
    assert due("2025-08-06 18:00", ROUTED, off("2025-08-06"), **hotline) == "08-07 18:00"


def test_a_clock_through_the_night_doesn_t_move():
    urgent = {"limit_type": LimitType.URGENT_HOUR}

    assert due("2025-08-06 10:00", ROUTED, off("2025-08-05"), **urgent) is None


def test_the_working_hours_of_a_rework_move_even_if_the_limit_runs_through_the_night():
    entries = [*ROUTED, entry("2025-08-05 16:00", Event.FAIL)]
    urgent = {"limit_type": LimitType.URGENT_HOUR, "rework": 1}

    assert due("2025-08-06 10:00", entries, off("2025-08-06"), **urgent) == "08-07 10:00"


def test_without_entries_the_clock_counts_from_the_routing():
    assert due("2025-08-05 08:00", [], off("2025-08-04")) == "08-05 18:00"


starts = st.datetimes(datetime(2025, 8, 1), datetime(2025, 8, 31)).map(
    lambda at: at.replace(tzinfo=TIMEZONE)
)
edited = st.dictionaries(st.dates(date(2025, 8, 1), date(2025, 9, 30)), st.booleans(), max_size=9)


@given(start=starts, days=edited, limit=st.integers(1, 15))
def test_the_moved_deadline_is_the_one_that_the_calendar_would_have_given(start, days, limit):
    after = WorkCalendar(days)
    old = due_at(start, LimitType.WORK_DAY, limit, Policy.ACCUMULATE, CALENDAR).due_at
    case = case_in(State.HANDLING, due_at=old, limit_type=LimitType.WORK_DAY, limit_value=limit)

    moved = due_by(case, clock_runs([ClockEntry(start, Event.ROUTE, True)], start), CALENDAR, after)

    expected = due_at(start, LimitType.WORK_DAY, limit, Policy.ACCUMULATE, after).due_at
    assert (moved or old) == expected


@given(
    start=starts,
    days=edited,
    first=st.timedeltas(timedelta(), timedelta(days=5)),
    pause=st.timedeltas(timedelta(), timedelta(days=20)),
)
def test_an_edit_that_is_taken_back_leaves_the_deadline_where_it_was(start, days, first, pause):
    entries = [
        ClockEntry(start, Event.ROUTE, True),
        ClockEntry(start + first, Event.SUSPEND, False),
        ClockEntry(start + first + pause, Event.RESUME, True),
    ]
    clock = clock_runs(entries, start)
    old = CALENDAR.add(start + first + pause, timedelta(hours=20))
    case = case_in(State.HANDLING, due_at=old, limit_type=LimitType.WORK_DAY, limit_value=9)
    after = WorkCalendar(days)

    moved = due_by(case, clock, CALENDAR, after) or old
    again = case_in(State.HANDLING, due_at=moved, limit_type=LimitType.WORK_DAY, limit_value=9)
    back = due_by(again, clock, after, CALENDAR) or moved

    assert back == old or CALENDAR.between(min(back, old), max(back, old)) == timedelta()
