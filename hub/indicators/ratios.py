"""Ratios as published: a numerator over a denominator, rounded half up to two digits. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Self

NOTHING = "—"
"""Shown for a ratio whose denominator is zero."""
_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share of a whole. Both numbers are kept, so that ratios can be summed."""

    numerator: int
    denominator: int

    @property
    def exact(self) -> Fraction | None:
        """None with a zero denominator."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None

    @property
    def percent(self) -> Decimal | None:
        """In per cent with two digits; None with a zero denominator."""
        if self.denominator == 0:
            return None
        return _half_up(self.numerator * 100, self.denominator, _DIGITS)

    def __str__(self) -> str:
        percent = self.percent
        return NOTHING if percent is None else f"{percent}%"

    def __add__(self, other: "Proportion") -> "Proportion":
        return Proportion(self.numerator + other.numerator, self.denominator + other.denominator)

    @classmethod
    def total(cls, ratios: Iterable[Self]) -> "Proportion":
        """The sum of the numerators over the sum of the denominators, never a mean of rates."""
        total = Proportion(0, 0)
        for ratio in ratios:
            total += ratio
        return total


def half_up(exact: Fraction, digits: int = _DIGITS) -> Decimal:
    """A number with so many digits; a half is rounded away from zero."""
    return _half_up(exact.numerator, exact.denominator, digits)


def _half_up(numerator: int, denominator: int, digits: int) -> Decimal:
    # With whole numbers: a ranking has thousands of rates, and fractions are slow.
    whole = (2 * abs(numerator) * 10**digits + denominator) // (2 * denominator)
    return Decimal(whole if numerator >= 0 else -whole).scaleb(-digits)


def points_between(now: Proportion, before: Proportion) -> Decimal | None:
    """By how many percentage points a rate has risen; None if one of the two is nothing."""
    if now.exact is None or before.exact is None:
        return None
    return half_up((now.exact - before.exact) * 100)


def growth(now: int, before: int) -> Decimal | None:
    """By how many per cent a count has grown; None if there was nothing before."""
    return None if before == 0 else half_up(Fraction(now - before, before) * 100)
