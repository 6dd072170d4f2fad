"""Counts of verdicts, the precision that they show, and how sure that is. Pure."""

from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple, Self

_Z = 1.959963984540054
"""Of the normal distribution: 95 % lie within this many standard deviations."""


class Interval(NamedTuple):
    """The ends of a confidence interval, as fractions."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class VerdictCounts:
    """What people said of some detections. `other`: it was neither right nor wrong, but for no case."""

    signals: int = 0
    right: int = 0
    wrong: int = 0
    other: int = 0

    @property
    def decided(self) -> int:
        return self.right + self.wrong

    @property
    def missing(self) -> int:
        """Those of which nobody has said anything yet."""
        return self.signals - self.decided - self.other

    @property
    def precision(self) -> float | None:
        """None while there is no verdict."""
        return self.right / self.decided if self.decided else None

    @property
    def interval(self) -> Interval | None:
        return wilson(self.right, self.decided) if self.decided else None

    def __add__(self, others: Self) -> "VerdictCounts":
        return VerdictCounts(
            self.signals + others.signals,
            self.right + others.right,
            self.wrong + others.wrong,
            self.other + others.other,
        )


def wilson(right: int, decided: int) -> Interval:
    """The 95 % score interval of Wilson for `right` of `decided`. Raises ValueError without decisions."""
    if not 0 <= right <= decided or decided == 0:
        raise ValueError(f"{right} of {decided} is no share")
    share, square = right / decided, _Z * _Z
    spread = _Z * sqrt(share * (1 - share) / decided + square / (4 * decided * decided))
    middle, whole = share + square / (2 * decided), 1 + square / decided
    low = 0.0 if right == 0 else (middle - spread) / whole
    high = 1.0 if right == decided else (middle + spread) / whole
    return Interval(low, high)


def percent(share: float | None) -> str:
    """A share for people, rounded half up to two digits: 98.81 %; a dash if there is none."""
    return "—" if share is None else f"{int(share * 10_000 + 0.5) / 100:.2f} %"
