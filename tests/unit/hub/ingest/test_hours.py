from datetime import UTC, datetime, timedelta, timezone

from hub.ingest.decoding import hours_of

EIGHT = datetime(2025, 8, 7, 8, tzinfo=UTC)


def test_samples_belong_to_the_hours_that_they_were_observed_in() -> None:
    instants = [EIGHT + timedelta(minutes=minutes) for minutes in (0, 59, -1, 60, 119)]
    assert hours_of(instants) == {EIGHT - timedelta(hours=1), EIGHT, EIGHT + timedelta(hours=1)}


def test_a_clock_set_to_half_an_hour_s_offset_touches_the_same_hours() -> None:
    colombo = timezone(timedelta(hours=5, minutes=30))
    assert hours_of([EIGHT.astimezone(colombo) + timedelta(minutes=45)]) == {EIGHT}


def test_no_samples_belong_to_no_hour() -> None:
    assert hours_of([]) == set()
