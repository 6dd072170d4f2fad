"""What is decided about a signal without asking anybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.signals.signal import ENOUGH_DECISIONS, TrackRecord

counts = st.integers(0, 1000)


@pytest.mark.parametrize(
    ("right", "wrong", "trusted"),
    [(0, 0, True), (0, 9, True), (0, 10, False), (5, 5, True), (4, 6, False), (900, 100, True)],
)
def test_a_camera_is_trusted_until_it_was_wrong_too_often(right, wrong, trusted):
    assert TrackRecord(right, wrong).is_trusted is trusted


@given(right=counts, wrong=counts)
def test_one_more_right_decision_never_costs_trust_once_there_are_enough(right, wrong):
    before, after = TrackRecord(right, wrong), TrackRecord(right + 1, wrong)

    if right + wrong >= ENOUGH_DECISIONS and before.is_trusted:
        assert after.is_trusted
