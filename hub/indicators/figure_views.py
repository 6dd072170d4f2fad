"""Periods and figures as the API shows them."""

from datetime import date, datetime

from pydantic import BaseModel

from hub.indicators.definitions import Count, RateKey
from hub.indicators.figures import Figures
from hub.indicators.periods import Period, PeriodKind
from hub.indicators.ratios import NOTHING, Proportion


class PeriodView(BaseModel):
    """Local days, with the instants of their midnights. `key` asks for the same period again."""

    kind: PeriodKind
    key: str
    first_day: date
    last_day: date
    from_at: datetime
    until_at: datetime

    @classmethod
    def of(cls, period: Period) -> "PeriodView":
        return cls(
            kind=period.kind,
            key=period.key,
            first_day=period.first,
            last_day=period.last,
            from_at=period.from_at,
            until_at=period.until_at,
        )


class RateView(BaseModel):
    """`text` is the rate with its sign, or a dash where the denominator is zero and `percent` is null."""

    numerator: int
    denominator: int
    percent: str | None
    text: str

    @classmethod
    def of(cls, ratio: Proportion) -> "RateView":
        percent = ratio.percent
        return cls(
            numerator=ratio.numerator,
            denominator=ratio.denominator,
            percent=None if percent is None else str(percent),
            text=NOTHING if percent is None else f"{percent}%",
        )


class FiguresView(BaseModel):
    counts: dict[Count, int]
    rates: dict[RateKey, RateView]

    @classmethod
    def of(cls, figures: Figures) -> "FiguresView":
        return cls(
            counts={count: figures[count] for count in Count},
            rates={rate: RateView.of(figures.rate(rate)) for rate in RateKey},
        )
