"""The hits of a detection within a window."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.signals.hit_window import HitCount, most_within

AT = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)


def seen(*pairs: tuple[float, int]) -> list[HitCount]:
    return [HitCount(AT + timedelta(seconds=second), hits) for second, hits in pairs]


@pytest.mark.parametrize(
    ("sightings", "window_s", "expected"),
    [
        ([], 10, 0),
        ([(0, 5)], 10, 5),
        ([(0, 1), (8, 2), (16, 3)], 10, 2),
        ([(0, 1), (8, 2), (16, 3)], 16, 3),
        ([(0, 1), (8, 2), (16, 3)], 4, 1),
        ([(0, 1), (100, 5)], 10, 1),
        ([(0, 1), (100, 5)], 50, 3),
        ([(0, 1), (100, 5)], 100, 5),
        ([(0, 1), (8, 2), (16, 3), (18, 7)], 10, 6),
        ([(16, 3), (0, 1), (8, 2)], 10, 2),
        ([(0, 3), (500, 4)], 60, 3),
    ],
)
def test_only_hits_close_together_count(sightings, window_s, expected):
    assert most_within(seen(*sightings), window_s) == expected


many = st.lists(st.tuples(st.floats(0, 1000), st.integers(0, 9)), min_size=1, max_size=8)


@given(many, st.floats(0.1, 2000), st.floats(1, 10))
def test_a_wider_window_never_has_fewer_hits_and_none_has_more_than_there_are(steps, window, times):
    total, pairs = 0, []
    for second, more in sorted(steps):
        total += more
        pairs.append((second, total))
    sightings = seen(*pairs)

    assert most_within(sightings, window) <= most_within(sightings, window * times) <= total
