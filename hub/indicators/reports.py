"""Reports of indicators: a period with its comparisons, a trend, a ranking, the cases behind a number."""

from hub.db import Connection
from hub.indicators import store, views
from hub.indicators.case_sets import CaseSet, Grouping, unit_tree
from hub.indicators.definitions import Count
from hub.indicators.figure_views import FiguresView, PeriodView
from hub.indicators.figures import Figures, total
from hub.indicators.periods import Period, PeriodKind
from hub.indicators.publication_views import PublishedMark, published_mark
from hub.indicators.publishing import current_publication
from hub.indicators.questions import (
    IndicatorQuestion,
    figures_apart,
    figures_of_periods,
    figures_of_question,
    names_of,
)
from hub.indicators.views import (
    ComparisonView,
    CountedPage,
    CountedView,
    IndicatorsView,
    RankedView,
    RankingView,
    TrendPart,
    TrendView,
)


async def report(db: Connection, asked: IndicatorQuestion) -> IndicatorsView:
    """The figures of a period, compared with the one before and that of the year before."""
    tree = await unit_tree(db)
    before, year_before = asked.period.before(), asked.period.year_before()
    periods = [asked.period, *(each for each in (before, year_before) if each is not None)]
    counted = await figures_of_periods(db, asked, periods, tree)
    figures = dict(zip(periods, counted, strict=True))
    found = figures[asked.period]
    return IndicatorsView(
        period=PeriodView.of(asked.period),
        at=asked.now,
        figures=FiguresView.of(found),
        left_out=views.left_out(found),
        before=before and ComparisonView.of(before, figures[before], found),
        year_before=year_before and ComparisonView.of(year_before, figures[year_before], found),
        entries_behind=await store.entries_behind(db),
        publication=await _mark(db, asked, found),
    )


async def trend(db: Connection, asked: IndicatorQuestion) -> TrendView:
    """The figures of the parts of a period that have begun."""
    tree = await unit_tree(db)
    period = asked.period
    if period.kind is PeriodKind.ALL:
        period = Period.around(PeriodKind.YEAR, period.end_as_of(asked.now).date())
    parts = [part for part in period.parts() if part.from_at <= asked.now]
    counted = await figures_of_periods(db, asked, parts, tree)
    return TrendView(
        parts=[
            TrendPart(period=PeriodView.of(part), figures=FiguresView.of(found))
            for part, found in zip(parts, counted, strict=True)
        ]
    )


async def ranking(db: Connection, asked: IndicatorQuestion, by: Grouping) -> RankingView:
    """The figures set apart, the most due first, and their total."""
    tree = await unit_tree(db)
    found = await figures_apart(db, asked, by, tree)
    named = await names_of(db, by, found, tree)
    rows = sorted(found.items(), key=lambda each: (-each[1][Count.DUE], each[0] or ""))
    return RankingView(
        by=by,
        period=PeriodView.of(asked.period),
        rows=[
            RankedView(
                key=key or None,
                name_zh=named[key][0],
                name_en=named[key][1],
                figures=FiguresView.of(figures),
            )
            for key, figures in rows
        ],
        total=FiguresView.of(total(found.values(), asked.satisfaction)),
    )


async def cases_behind(
    db: Connection, asked: IndicatorQuestion, count: Count, *, limit: int, offset: int
) -> CountedPage:
    """The cases behind a number, the newest first."""
    tree = await unit_tree(db)
    number = (await figures_of_question(db, asked, tree))[count]
    rows = await store.counted_rows(
        db, count, asked.period, asked.of, asked.now, tree, limit=limit, offset=offset
    )
    titles = await store.titles(db, {row.item_key for row in rows})
    seen = offset + len(rows)
    return CountedPage(
        count=count,
        number=number,
        rows=[CountedView.of(row, tree, titles) for row in rows],
        next_offset=seen if rows and seen < number else None,
    )


async def _mark(db: Connection, asked: IndicatorQuestion, found: Figures) -> PublishedMark | None:
    """Only the figures of the whole district are published."""
    if asked.of != CaseSet():
        return None
    return published_mark(await current_publication(db, asked.period.key), found)
