"""When a clock is certainly wrong, and by how much its instants are corrected."""

from datetime import UTC, datetime, timedelta

from hub.ingest.clock_errors import STEADY_READINGS, ClockErrors

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
HOURS = 3600.0


def error_s(clocks: ClockErrors, skew_s: float, after_s: float = 0.0, boot_id: str = "b") -> float:
    received_at = NOW + timedelta(seconds=after_s)
    stamped_at = received_at + timedelta(seconds=skew_s)
    return clocks.of_live("T-1", boot_id, stamped_at, received_at).total_seconds()


def backlog_error_s(clocks: ClockErrors, skew_s: float, boot_id: str = "b") -> float:
    stamped_at = NOW + timedelta(seconds=skew_s)
    return clocks.of_backlog("T-1", boot_id, stamped_at, NOW).total_seconds()


def test_a_clock_that_is_right_or_travels_a_little_is_not_corrected() -> None:
    clocks = ClockErrors()
    assert [error_s(clocks, skew) for skew in (0, -1.3, -170, 290)] == [0, 0, 0, 0]


def test_a_clock_eight_hours_ahead_is_corrected_from_its_first_message_on() -> None:
    clocks = ClockErrors()
    assert error_s(clocks, 8 * HOURS - 1.4) == 8 * HOURS
    assert error_s(clocks, 8 * HOURS - 45, 10) == 8 * HOURS
    assert error_s(ClockErrors(), 8 * HOURS - 20) == 8 * HOURS


def test_a_clock_that_was_never_set_is_corrected_at_once() -> None:
    assert error_s(ClockErrors(), -45 * 365 * 86400.0) == -45 * 365 * 86400.0


def test_a_message_that_was_long_on_its_way_is_not_taken_for_a_slow_clock() -> None:
    clocks = ClockErrors()
    for n in range(100):
        assert error_s(clocks, -20 * 60 + 10 * n, 0.1 * n) == 0
    assert error_s(clocks, -8 * HOURS, 20) == 0


def test_a_clock_that_is_behind_by_the_same_again_and_again_is_corrected() -> None:
    clocks = ClockErrors()
    errors = [error_s(clocks, -8 * HOURS - n % 3, 10 * n) for n in range(STEADY_READINGS + 1)]
    assert errors[: STEADY_READINGS - 1] == [0] * (STEADY_READINGS - 1)
    assert errors[-1] == -8 * HOURS


def test_a_clock_that_is_set_right_and_a_new_boot_are_not_corrected_any_more() -> None:
    clocks = ClockErrors()
    assert error_s(clocks, 8 * HOURS) == 8 * HOURS
    assert error_s(clocks, -2, 10) == 0
    assert error_s(clocks, 8 * HOURS, 20) == 8 * HOURS
    assert error_s(clocks, -600, 30, boot_id="another") == 0


def test_a_backlog_of_the_same_boot_is_corrected_and_none_lies_in_the_future() -> None:
    clocks = ClockErrors()
    error_s(clocks, 8 * HOURS)
    assert backlog_error_s(clocks, 5 * HOURS) == 8 * HOURS
    assert backlog_error_s(clocks, -1 * HOURS, boot_id="another") == 0
    assert backlog_error_s(clocks, 2 * HOURS, boot_id="another") == 2 * HOURS


def test_an_error_that_was_stored_is_taken_over_unless_the_clock_is_known() -> None:
    clocks = ClockErrors()
    clocks.remember("T-1", "b", -8 * HOURS)
    assert error_s(clocks, -8 * HOURS) == -8 * HOURS
    clocks.remember("T-1", "b", 0.0)
    assert error_s(clocks, -8 * HOURS) == -8 * HOURS
