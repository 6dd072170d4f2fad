"""When the steps of the ladder are due, and that none is due twice or while the case stands still."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.cases.case import Case, Event, State
from hub.cases.clock_runs import ClockRuns
from hub.catalogue import Severity
from hub.clock import TIMEZONE
from hub.deadlines import Limit, LimitType, Policy, WorkCalendar, due_at
from hub.supervision.ladder.ladder import (
    Halt,
    Ladder,
    LadderStep,
    instant,
    planned,
    round_of,
    worked_before,
)
from hub.supervision.ladder.store import shipped_ladder

FIRST = date(2024, 1, 1)
CALENDAR = WorkCalendar(
    {
        FIRST + timedelta(days=n): chinese_calendar.is_workday(FIRST + timedelta(days=n))
        for n in range(1000)
    }
)
LADDER = shipped_ladder()
STEPS = {step.step_key: step for step in LADDER.steps}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TIMEZONE)


ROUTED = local("2025-08-07 15:19")
RUNNING = ClockRuns(((ROUTED, None),), Event.ROUTE)
REWORK = replace(RUNNING, by=Event.FAIL)


def case_of(
    limit: Limit = Limit(LimitType.WORK_DAY, 2), routed_at: datetime = ROUTED, **columns: object
) -> Case:
    """A case that a unit handles since `routed_at`."""
    due = due_at(routed_at, limit.type, limit.value, limit.policy, CALENDAR).due_at
    facts = {
        "case_id": 7,
        "case_no": "530303-20250807-0001",
        "version": 3,
        "state": State.HANDLING,
        "item_key": "manhole_cover",
        "cond_key": "broken",
        "catalogue_version": 1,
        "severity": Severity.MID,
        "lon": 103.82,
        "lat": 25.6,
        "error_m": 5,
        "asset_id": None,
        "dedup_key": "k",
        "occurred_at": routed_at,
        "last_seen_at": routed_at,
        "filed_at": routed_at,
        "filed_by": "system:test",
        "text": "",
        "callback_required": False,
        "lead_unit": "housing_bureau",
        "routed_at": routed_at,
        "limit_type": limit.type,
        "limit_value": limit.value,
        "policy": limit.policy,
        "due_at": due,
    }
    return Case(**(facts | columns))


def test_the_shipped_steps_come_at_80_percent_at_the_limit_and_1_3_and_5_workdays_later():
    plan = planned(case_of(), RUNNING, LADDER, CALENDAR, ())
    assert [(each.step.step_key, each.at) for each in plan.steps] == [
        ("reminder_80", local("2025-08-11 10:07")),
        ("explanation", local("2025-08-11 15:19")),
        ("reminder_letter", local("2025-08-12 15:19")),
        ("supervision_letter", local("2025-08-14 15:19")),
        ("weekly_list", local("2025-08-18 15:19")),
    ]


@pytest.mark.parametrize(
    ("limit", "routed", "expected"),
    [
        (Limit(LimitType.URGENT_HOUR, 2), "2025-08-07 23:00", "2025-08-08 00:36"),
        (Limit(LimitType.WORK_HOUR, 4), "2025-08-07 15:19", "2025-08-08 08:31"),
        (Limit(LimitType.NATURAL_DAY, 5), "2025-08-07 15:00", "2025-08-11 15:00"),
        (Limit(LimitType.WORK_DAY, 2), "2025-09-30 16:00", "2025-10-10 10:48"),
        (
            Limit(LimitType.WORK_DAY, 5, Policy.END_OF_DAY_FROM_NEXT),
            "2025-08-07 15:19",
            "2025-08-14 08:00",
        ),
    ],
)
def test_the_reminder_comes_when_a_fifth_of_the_limit_is_left(limit, routed, expected):
    case = case_of(limit, local(routed))
    assert instant(STEPS["reminder_80"], case, RUNNING, CALENDAR) == local(expected)


def test_an_extension_is_a_new_round_with_a_reminder_for_the_whole_new_limit():
    case = case_of()
    longer = due_at(case.due_at, LimitType.WORK_DAY, 2, Policy.ACCUMULATE, CALENDAR).due_at
    extended = replace(case, extensions=1, due_at=longer)
    assert round_of(extended) != round_of(case)
    clock = replace(RUNNING, extensions=1)
    left = CALENDAR.between(instant(STEPS["reminder_80"], extended, clock, CALENDAR), longer)
    assert left == timedelta(hours=0.2 * 32)


def test_a_suspension_and_an_edit_of_the_calendar_stay_in_the_same_round():
    case = case_of()
    later = replace(case, due_at=case.due_at + timedelta(days=3), suspended_at=ROUTED)
    assert round_of(later) == round_of(case)


def test_a_deadline_after_the_exempt_one_counts_again():
    case = replace(case_of(), exempt_at=ROUTED, rework=1)
    assert planned(case, RUNNING, LADDER, CALENDAR, ()).halt is None


def test_each_step_of_a_staged_limit_is_a_round_of_its_own():
    case = case_of(step=0)
    assert len({round_of(case), round_of(replace(case, step=1)), round_of(case_of())}) == 3


def test_rework_is_a_new_round_whose_reminder_follows_half_the_limit():
    rework = replace(case_of(), rework=1, due_at=local("2025-08-20 10:00"))
    assert round_of(rework) != round_of(case_of())
    left = CALENDAR.between(instant(STEPS["reminder_80"], rework, REWORK, CALENDAR), rework.due_at)
    assert left == timedelta(hours=0.2 * 8)


@pytest.mark.parametrize(
    ("limit", "left"),
    [
        (Limit(LimitType.WORK_HOUR, 4), timedelta(minutes=48)),
        (Limit(LimitType.WORK_DAY, 1), timedelta(minutes=48)),
    ],
)
def test_short_rework_has_at_least_four_working_hours(limit, left):
    rework = replace(case_of(limit), rework=1, due_at=local("2025-08-20 17:00"))
    begins = instant(STEPS["reminder_80"], rework, REWORK, CALENDAR)
    assert CALENDAR.between(begins, rework.due_at) == left


@pytest.mark.parametrize(
    ("limit", "due", "expected"),
    [
        # Half of two workdays, and two more: 24 working hours, of which 4.8 are left.
        (Limit(LimitType.WORK_DAY, 2), "2025-08-20 10:00", "2025-08-19 15:12"),
        # Four working hours at least, and four more: 1.6 are left.
        (Limit(LimitType.WORK_HOUR, 4), "2025-08-20 17:00", "2025-08-20 15:24"),
        # One urgent hour is less than four working hours; the two more are the evening, and not worked.
        (Limit(LimitType.URGENT_HOUR, 2), "2025-08-20 20:00", "2025-08-20 17:12"),
        # Half of eight natural days, and eight more.
        (Limit(LimitType.NATURAL_DAY, 8), "2025-08-20 10:00", "2025-08-18 00:24"),
    ],
)
def test_an_extension_after_rework_is_added_to_the_limit_of_the_rework(limit, due, expected):
    case = replace(case_of(limit), rework=1, extensions=2, due_at=local(due))
    clock = replace(REWORK, extensions=1)
    assert instant(STEPS["reminder_80"], case, clock, CALENDAR) == local(expected)


def test_an_extension_before_the_rework_or_the_running_step_is_not_of_the_running_limit():
    case = replace(case_of(), extensions=1)
    assert instant(STEPS["reminder_80"], case, RUNNING, CALENDAR) == local("2025-08-11 10:07")


@pytest.mark.parametrize(
    ("columns", "halt"),
    [
        ({"state": State.FEEDBACK}, Halt.FED_BACK),
        ({"state": State.VERIFYING}, Halt.FED_BACK),
        ({"state": State.CALLBACK}, Halt.FED_BACK),
        ({"suspended_until": ROUTED, "suspended_at": ROUTED}, Halt.SUSPENDED),
        ({"exempt_at": ROUTED, "overdue_at": ROUTED}, Halt.EXEMPT),
        ({"state": State.FILED, "due_at": None, "lead_unit": None}, Halt.NO_DEADLINE),
        ({"state": State.FILED, "lead_unit": None}, Halt.NO_DEADLINE),
        ({"state": State.CLOSED}, Halt.ENDED),
        ({"state": State.VOID}, Halt.ENDED),
        ({"state": State.MERGED}, Halt.ENDED),
    ],
)
def test_the_ladder_stands_still_while_nobody_can_be_pressed(columns, halt):
    plan = planned(replace(case_of(), **columns), RUNNING, LADDER, CALENDAR, ())
    assert plan.halt is halt
    assert plan.due(ROUTED + timedelta(days=400)) == ()


def test_a_later_version_makes_up_for_nothing():
    imported = local("2025-08-13 00:00")
    plan = planned(case_of(), RUNNING, replace(LADDER, version=2, since=imported), CALENDAR, ())
    assert [each.step.step_key for each in plan.to_come] == ["supervision_letter", "weekly_list"]


STARTS = st.datetimes(datetime(2025, 1, 1), datetime(2025, 12, 31)).map(
    lambda each: each.replace(tzinfo=TIMEZONE)
)
LIMITS = st.builds(
    Limit,
    st.sampled_from(
        [LimitType.URGENT_HOUR, LimitType.WORK_HOUR, LimitType.WORK_DAY, LimitType.NATURAL_DAY]
    ),
    st.integers(1, 20).map(float),
)


@given(STARTS, LIMITS)
def test_steps_before_the_deadline_come_after_the_routing_and_the_others_in_their_order(
    start, limit
):
    case = case_of(limit, start)
    plan = planned(case, RUNNING, LADDER, CALENDAR, ())
    by_key = {each.step.step_key: each.at for each in plan.steps}
    assert start <= by_key["reminder_80"] <= case.due_at == by_key["explanation"]
    after = [by_key[key] for key in ("explanation", "reminder_letter", "supervision_letter")]
    assert after == sorted(after)
    assert len(set(after)) == 3
    assert by_key["weekly_list"] > after[-1]


@given(STARTS, LIMITS, st.lists(st.integers(1, 200), min_size=1, max_size=12))
def test_however_often_one_looks_each_step_fires_once_and_never_early(start, limit, waits):
    case, fired, now = case_of(limit, start), [], start
    for hours in waits:
        now += timedelta(hours=hours)
        for each in planned(case, RUNNING, LADDER, CALENDAR, fired).due(now):
            assert each.at <= now
            fired.append(each.step.step_key)
    assert len(fired) == len(set(fired))
    wanted = {
        each.step.step_key
        for each in planned(case, RUNNING, LADDER, CALENDAR, ()).steps
        if each.at <= now
    }
    assert set(fired) == wanted


@given(STARTS, st.integers(1, 60 * 40).map(lambda each: timedelta(minutes=each)))
def test_working_time_counted_back_is_the_same_as_counted_forward(end, worked):
    begin = worked_before(CALENDAR, end, worked)
    assert begin < end
    assert CALENDAR.between(begin, end) == worked


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"after_due": {"value": 1, "type": "work_day"}}, "either share_of_limit or after_due"),
        ({"share_of_limit": None}, "either share_of_limit or after_due"),
        ({"share_of_limit": 1.2}, "less than or equal to 1"),
        ({"letter": "reminder"}, "names its letter"),
        ({"kind": "letter"}, "names its letter"),
        ({"kind": "letter", "letter": "reminder", "reaches": ["supervisors"]}, "must reach lead"),
        ({"answer_within": {"value": 1, "type": "work_day"}}, "asks for no answer"),
        ({"reaches": []}, "at least 1"),
        ({"reaches": ["the mayor"]}, "lead_unit"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_a_step_that_makes_no_sense_is_refused(changes, reason):
    good = {
        "step_key": "soon",
        "kind": "reminder",
        "share_of_limit": 0.5,
        "reaches": ["lead_unit"],
        "text_zh": "请办理",
        "text_en": "please do it",
    }
    LadderStep.model_validate(good)
    with pytest.raises(ValidationError, match=reason):
        LadderStep.model_validate(good | changes)


def test_without_steps_nothing_is_planned():
    assert planned(case_of(), RUNNING, Ladder(1, ()), CALENDAR, ()).steps == ()
