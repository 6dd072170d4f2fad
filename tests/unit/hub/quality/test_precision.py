"""Counts of verdicts, and what they show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.catalogue import Severity
from hub.quality.policy import FilingPolicy
from hub.quality.precision import VerdictCounts, percent, wilson

counts = st.integers(0, 1000)
POLICY = FilingPolicy(Severity.HIGH, automatic=True, least_precision=0.5, least_verdicts=10)


@pytest.mark.parametrize(
    ("right", "wrong", "met"),
    [(0, 0, True), (0, 9, True), (0, 10, False), (5, 5, True), (4, 6, False), (900, 100, True)],
)
def test_a_camera_meets_its_policy_until_it_was_wrong_too_often(right, wrong, met):
    assert POLICY.is_met(VerdictCounts(right + wrong, right, wrong)) is met


@given(right=counts, wrong=counts)
def test_one_more_right_verdict_never_breaks_a_policy_once_there_are_enough(right, wrong):
    before = VerdictCounts(right + wrong, right, wrong)
    after = before + VerdictCounts(1, 1)

    if before.decided >= POLICY.least_verdicts and POLICY.is_met(before):
        assert POLICY.is_met(after)


@pytest.mark.parametrize(
    ("right", "decided", "low", "high"),
    [
        (8, 10, 0.49016, 0.94332),
        (0, 10, 0.0, 0.27753),
        (10, 10, 0.72247, 1.0),
        (50, 100, 0.40383, 0.59617),
        (1, 1, 0.20655, 1.0),
    ],
)
def test_the_interval_is_that_of_wilson(right, decided, low, high):
    assert wilson(right, decided) == pytest.approx((low, high), abs=5e-6)


@given(right=counts, wrong=counts)
def test_the_interval_contains_the_precision_and_lies_between_none_and_all(right, wrong):
    verdicts = VerdictCounts(right + wrong, right, wrong)

    if verdicts.interval is None:
        assert verdicts.decided == 0
    else:
        assert 0 <= verdicts.interval.low <= verdicts.precision + 1e-12
        assert verdicts.precision - 1e-12 <= verdicts.interval.high <= 1


def test_without_verdicts_there_is_no_precision_and_what_is_missing_is_counted():
    verdicts = VerdictCounts(signals=7, other=2)

    assert (verdicts.precision, verdicts.interval, verdicts.missing) == (None, None, 5)
    assert percent(verdicts.precision) == "—"


@pytest.mark.parametrize(("right", "decided"), [(1, 0), (0, 0), (3, 2), (-1, 5)])
def test_what_is_no_share_has_no_interval(right, decided):
    with pytest.raises(ValueError, match="no share"):
        wilson(right, decided)


def test_totals_are_sums_of_counts_and_not_means_of_rates():
    total = VerdictCounts(10, 9, 1) + VerdictCounts(100, 10, 90)

    assert total.precision == pytest.approx(19 / 110)


@pytest.mark.parametrize(
    ("share", "text"), [(25311 / 25617, "98.81 %"), (0.0, "0.00 %"), (0.99995, "100.00 %")]
)
def test_a_share_is_rounded_half_up_to_two_digits(share, text):
    assert percent(share) == text
