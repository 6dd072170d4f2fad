"""What makes a unit weak: indicators of its week beyond a threshold, each named. Pure."""

from collections.abc import Iterator

from hub.indicators.definitions import Count
from hub.indicators.figures import Figures
from hub.supervision.digest.views import WeakFigure

OVERDUE_SHARE, OVERDUE_LEAST = 0.3, 2
CLOSED_LATE_SHARE, CLOSED_LEAST = 0.3, 3
REWORKED_LEAST = 2
UNANSWERED_LEAST = 1


def weak_figures(figures: Figures, unanswered: int) -> list[WeakFigure]:
    """The figures that make a unit weak; none if it isn't. `unanswered`: its letters that are late."""
    return list(_figures(figures, unanswered))


def _figures(figures: Figures, unanswered: int) -> Iterator[WeakFigure]:
    late, due = figures[Count.OVERDUE_UNHANDLED], figures[Count.DUE]
    if late >= OVERDUE_LEAST and late >= OVERDUE_SHARE * due:
        limit = f"≥ {OVERDUE_LEAST}, ≥ {OVERDUE_SHARE:.0%}"
        yield WeakFigure(figure="overdue_unhandled", value=late, of=due, threshold=limit)
    closed = figures[Count.CLOSED]
    closed_late = closed - figures[Count.CLOSED_IN_TIME]
    if closed >= CLOSED_LEAST and closed_late >= CLOSED_LATE_SHARE * closed:
        limit = f"≥ {CLOSED_LATE_SHARE:.0%}"
        yield WeakFigure(figure="closed_late", value=closed_late, of=closed, threshold=limit)
    if (reworked := figures[Count.REWORKED]) >= REWORKED_LEAST:
        yield WeakFigure(figure="reworked", value=reworked, of=due, threshold=f"≥ {REWORKED_LEAST}")
    if unanswered >= UNANSWERED_LEAST:
        limit = f"≥ {UNANSWERED_LEAST}"
        yield WeakFigure(figure="unanswered_letters", value=unanswered, of=None, threshold=limit)
