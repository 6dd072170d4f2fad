"""Reports of indicators: a period with its comparisons, a trend, a ranking, the cases behind a number."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from hub.db import Connection
from hub.indicators import store, views
from hub.indicators.definitions import Count, SatisfactionBase
from hub.indicators.figures import Figures, total
from hub.indicators.periods import Period, PeriodKind
from hub.indicators.store import CaseSet, Grouping, UnitTree
from hub.indicators.views import (
    ComparisonView,
    CountedPage,
    CountedView,
    FiguresView,
    IndicatorsView,
    PeriodView,
    RankedView,
    RankingView,
    TrendPart,
    TrendView,
)

_SOURCES = {
    "": ("系统", "System"),
    "camera": ("摄像头", "Camera"),
    "terminal": ("巡护终端", "Terminal"),
    "sensor": ("传感器", "Sensor"),
    "hotline": ("热线", "Hotline"),
    "app": ("群众上报", "App"),
    "operator": ("座席录入", "By hand"),
}
_SEVERITIES = {"low": ("低", "Low"), "mid": ("中", "Medium"), "high": ("高", "High")}
_NONE = ("（未确定）", "(none)")


@dataclass(frozen=True, slots=True)
class IndicatorQuestion:
    """What is asked: a period and a set of cases, at an instant."""

    period: Period
    of: CaseSet
    now: datetime
    satisfaction: SatisfactionBase

    def in_period(self, period: Period) -> "IndicatorQuestion":
        return replace(self, period=period)


async def figures_of_question(db: Connection, asked: IndicatorQuestion, tree: UnitTree) -> Figures:
    return await store.figures(db, asked.period, asked.of, asked.now, asked.satisfaction, tree)


async def report(db: Connection, asked: IndicatorQuestion) -> IndicatorsView:
    """The figures of a period, compared with the one before and that of the year before."""
    tree = await store.unit_tree(db)
    found = await figures_of_question(db, asked, tree)
    before, year_before = asked.period.before(), asked.period.year_before()
    earlier = {
        period: await figures_of_question(db, asked.in_period(period), tree)
        for period in {before, year_before}
        if period is not None
    }
    return IndicatorsView(
        period=PeriodView.of(asked.period),
        at=asked.now,
        figures=FiguresView.of(found),
        left_out=views.left_out(found),
        before=before and ComparisonView.of(before, earlier[before], found),
        year_before=year_before and ComparisonView.of(year_before, earlier[year_before], found),
        entries_behind=await store.entries_behind(db),
    )


async def trend(db: Connection, asked: IndicatorQuestion) -> TrendView:
    """The figures of the parts of a period that have begun."""
    tree = await store.unit_tree(db)
    period = asked.period
    if period.kind is PeriodKind.ALL:
        period = Period.around(PeriodKind.YEAR, period.end_as_of(asked.now).date())
    parts = [part for part in period.parts() if part.from_at <= asked.now]
    return TrendView(
        parts=[
            TrendPart(
                period=PeriodView.of(part),
                figures=FiguresView.of(await figures_of_question(db, asked.in_period(part), tree)),
            )
            for part in parts
        ]
    )


async def ranking(db: Connection, asked: IndicatorQuestion, by: Grouping) -> RankingView:
    """The figures set apart, the most due first, and their total."""
    tree = await store.unit_tree(db)
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


async def figures_apart(
    db: Connection, asked: IndicatorQuestion, by: Grouping, tree: UnitTree
) -> dict[str | None, Figures]:
    return await store.figures_by(
        db, by, asked.period, asked.of, asked.now, asked.satisfaction, tree
    )


async def cases_behind(
    db: Connection, asked: IndicatorQuestion, count: Count, *, limit: int, offset: int
) -> CountedPage:
    """The cases behind a number, the newest first."""
    tree = await store.unit_tree(db)
    found = await figures_of_question(db, asked, tree)
    rows = await store.counted_rows(
        db, count, asked.period, asked.of, asked.now, tree, limit=limit, offset=offset
    )
    titles = await store.titles(db, {row.item_key for row in rows})
    seen = offset + len(rows)
    return CountedPage(
        count=count,
        number=found[count],
        rows=[CountedView.of(row, tree, titles) for row in rows],
        next_offset=seen if rows and seen < found[count] else None,
    )


async def names_of(
    db: Connection, by: Grouping, keys: Iterable[str | None], tree: UnitTree
) -> dict[str | None, tuple[str, str]]:
    """The names of what figures are set apart by, in Chinese and English."""
    listed = list(keys)
    known: dict[str, tuple[str, str]] = {}
    match by:
        case Grouping.UNIT | Grouping.TOWNSHIP:
            known = {key: (unit.name_zh, unit.name_en) for key, unit in tree.units.items()}
        case Grouping.ITEM:
            known = await store.titles(db, [key for key in listed if key])
        case Grouping.SOURCE:
            known = _SOURCES
        case Grouping.SEVERITY:
            known = _SEVERITIES
        case Grouping.RECEIVER | Grouping.DISPATCHER | Grouping.SHIFT_LEAD:
            people = await store.people(db)
            known = {key: (people.get(key[5:], key[5:]),) * 2 for key in listed if key}
        case Grouping.REPORTER:
            pass
    return {key: known.get(key or "", (key, key) if key else _NONE) for key in listed}
