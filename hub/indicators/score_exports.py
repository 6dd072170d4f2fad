"""Scores as tables that leave the hub: the points of each term, and the counts that they follow from."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from hub.db import Connection
from hub.indicators import scoring
from hub.indicators.definitions import COUNT_NAMES, RATES, Count, RateKey, denominator_of
from hub.indicators.exports import Language, begun, fraction_of
from hub.indicators.questions import IndicatorQuestion
from hub.indicators.scores import PressCount, ScorePart, ScoreSheet, ScoreTerm
from hub.indicators.scoring import Scored
from hub.tables import Cell, Column, ColumnKind, Ratio, Sum, Table

_FIRST = (
    ("post", "评价对象", "Post", ColumnKind.TEXT),
    ("name", "名称", "Name", ColumnKind.TEXT),
    ("score", "得分", "Score", ColumnKind.NUMBER),
    ("grade", "等级", "Grade", ColumnKind.TEXT),
)
_PRESSED = {
    PressCount.REMINDERS: ("催办", "Reminders"),
    PressCount.UNANSWERED_LETTERS: ("逾期未复函", "Unanswered letters"),
}


@dataclass(frozen=True, slots=True)
class _Basis:
    """The counts and rates that some parts of a sheet use."""

    counts: tuple[Count, ...]
    rates: tuple[RateKey, ...]
    pressed: tuple[PressCount, ...]


async def scores_table(
    db: Connection, asked: IndicatorQuestion, sheet: ScoreSheet, language: Language
) -> Table:
    """Who has how many points, and which grade.

    With one part, the total row sums the counts and divides the sums; points are never added up.
    """
    at = 0 if language == "zh" else 1
    whole = _basis(sheet.parts, asked)
    rows: list[list[Cell]] = []
    for part in sheet.parts:
        basis = _basis([part], asked)
        for row in await scoring.scored(db, asked, part):
            points = [points for _, points in zip_longest(range(_most(sheet)), row.score.points)]
            post, name = (part.name_zh, part.name_en)[at], (row.name_zh, row.name_en)[at]
            first: list[Cell] = [post, name, row.score.total, row.score.grade]
            rows.append([*first, *points, *_figures(row, whole, basis)])
    only = len(sheet.parts) == 1
    return Table(
        title=(sheet.name_zh, sheet.name_en)[at],
        columns=(*_named(sheet, at), *_counted(whole, asked, at)),
        rows=rows,
        total_title=("合计", "Total")[at] if only else None,
    )


def _most(sheet: ScoreSheet) -> int:
    return max(len(part.terms) for part in sheet.parts)


def _named(sheet: ScoreSheet, at: int) -> list[Column]:
    """Terms are named by what they score if all rows have the same ones, and numbered otherwise."""
    columns = [Column(each[0], each[1 + at], each[3]) for each in _FIRST]
    terms = sheet.parts[0].terms if len(sheet.parts) == 1 else (None,) * _most(sheet)
    for number, term in enumerate(terms, start=1):
        title = str(number) if term is None else _title(term, at)
        columns.append(Column(f"term_{number}", title, ColumnKind.NUMBER))
    return columns


def _title(term: ScoreTerm, at: int) -> str:
    weight = f"{term.weight:g}"
    if term.rate is None:
        return ("、", ", ")[at].join(_PRESSED[each][at] for each in term.minus) + f" ({weight})"
    name = (RATES[term.rate].name_zh, RATES[term.rate].name_en)[at]
    return f"{name if term.direction == 'up' else f'1 − {name}'} ({weight})"


def _counted(basis: _Basis, asked: IndicatorQuestion, at: int) -> list[Column]:
    columns = [
        Column(count, begun(COUNT_NAMES[count][at]), ColumnKind.COUNT, Sum())
        for count in basis.counts
    ]
    for rate in basis.rates:
        rated = RATES[rate]
        total = Ratio(rated.numerator, denominator_of(rate, asked.satisfaction))
        name = (rated.name_zh, rated.name_en)[at]
        columns.append(Column(f"rate_{rate}", name, ColumnKind.RATE, total))
    columns += [
        Column(f"pressed_{each}", _PRESSED[each][at], ColumnKind.COUNT, Sum())
        for each in basis.pressed
    ]
    return columns


def _figures(row: Scored, whole: _Basis, own: _Basis) -> list[Cell]:
    """What a row's own part uses; nothing in the columns of the other parts."""
    counts: list[Cell] = [
        row.figures[each] if each in own.counts else None for each in whole.counts
    ]
    rates: list[Cell] = [
        fraction_of(row.figures, each) if each in own.rates else None for each in whole.rates
    ]
    pressed: list[Cell] = [
        row.pressed.get(each, 0) if each in own.pressed else None for each in whole.pressed
    ]
    return [*counts, *rates, *pressed]


def _basis(parts: Sequence[ScorePart], asked: IndicatorQuestion) -> _Basis:
    terms = [term for part in parts for term in part.terms]
    rates = tuple(dict.fromkeys(term.rate for term in terms if term.rate is not None))
    counts: list[Count] = []
    for rate in rates:
        counts += [RATES[rate].numerator, denominator_of(rate, asked.satisfaction)]
    pressed = tuple(dict.fromkeys(each for term in terms for each in term.minus))
    return _Basis(tuple(dict.fromkeys(counts)), rates, pressed)
