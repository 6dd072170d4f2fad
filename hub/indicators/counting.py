"""Count: the figures of a set of cases in one or more periods.

Whole months of the district, or of one thing that figures are set apart by, are read from the tallies,
which cost the same however many cases there are. Everything else is counted row by row.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from hub.clock import local_date
from hub.db import Connection, load_queries
from hub.indicators.case_sets import CaseSet, Grouping, UnitTree
from hub.indicators.definitions import EVERY_EVENT, Mark, SatisfactionBase
from hub.indicators.figures import Figures, MarkedGroup, figures_of
from hub.indicators.periods import Period, PeriodKind

SQL = load_queries(__file__)

_TALLIED_TOGETHER = {Grouping.SEVERITY: Grouping.SOURCE}
"""The tallies of sources tell the severity, too."""


async def figures_of_periods(
    db: Connection,
    periods: Sequence[Period],
    of: CaseSet,
    now: datetime,
    satisfaction: SatisfactionBase,
    tree: UnitTree,
) -> list[Figures]:
    """The figures of a set of cases in each period."""
    nothing = Figures(satisfaction=satisfaction)
    groups = await marked_groups(db, periods, of, None, now, tree)
    return [figures_of(each, satisfaction).get(None, nothing) for each in groups]


async def figures_by(
    db: Connection,
    by: Grouping,
    period: Period,
    of: CaseSet,
    now: datetime,
    satisfaction: SatisfactionBase,
    tree: UnitTree,
) -> dict[str | None, Figures]:
    """The figures of a set of cases in a period, set apart; None has those that have no such thing."""
    [groups] = await marked_groups(db, [period], of, by, now, tree)
    return figures_of(groups, satisfaction)


async def marked_groups(
    db: Connection,
    periods: Sequence[Period],
    of: CaseSet,
    by: Grouping | None,
    now: datetime,
    tree: UnitTree,
    *,
    by_rows: bool = False,
) -> list[list[MarkedGroup]]:
    """How many events of each period share their marks. The tallies are not read if `by_rows`."""
    facts = {"by": None if by is None else str(by), **of.facts(tree)}
    found: list[list[MarkedGroup]] = [[] for _ in periods]
    if not periods:
        return found
    tallied = None if by_rows else _tallied_by(of, by, periods)
    if tallied is not None:
        facts |= _tally_facts(tallied, facts) | _month_facts(periods, now)
        await _read(db, "groups_of_tallies", facts, range(len(periods)), found)
    else:
        for stretch in _stretches(periods):
            inside = [periods[nth] for nth in stretch]
            await _read(db, "groups_of_rows", facts | _border_facts(inside, now), stretch, found)
    if by is not Grouping.TOWNSHIP:
        return found
    return [[group._replace(key=tree.township_of(group.key)) for group in each] for each in found]


async def _read(
    db: Connection,
    query: str,
    facts: dict[str, Any],
    places: Sequence[int],
    found: list[list[MarkedGroup]],
) -> None:
    """Put the groups of each period in its place."""
    # Planned anew for each question: what isn't asked for is left out then.
    cursor = await db.execute(SQL[query], facts, prepare=False)
    for nth, *group in await cursor.fetchall():
        found[places[nth]].append(MarkedGroup(*group))


def _tallied_by(of: CaseSet, by: Grouping | None, periods: Sequence[Period]) -> Grouping | None:
    """The tallies that answer a question; None if only the rows do."""
    if of.scope.units is not None or not all(map(_has_whole_months, periods)):
        return None
    if any((of.reporter, of.receiver, of.dispatcher, of.shift_lead)):
        return None
    asked = {
        Grouping.UNIT: of.unit,
        Grouping.TOWNSHIP: of.territory,
        Grouping.ITEM: of.item,
        Grouping.SOURCE: of.source,
        Grouping.SEVERITY: of.severity,
    }
    wanted = {each for each, value in asked.items() if value is not None}
    wanted |= set() if by is None else {by}
    tallied = {_TALLIED_TOGETHER.get(each, each) for each in wanted} or {Grouping.SOURCE}
    return tallied.pop() if len(tallied) == 1 else None


def _tally_facts(apart_by: Grouping, facts: dict[str, Any]) -> dict[str, Any]:
    keys = facts["territories"]
    if apart_by in (Grouping.UNIT, Grouping.ITEM, Grouping.SOURCE):
        keys = None if facts[apart_by] is None else [facts[apart_by]]
    return {"apart_by": str(apart_by), "keys": keys}


def _month_facts(periods: Sequence[Period], now: datetime) -> dict[str, Any]:
    """Periods as months, and what is left of the month that runs, if a period has something of it."""
    month = Period.around(PeriodKind.MONTH, local_date(now))
    begins = [_month(period.first) for period in periods]
    ends = [_month(period.end) for period in periods]
    return {
        "begins": begins,
        "ends": ends,
        "first": min(begins),
        "last": max(ends),
        "now": _month(month.end),
        "from": now,
        "until": month.until_at if max(ends) >= _month(month.end) else now,
        "events": int(Mark.DUE_IN),
    }


def _border_facts(periods: Sequence[Period], now: datetime) -> dict[str, Any]:
    """Periods as the numbers of what lies between borders: `width_bucket` counts from 1."""
    instants = {now}
    for period in periods:
        instants |= {period.from_at, period.until_at}
    borders = sorted(instants)
    return {
        "borders": borders,
        "begins": [borders.index(period.from_at) + 1 for period in periods],
        "ends": [borders.index(period.until_at) + 1 for period in periods],
        "now": borders.index(now) + 1,
        "from": min(period.from_at for period in periods),
        "until": max(period.until_at for period in periods),
        "events": int(EVERY_EVENT),
    }


def _stretches(periods: Sequence[Period]) -> list[list[int]]:
    """The periods by their places, those together that follow each other without a gap."""
    found: list[list[int]] = []
    until = date.min
    for nth in sorted(range(len(periods)), key=lambda nth: periods[nth].first):
        if periods[nth].first > until or not found:
            found.append([])
        found[-1].append(nth)
        until = max(until, periods[nth].end)
    return found


def _has_whole_months(period: Period) -> bool:
    return period.first.day == period.end.day == 1


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1
