"""Rates as cities publish them."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.indicators.definitions import RATES, Count, RateKey, SatisfactionBase
from hub.indicators.figures import Figures, compare, total
from hub.indicators.ratios import Proportion, growth, half_up, points_between

PUBLISHED = [
    (RateKey.FILING, 51_229, 51_571, "99.34%"),
    (RateKey.DISPATCH, 49_151, 51_229, "95.94%"),
    (RateKey.HANDLING, 25_311, 25_617, "98.81%"),
    (RateKey.CLOSING, 911, 972, "93.72%"),
    (RateKey.CLOSING_IN_TIME, 737, 972, "75.82%"),
    (RateKey.REWORK, 274, 18_086, "1.51%"),
    (RateKey.EXTENSION, 101, 18_086, "0.56%"),
]
COUNTS = st.integers(0, 10**9)


@pytest.mark.parametrize(("rate", "numerator", "denominator", "published"), PUBLISHED)
def test_a_rate_is_as_it_was_published(rate, numerator, denominator, published):
    found = RATES[rate]
    figures = Figures({found.numerator: numerator, found.denominator: denominator})
    assert str(figures.rate(rate)) == published


def test_rework_over_filed_would_be_another_figure():
    assert str(Proportion(274, 16_606)) == "1.65%"
    assert RATES[RateKey.REWORK].denominator is Count.DUE


@pytest.mark.parametrize(
    ("numerator", "denominator", "text"),
    [(1, 8, "12.50%"), (1, 800, "0.13%"), (3, 800, "0.38%"), (1, 3, "33.33%"), (2, 3, "66.67%"),
     (0, 7, "0.00%"), (7, 7, "100.00%"), (9, 7, "128.57%"), (1, 20_000, "0.01%"), (1, 20_001, "0.00%")],
)  # fmt: skip
def test_a_half_is_rounded_up(numerator, denominator, text):
    assert str(Proportion(numerator, denominator)) == text


def test_a_rate_of_nothing_is_a_dash():
    assert str(Proportion(0, 0)) == "—"
    assert Proportion(0, 0).percent is None
    assert str(Proportion(3, 0)) == "—"
    assert all(str(Figures().rate(rate)) == "—" for rate in RateKey)


@given(COUNTS, st.integers(1, 10**9))
def test_rounding_is_that_of_decimal_arithmetic(numerator, denominator):
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(numerator) * 100 / Decimal(denominator)
        expected = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert Proportion(numerator, denominator).percent == expected


@given(st.fractions())
def test_rounding_does_not_depend_on_the_sign(value):
    assert half_up(-value) == -half_up(value)


@given(st.lists(st.tuples(COUNTS, COUNTS), max_size=20))
def test_a_total_is_the_sum_over_the_sum(pairs):
    found = Proportion.total(Proportion(*pair) for pair in pairs)
    assert found == Proportion(sum(a for a, _ in pairs), sum(b for _, b in pairs))


def test_a_total_is_no_mean_of_rates():
    units = [
        Figures({Count.DUE: 1, Count.CLOSED: 1}),
        Figures({Count.DUE: 99, Count.CLOSED: 0}),
        Figures(),
    ]
    assert str(total(units, SatisfactionBase.ANSWERED).rate(RateKey.CLOSING)) == "1.00%"


@pytest.mark.parametrize(
    ("base", "text"),
    [
        (SatisfactionBase.ANSWERED, "75.00%"),
        (SatisfactionBase.CALLED_BACK, "60.00%"),
        (SatisfactionBase.CLOSED, "30.00%"),
    ],
)
def test_satisfaction_is_over_what_the_setting_says(base, text):
    counts = {Count.SATISFIED: 3, Count.ANSWERED: 4, Count.CALLED_BACK: 5, Count.CLOSED: 10}
    assert str(Figures(counts, base).rate(RateKey.SATISFACTION)) == text


def test_a_comparison_is_in_per_cent_of_counts_and_points_of_rates():
    now = Figures({Count.DUE: 120, Count.CLOSED: 90})
    before = Figures({Count.DUE: 90, Count.CLOSED: 60})
    found = compare(now, before)
    assert found.growth[Count.DUE] == Decimal("33.33")
    assert found.points[RateKey.CLOSING] == Decimal("8.33")
    assert found.growth[Count.RETURNED] is None
    assert found.points[RateKey.RETURN] is None


def test_a_fall_is_negative():
    assert growth(1, 3) == Decimal("-66.67")
    assert points_between(Proportion(1, 2), Proportion(1, 1)) == Decimal("-50.00")
    assert half_up(Fraction(-5, 1000)) == Decimal("-0.01")
