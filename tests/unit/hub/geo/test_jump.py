"""A way that nobody walks or drives is a jump."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.geo.jump import TimedPlace, is_jump

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
KM = 1 / 100.4
"""Degrees of longitude at 25.6 degrees north."""


def place(km: float, after_s: float, error_m: float = 10) -> TimedPlace:
    return TimedPlace(103.8 + km * KM, 25.6, error_m, NOW + timedelta(seconds=after_s))


@pytest.mark.parametrize(
    ("km", "after_s", "error_m", "jumps"),
    [
        (0.4, 0, 10, False),
        (0.7, 1, 10, True),
        (0.7, 1, 200, False),
        (3, 60, 10, False),
        (4, 60, 10, True),
        (20, 60, 10, True),
        (20, 600, 10, False),
        (4, 60, 500, False),
        (80, 3600, 10, False),
    ],
)
def test_the_way_is_measured_against_time_and_accuracy(
    km: float, after_s: float, error_m: float, jumps: bool
) -> None:
    one, other = place(0, 0, error_m), place(km, after_s, error_m)
    assert is_jump(one, other) is jumps
    assert is_jump(other, one) is jumps
