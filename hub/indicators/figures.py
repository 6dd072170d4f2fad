"""The counts and rates of a set of cases in a period. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from hub.indicators.definitions import (
    RATES,
    Count,
    RateKey,
    SatisfactionBase,
    counted,
    denominator_of,
)
from hub.indicators.ratios import Proportion, growth, points_between


class MarkedGroup(NamedTuple):
    """How many events share their marks. `key` is what they are set apart by: as a unit, the one that
    leads, or to which the case was routed first, as the counts of the event want it.
    """

    key: str | None
    marks: int
    number: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The counts of a set of cases; the rates follow from them."""

    counts: Mapping[Count, int] = field(default_factory=dict)
    satisfaction: SatisfactionBase = SatisfactionBase.ANSWERED

    def __getitem__(self, count: Count) -> int:
        return self.counts.get(count, 0)

    def rate(self, rate: RateKey) -> Proportion:
        below = denominator_of(rate, self.satisfaction)
        return Proportion(self[RATES[rate].numerator], self[below])

    def __add__(self, other: "Figures") -> "Figures":
        return Figures({count: self[count] + other[count] for count in Count}, self.satisfaction)


@dataclass(frozen=True, slots=True)
class Comparison:
    """By how much a count or rate differs from an earlier one: per cent of a count, points of a rate."""

    growth: Mapping[Count, Decimal | None]
    points: Mapping[RateKey, Decimal | None]


def figures_of(
    groups: Iterable[MarkedGroup], satisfaction: SatisfactionBase = SatisfactionBase.ANSWERED
) -> dict[str | None, Figures]:
    """The figures by key. Each event counts once for every count whose condition it meets."""
    sums: dict[str | None, dict[Count, int]] = {}
    for key, marks, number in groups:
        for count in counted(marks):
            of_key = sums.setdefault(key, {})
            of_key[count] = of_key.get(count, 0) + number
    return {key: Figures(counts, satisfaction) for key, counts in sums.items()}


def total(figures: Iterable[Figures], satisfaction: SatisfactionBase) -> Figures:
    """The sum: counts are added, and rates follow from the added counts."""
    return sum(figures, Figures(satisfaction=satisfaction))


def compare(now: Figures, before: Figures) -> Comparison:
    return Comparison(
        {count: growth(now[count], before[count]) for count in Count},
        {rate: points_between(now.rate(rate), before.rate(rate)) for rate in RateKey},
    )
