"""What makes a unit weak: figures beyond a threshold, each named. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from hub.supervision.digest.views import WeakFigure

OVERDUE_SHARE, OVERDUE_LEAST = 0.3, 2
CLOSED_LATE_SHARE, CLOSED_LEAST = 0.3, 3
REWORKED_LEAST = 2
UNANSWERED_LEAST = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFigures:
    """Of a unit: what is open now, and what it closed in the week before."""

    unit_key: str
    name_zh: str
    name_en: str
    open: int
    late: int
    closed: int
    closed_late: int
    reworked: int
    unanswered: int


def weak_figures(unit: UnitFigures) -> list[WeakFigure]:
    """The figures that make the unit weak; none if it isn't."""
    return list(_figures(unit))


def _figures(unit: UnitFigures) -> Iterator[WeakFigure]:
    if unit.late >= OVERDUE_LEAST and unit.late >= OVERDUE_SHARE * unit.open:
        limit = f">= {OVERDUE_LEAST}, >= {OVERDUE_SHARE:.0%}"
        yield WeakFigure(figure="overdue_open", value=unit.late, of=unit.open, threshold=limit)
    if unit.closed >= CLOSED_LEAST and unit.closed_late >= CLOSED_LATE_SHARE * unit.closed:
        limit = f">= {CLOSED_LATE_SHARE:.0%}"
        yield WeakFigure(
            figure="closed_late", value=unit.closed_late, of=unit.closed, threshold=limit
        )
    if unit.reworked >= REWORKED_LEAST:
        limit = f">= {REWORKED_LEAST}"
        yield WeakFigure(figure="reworked", value=unit.reworked, of=None, threshold=limit)
    if unit.unanswered >= UNANSWERED_LEAST:
        limit = f">= {UNANSWERED_LEAST}"
        yield WeakFigure(
            figure="unanswered_letters", value=unit.unanswered, of=None, threshold=limit
        )
