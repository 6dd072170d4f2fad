from datetime import UTC, datetime, timedelta

import pytest

from hub.deadlines import WorkCalendar
from hub.monitoring.commands import is_on_duty
from hub.monitoring.watch import Assessment, Whereabouts, assess_battery, assess_post

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
RIGHT, WRONG, UNSURE = Assessment.NORMAL, Assessment.ABNORMAL, Assessment.UNCERTAIN


@pytest.mark.parametrize(
    ("percent", "expected"),
    [(None, UNSURE), (0, WRONG), (14.9, WRONG), (15, UNSURE), (29.9, UNSURE), (30, RIGHT)],
)
def test_a_battery_is_low_until_it_is_well_charged(
    percent: float | None, expected: Assessment
) -> None:
    assert assess_battery(percent) is expected


@pytest.mark.parametrize(
    ("distance_m", "age_s", "on_duty", "on_task", "expected"),
    [
        (-50, 5, True, False, RIGHT),
        (50, 5, True, False, UNSURE),
        (304, 5, True, False, UNSURE),
        (305, 5, True, False, WRONG),
        (5000, 181, True, False, UNSURE),
        (5000, 5, False, False, RIGHT),
        (5000, 5, True, True, RIGHT),
    ],
)
def test_a_holder_is_off_post_on_duty_without_a_task_and_clearly_outside(
    distance_m: float, age_s: float, on_duty: bool, on_task: bool, expected: Assessment
) -> None:
    where = Whereabouts(NOW - timedelta(seconds=age_s), distance_m, accuracy_m=5)
    assert assess_post(where, NOW, on_duty=on_duty, on_task=on_task) is expected


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2025-08-07T07:59:59+08:00", False),
        ("2025-08-07T08:00:00+08:00", True),
        ("2025-08-07T12:30:00+08:00", False),
        ("2025-08-07T17:59:59+08:00", True),
        ("2025-08-09T10:00:00+08:00", False),
    ],
)
def test_duty_is_in_working_hours(local: str, expected: bool) -> None:
    assert is_on_duty(WorkCalendar(), datetime.fromisoformat(local)) is expected
