from datetime import UTC, datetime, timedelta, timezone

from hub.ingest.sorting import TelemetryRow, hours_of

EIGHT = datetime(2025, 8, 7, 8, tzinfo=UTC)


def row(observed_at: datetime) -> TelemetryRow:
    return TelemetryRow(
        *("T-1", "b", 1, observed_at, EIGHT, 103.8, 25.6, 8.0),
        *(None, None, None, None, None, "wgs84", False),
    )


def test_samples_belong_to_the_hours_that_they_were_observed_in() -> None:
    rows = [row(EIGHT + timedelta(minutes=minutes)) for minutes in (0, 59, -1, 60, 119)]
    assert hours_of(rows) == {EIGHT - timedelta(hours=1), EIGHT, EIGHT + timedelta(hours=1)}


def test_a_clock_set_to_half_an_hour_s_offset_touches_the_same_hours() -> None:
    colombo = timezone(timedelta(hours=5, minutes=30))
    assert hours_of([row(EIGHT.astimezone(colombo) + timedelta(minutes=45))]) == {EIGHT}


def test_no_samples_belong_to_no_hour() -> None:
    assert hours_of([]) == set()
