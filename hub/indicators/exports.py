"""Indicators as tables that leave the hub."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Literal

from hub.db import Connection
from hub.indicators import questions, store
from hub.indicators.case_sets import Grouping, unit_tree
from hub.indicators.definitions import COUNT_NAMES, RATES, Count, Mark, RateKey, denominator_of
from hub.indicators.figures import Figures
from hub.indicators.questions import IndicatorQuestion
from hub.indicators.store import CountedRow
from hub.tables import Cell, Column, ColumnKind, Ratio, Row, Sum, Table

Language = Literal["zh", "en"]

_GROUPINGS = {
    Grouping.UNIT: ("责任单位", "Unit"),
    Grouping.TOWNSHIP: ("乡镇（街道）", "Township"),
    Grouping.ITEM: ("事项", "Item"),
    Grouping.SOURCE: ("来源", "Source"),
    Grouping.SEVERITY: ("严重程度", "Severity"),
    Grouping.REPORTER: ("采集终端", "Reporter"),
    Grouping.RECEIVER: ("受理员", "Receiver"),
    Grouping.DISPATCHER: ("派遣员", "Dispatcher"),
    Grouping.SHIFT_LEAD: ("值班长", "Shift lead"),
}
_CASE_COLUMNS = (
    ("case_no", "案件编号", "Case", ColumnKind.TEXT),
    ("item", "事项", "Item", ColumnKind.TEXT),
    ("severity", "严重程度", "Severity", ColumnKind.TEXT),
    ("source", "来源", "Source", ColumnKind.TEXT),
    ("state", "状态", "State", ColumnKind.TEXT),
    ("unit", "责任单位", "Unit", ColumnKind.TEXT),
    ("place", "属地", "Territory", ColumnKind.TEXT),
    ("filed_at", "立案时间", "Filed", ColumnKind.INSTANT),
    ("due_at", "处置期限", "Due", ColumnKind.INSTANT),
    ("handled_at", "反馈时间", "Handled", ColumnKind.INSTANT),
    ("closed_at", "结案时间", "Closed", ColumnKind.INSTANT),
    ("late", "超期", "Late", ColumnKind.COUNT),
    ("exempt", "豁免", "Exempt", ColumnKind.COUNT),
    ("reworked", "返工", "Reworked", ColumnKind.COUNT),
)
_AT_ONCE = 2000


async def ranking_table(
    db: Connection, asked: IndicatorQuestion, by: Grouping, language: Language
) -> Table:
    """All counts and rates set apart. The total of a rate is that of its numerators and denominators."""
    tree = await unit_tree(db)
    found = await questions.figures_apart(db, asked, by, tree)
    names = await questions.names_of(db, by, found, tree)
    rows = sorted(found.items(), key=lambda each: (-each[1][Count.DUE], each[0] or ""))
    at = 0 if language == "zh" else 1
    columns = [Column("name", _GROUPINGS[by][at])]
    columns += [
        Column(count, begun(COUNT_NAMES[count][at]), ColumnKind.COUNT, Sum()) for count in Count
    ]
    for rate, rated in RATES.items():
        below = denominator_of(rate, asked.satisfaction)
        title = rated.name_zh if language == "zh" else rated.name_en
        total = Ratio(rated.numerator, below)
        columns.append(Column(f"rate_{rate}", title, ColumnKind.RATE, total))
    return Table(
        title=f"{'指标' if language == 'zh' else 'Indicators'} {asked.period.key}".replace(
            "..", " "
        ),
        columns=tuple(columns),
        rows=[_figures_row(names[key][at], figures) for key, figures in rows],
        total_title="合计" if language == "zh" else "Total",
    )


def cases_table(
    db: Connection, asked: IndicatorQuestion, count: Count, language: Language
) -> Table:
    """The cases behind a number; the total row sums their marks."""
    at = 1 if language == "zh" else 2
    columns = tuple(
        Column(each[0], each[at], each[3], Sum() if each[3] is ColumnKind.COUNT else None)
        for each in _CASE_COLUMNS
    )
    name = COUNT_NAMES[count][at - 1]
    return Table(
        title=f"{begun(name)} {asked.period.key}".replace("..", " "),
        columns=columns,
        rows=_case_rows(db, asked, count, language),
        total_title="合计" if language == "zh" else "Total",
    )


async def _case_rows(
    db: Connection, asked: IndicatorQuestion, count: Count, language: Language
) -> AsyncIterator[Row]:
    tree = await unit_tree(db)
    at = 0 if language == "zh" else 1
    offset = 0
    while True:
        rows = await store.counted_rows(
            db, count, asked.period, asked.of, asked.now, tree, limit=_AT_ONCE, offset=offset
        )
        titles = await store.titles(db, {row.item_key for row in rows})
        units = {key: (unit.name_zh, unit.name_en)[at] for key, unit in tree.units.items()}
        for row in rows:
            title = titles.get(row.item_key, (row.item_key, row.item_key))[at]
            yield _case_row(row, title, units)
        if len(rows) < _AT_ONCE:
            return
        offset += len(rows)


def _case_row(row: CountedRow, title: str, units: dict[str, str]) -> list[Cell]:
    marks = Mark(row.marks)
    return [
        row.case_no,
        title,
        row.severity,
        row.source,
        row.state,
        units.get(row.lead_unit or "", row.lead_unit),
        units.get(row.territory_unit or "", row.territory_unit),
        row.filed_at,
        row.due_at,
        row.handled_at,
        row.closed_at,
        int(row.is_late),
        int(bool(marks & Mark.EXEMPT)),
        int(bool(marks & Mark.REWORKED)),
    ]


def _figures_row(name: str, figures: Figures) -> list[Cell]:
    counts: list[Cell] = [figures[count] for count in Count]
    rates: list[Cell] = [fraction_of(figures, rate) for rate in RateKey]
    return [name, *counts, *rates]


def fraction_of(figures: Figures, rate: RateKey) -> Decimal | None:
    """A rate as a fraction of one; None without a denominator."""
    percent = figures.rate(rate).percent
    return None if percent is None else percent / 100


def begun(name: str) -> str:
    """A name as it begins a title."""
    return name[:1].upper() + name[1:]
