"""The orders of a list of cases, and the stretches of it that an index has in that order already. Pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hub.catalogue import Severity


class CaseSort(StrEnum):
    """The order of a list. By urgency: open before ended; the open by deadline, the ended by newest."""

    URGENCY = "urgency"
    DEADLINE = "deadline"
    FILED = "filed"
    SEVERITY = "severity"
    UNIT = "unit"


_KEYS = {
    CaseSort.URGENCY: ("NULL::text", "NULL::timestamptz"),
    CaseSort.DEADLINE: ("c.due_at", "NULL::timestamptz"),
    CaseSort.FILED: ("c.filed_at", "NULL::timestamptz"),
    CaseSort.SEVERITY: ("array_position(ARRAY['low', 'mid', 'high'], c.severity)", "c.due_at"),
    CaseSort.UNIT: ("lead.name_zh", "c.due_at"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOrder:
    """A page of a list: so many cases after a cursor, or after the first `offset` ones.

    `descending` turns all orders but that by urgency round.
    """

    sort: CaseSort = CaseSort.URGENCY
    descending: bool = False
    after: str | None = None
    offset: int = 0
    limit: int = 50

    @property
    def way(self) -> str:
        return "DESC" if self.descending else "ASC"

    @property
    def keys(self) -> tuple[str, str]:
        """What cases `c` are compared by, first and then."""
        return _KEYS[self.sort]

    @property
    def of_keys(self) -> str:
        """The order of rows that have these two as `first_by` and `then_by`."""
        if self.sort is CaseSort.URGENCY:
            return "ended, urgency, case_id"
        return f"first_by {self.way} NULLS LAST, then_by NULLS LAST, case_id {self.way}"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some of a list's cases, one after another: those that meet the condition, in an order of an index."""

    condition: str
    order: str
    is_ended: bool = False
    led_by: tuple[str, ...] | None = None
    """The units of the condition, if it asks for some."""


def stretches(
    order: CaseOrder,
    *,
    is_open: bool | None,
    severities: Collection[Severity],
    units: Sequence[tuple[str, ...]],
) -> Iterator[Stretch]:
    """The stretches of a list of open, ended or all cases, in their order. Empty severities mean all.

    `units` are all of them by their names, those of the same name together.
    """
    way = order.way
    match order.sort:
        case CaseSort.URGENCY:
            yield from _by_urgency(is_open)
        case CaseSort.FILED:
            yield Stretch("true", f"c.filed_at {way}, c.case_id {way}")
        case CaseSort.DEADLINE:
            yield from _by_deadline("true", f"c.due_at {way}, c.case_id {way}", way)
        case CaseSort.SEVERITY:
            for severity in sorted(Severity, key=lambda each: each.rank, reverse=order.descending):
                if severity in (severities or Severity):
                    of_it = f"c.severity = '{severity}'"
                    yield from _by_deadline(of_it, f"c.due_at, c.case_id {way}", way)
        case CaseSort.UNIT:
            then = f"c.due_at NULLS LAST, c.case_id {way}"
            for keys in reversed(units) if order.descending else units:
                yield Stretch("c.lead_unit = ANY(%(led_by)s)", then, led_by=keys)
            yield Stretch("c.lead_unit IS NULL", then)


def _by_urgency(is_open: bool | None) -> Iterator[Stretch]:
    if is_open is not False:
        yield Stretch("case_is_open(c.state)", "urgency, c.case_id")
    if is_open is not True:
        newest = "coalesce(c.closed_at, c.last_seen_at) DESC, c.case_id"
        yield Stretch("NOT case_is_open(c.state)", newest, is_ended=True)


def _by_deadline(condition: str, order: str, way: str) -> Iterator[Stretch]:
    """An index reads deadlines either way, but those that are missing always on the same side."""
    yield Stretch(f"{condition} AND c.due_at IS NOT NULL", order)
    yield Stretch(f"{condition} AND c.due_at IS NULL", f"c.case_id {way}")
