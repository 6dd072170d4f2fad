from datetime import UTC, datetime, timedelta

import pytest

from hub.ingest.clocks import KEPT_READINGS, Clocks
from hub.ingest.rows import TelemetryRow

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)


def row(
    ahead_s: float, received_s: float = 0, device_id: str = "T-1", *, backlog: bool = False
) -> TelemetryRow:
    received_at = NOW + timedelta(seconds=received_s)
    observed_at = received_at + timedelta(seconds=ahead_s)
    fix = (103.8, 25.6, 5.0, None, None, None, None, None, "wgs84")
    return TelemetryRow("b", 1, *fix, observed_at, device_id, received_at, backlog)


def measured(*rows: TelemetryRow) -> float:
    clocks = Clocks()
    clocks.read(rows)
    (skew,) = clocks.due(["T-1"])
    return skew.skew_s


def test_the_median_over_messages_is_a_device_s_skew() -> None:
    assert measured(*(row(ahead_s, n) for n, ahead_s in enumerate([-1, -1, -90, -2, 400]))) == -1


def test_of_a_message_with_many_samples_only_the_newest_counts() -> None:
    assert measured(*(row(-age, 0) for age in range(50, -1, -5))) == 0


def test_what_was_recorded_while_cut_off_tells_nothing_of_a_clock() -> None:
    clocks = Clocks()
    clocks.read([row(-3600, backlog=True)])
    assert clocks.due(["T-1", "T-2"]) == []


def test_a_clock_that_was_set_is_believed_after_a_while() -> None:
    wrong = [row(-600, n) for n in range(100)]
    right = [row(-1, 100 + n) for n in range(KEPT_READINGS // 2 + 1)]
    assert measured(*wrong, *right) == pytest.approx(-1)


def test_a_skew_is_told_once_a_minute() -> None:
    clocks = Clocks()
    told = []
    for second in range(0, 130, 5):
        clocks.read([row(-1, second)])
        told += [skew.measured_at for skew in clocks.due({"T-1": None})]
    assert told == [NOW, NOW + timedelta(seconds=60), NOW + timedelta(seconds=120)]
