"""Indicators as the API shows them."""

from datetime import datetime

from pydantic import BaseModel

from hub.indicators.case_sets import Grouping, UnitTree
from hub.indicators.definitions import (
    COUNT_NAMES,
    LEFT_OUT,
    RATES,
    Count,
    Mark,
    RateKey,
    SatisfactionBase,
    denominator_of,
)
from hub.indicators.figure_views import FiguresView, PeriodView
from hub.indicators.figures import Figures, compare
from hub.indicators.periods import Period
from hub.indicators.publication_views import PublishedMark
from hub.indicators.store import CountedRow


class ComparisonView(BaseModel):
    """An earlier period, and the change since: per cent of a count, percentage points of a rate.

    Null where there was nothing to compare with.
    """

    period: PeriodView
    figures: FiguresView
    growth_percent: dict[Count, str | None]
    points: dict[RateKey, str | None]

    @classmethod
    def of(cls, period: Period, before: Figures, now: Figures) -> "ComparisonView":
        found = compare(now, before)
        return cls(
            period=PeriodView.of(period),
            figures=FiguresView.of(before),
            growth_percent={key: _text(value) for key, value in found.growth.items()},
            points={key: _text(value) for key, value in found.points.items()},
        )


class LeftOutView(BaseModel):
    """How many rows are left out of a rate, and for which reason: the count opens their list."""

    count: Count
    rate: RateKey
    number: int


class IndicatorsView(BaseModel):
    """The figures of a period; `before` is the period before it (环比), `year_before` 同比.

    `entries_behind` tells how many entries of the journal are not counted yet.
    """

    period: PeriodView
    at: datetime
    figures: FiguresView
    left_out: list[LeftOutView]
    before: ComparisonView | None
    year_before: ComparisonView | None
    entries_behind: int
    publication: PublishedMark | None


class TrendPart(BaseModel):
    period: PeriodView
    figures: FiguresView


class TrendView(BaseModel):
    parts: list[TrendPart]


class RankedView(BaseModel):
    """One unit, township, item, … `key` null: those that have none; "-" asks for their cases."""

    key: str | None
    name_zh: str
    name_en: str
    figures: FiguresView


class RankingView(BaseModel):
    by: Grouping
    period: PeriodView
    rows: list[RankedView]
    total: FiguresView


class CountedView(BaseModel):
    """A case behind a number, or a signal that has none."""

    case_id: int | None
    round: int
    case_no: str | None
    signal_id: int | None
    item_key: str
    title_zh: str
    title_en: str
    severity: str
    source: str
    state: str | None
    lead_unit: str | None
    lead_unit_name_zh: str | None
    lead_unit_name_en: str | None
    territory_name_zh: str | None
    territory_name_en: str | None
    filed_at: datetime
    dispatched_at: datetime | None
    due_at: datetime | None
    handled_at: datetime | None
    closed_at: datetime | None
    late: bool
    exempt: bool
    reworked: bool
    extended: bool
    returned: bool

    @classmethod
    def of(
        cls, row: CountedRow, tree: UnitTree, titles: dict[str, tuple[str, str]]
    ) -> "CountedView":
        marks = Mark(row.marks)
        title_zh, title_en = titles.get(row.item_key, (row.item_key, row.item_key))
        lead = tree.units.get(row.lead_unit or "")
        place = tree.units.get(row.territory_unit or "")
        return cls(
            case_id=row.case_id,
            round=row.round,
            case_no=row.case_no,
            signal_id=row.signal_id,
            item_key=row.item_key,
            title_zh=title_zh,
            title_en=title_en,
            severity=row.severity,
            source=row.source,
            state=row.state,
            lead_unit=row.lead_unit,
            lead_unit_name_zh=None if lead is None else lead.name_zh,
            lead_unit_name_en=None if lead is None else lead.name_en,
            territory_name_zh=None if place is None else place.name_zh,
            territory_name_en=None if place is None else place.name_en,
            filed_at=row.filed_at,
            dispatched_at=row.dispatched_at,
            due_at=row.due_at,
            handled_at=row.handled_at,
            closed_at=row.closed_at,
            late=row.is_late,
            exempt=bool(marks & Mark.EXEMPT),
            reworked=bool(marks & Mark.REWORKED),
            extended=bool(marks & Mark.EXTENDED),
            returned=bool(marks & Mark.RETURNED),
        )


class CountedPage(BaseModel):
    """The cases behind a number; `next_offset` asks for more of them, null at the end."""

    count: Count
    number: int
    rows: list[CountedView]
    next_offset: int | None


class CountName(BaseModel):
    count: Count
    name_zh: str
    name_en: str


class RateName(BaseModel):
    rate: RateKey
    name_zh: str
    name_en: str
    numerator: Count
    denominator: Count


class IndicatorNames(BaseModel):
    """What there is, in the order in which it is shown."""

    counts: list[CountName]
    rates: list[RateName]


def names(satisfaction: SatisfactionBase) -> IndicatorNames:
    return IndicatorNames(
        counts=[
            CountName(count=count, name_zh=zh, name_en=en[:1].upper() + en[1:])
            for count, (zh, en) in COUNT_NAMES.items()
        ],
        rates=[
            RateName(
                rate=rate,
                name_zh=found.name_zh,
                name_en=found.name_en,
                numerator=found.numerator,
                denominator=denominator_of(rate, satisfaction),
            )
            for rate, found in RATES.items()
        ],
    )


def left_out(figures: Figures) -> list[LeftOutView]:
    """What is left out of rates, each for its reason."""
    return [
        LeftOutView(count=count, rate=rate, number=figures[count])
        for count, rate in LEFT_OUT.items()
        if figures[count]
    ]


def _text(value: object) -> str | None:
    return None if value is None else str(value)
