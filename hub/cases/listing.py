"""Which cases are listed, and the pages of the list."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from hub.accounts.scope import WHOLE_DISTRICT, Scope
from hub.cases.case import ROUTE_WITHIN, State
from hub.cases.list_order import CaseOrder, CaseSort, Stretch, stretches
from hub.cases.searching import words_of
from hub.cases.store import SQL
from hub.cases.views import CaseList, CaseRecord, CaseSummaryView, case_rows
from hub.catalogue import Severity
from hub.db import Connection
from hub.errors import InvalidInput

COUNTED = 20_000
"""More matching cases of all years than this are not counted."""
COUNTED_OF_FEW = 50_000
"""Nor more than this of the open ones, or of those of a scope."""
_AT_ONCE = 500
_AFTER = b"(ended, urgency, case_id) > (%(after_ended)s, %(after)s::numeric, %(after_id)s)"
_UNITS_BY_NAME = (
    "SELECT array_agg(unit_key ORDER BY unit_key) FROM unit GROUP BY name_zh ORDER BY name_zh"
)


@dataclass(frozen=True, slots=True)
class _Cursor:
    ended: int
    urgency: Decimal
    case_id: int


@dataclass(frozen=True, slots=True)
class _Found:
    """The keys of a case in a list by urgency."""

    case_id: int
    ended: int
    urgency: Decimal

    @property
    def cursor(self) -> str:
        """The cursor with which the list continues after this case."""
        return f"{self.ended}:{self.urgency}:{self.case_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which cases to list; None and an empty tuple ask for nothing in particular.

    `units`: they lead, assist, or have the place in their territory. `township`: a territory with all
    below it. `owner` is an actor, or - for nobody. `void_asked`: whether somebody asked to void them
    and nobody has decided. `filed_until` and `due_until` are not in the list any more. `text`: each of
    its words is found in what `words_of` names.
    """

    states: tuple[State, ...] = ()
    open: bool | None = None
    void_asked: bool | None = None
    severities: tuple[Severity, ...] = ()
    units: tuple[str, ...] = ()
    township: str | None = None
    overdue: bool | None = None
    due_until: datetime | None = None
    filed_from: datetime | None = None
    filed_until: datetime | None = None
    items: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    recurrence: bool | None = None
    owner: str | None = None
    text: str | None = None
    scope: Scope = WHOLE_DISTRICT


@dataclass(frozen=True, slots=True)
class _Asked:
    """A list that is asked for, as SQL compares it."""

    wanted: CaseFilter
    condition: bytes
    facts: dict[str, Any]
    order: CaseOrder
    after: _Cursor | None

    @property
    def most_counted(self) -> int:
        """Up to so many matching cases are counted."""
        is_few = self.wanted.open or self.wanted.scope.units is not None
        return COUNTED_OF_FEW if is_few else COUNTED

    async def stretches(self, db: Connection) -> list[Stretch]:
        """The stretches of the list, from the one that the cursor is in."""
        found = stretches(
            self.order,
            is_open=self.wanted.open,
            severities=self.wanted.severities,
            units=await _units(db) if self.order.sort is CaseSort.UNIT else (),
        )
        begins_ended = self.after is not None and self.after.ended
        return [each for each in found if each.is_ended or not begins_ended]


async def list_cases(
    db: Connection, wanted: CaseFilter, order: CaseOrder | None = None
) -> CaseList:
    """A page of cases, with the number of all that match. Raises InvalidInput for a false cursor.

    What matches is read once and sorted. If it is more than is counted, an index that has it in order is read
    instead: so many cases match that it soon has a page of them.
    """
    asked = await _asked(db, wanted, order or CaseOrder())
    limit = asked.order.limit
    total, found = await _gathered(db, asked)
    if total > asked.most_counted:
        found = await _walked(db, asked)
    page = found[:limit]
    goes_on = len(found) > limit and asked.order.sort is CaseSort.URGENCY
    return CaseList(
        items=[CaseSummaryView(**row) for row in await case_rows(db, [c.case_id for c in page])],
        next_before=page[-1].cursor if goes_on else None,
        total=min(total, asked.most_counted),
        total_is_exact=total <= asked.most_counted,
    )


async def all_cases(
    db: Connection, wanted: CaseFilter, order: CaseOrder
) -> AsyncIterator[CaseRecord]:
    """All cases that match, in this order, as they are read, without what cameras say of them now."""
    asked = await _asked(db, wanted, order)
    for stretch in await asked.stretches(db):
        found = await _stretch(db, asked, stretch)
        for start in range(0, len(found), _AT_ONCE):
            case_ids = [each.case_id for each in found[start : start + _AT_ONCE]]
            for row in await case_rows(db, case_ids):
                yield CaseRecord(**row, cameras=[])


async def _asked(db: Connection, wanted: CaseFilter, order: CaseOrder) -> _Asked:
    words = await words_of(db, wanted.text, is_open=wanted.open)
    facts = await _facts(db, wanted) | words.facts
    return _Asked(wanted, SQL["matching"] + words.condition, facts, order, _position(order))


async def _gathered(db: Connection, asked: _Asked) -> tuple[int, list[_Found]]:
    """How many match, up to one more than are counted, and of these a page and one more."""
    first_by, then_by = asked.order.keys
    query = _filled(
        SQL["gathered"],
        urgency=_urgency(asked),
        first_by=first_by.encode(),
        then_by=then_by.encode(),
        order=asked.order.of_keys.encode(),
        after=b"true" if asked.after is None else _AFTER,
        matching=asked.condition,
    )
    facts = asked.facts | _cursor_facts(asked.after) | {"most": asked.most_counted + 1}
    facts |= {"limit": asked.order.limit + 1, "offset": asked.order.offset}
    rows = await (await db.execute(query, facts, prepare=False)).fetchall()
    return rows[0][0], [_Found(*row[1:]) for row in rows if row[1] is not None]


async def _walked(db: Connection, asked: _Asked) -> list[_Found]:
    """A page, and one more, by the indexes: stretch after stretch."""
    limit, skip, after = asked.order.limit + 1, asked.order.offset, asked.after
    page: list[_Found] = []
    for stretch in await asked.stretches(db):
        begins = after if after is not None and bool(after.ended) is stretch.is_ended else None
        found = await _stretch(db, asked, stretch, skip + limit - len(page), begins)
        page += found[skip:]
        skip = max(0, skip - len(found))
        if len(page) == limit:
            break
    return page


async def _stretch(
    db: Connection,
    asked: _Asked,
    stretch: Stretch,
    limit: int | None = None,
    after: _Cursor | None = None,
) -> list[_Found]:
    """The first cases of a stretch."""
    is_ended = stretch.is_ended
    urgency = b"0"
    if asked.order.sort is CaseSort.URGENCY:
        urgency = SQL["urgency_of_ended" if is_ended else "urgency_of_open"]
    query = _filled(SQL["stretch"], urgency=urgency, ended=b"%d" % is_ended)
    query += b" " + stretch.condition.encode() + b" AND " + asked.condition
    if after is not None:
        query += b" AND (" + urgency + b", c.case_id) > (%(after)s::numeric, %(after_id)s)"
    query += b" ORDER BY " + stretch.order.encode() + b" LIMIT %(limit)s"
    facts = asked.facts | {"limit": limit} | _cursor_facts(after)
    if stretch.led_by is not None:
        facts["led_by"] = [*stretch.led_by]
    rows = await (await db.execute(query, facts, prepare=False)).fetchall()
    return [_Found(*row) for row in rows]


def _filled(query: bytes, **parts: bytes) -> bytes:
    for name, part in parts.items():
        query = query.replace(b"{" + name.encode() + b"}", part)
    return query


async def _units(db: Connection) -> list[tuple[str, ...]]:
    rows = await (await db.execute(_UNITS_BY_NAME)).fetchall()
    return [tuple(row[0]) for row in rows]


def _urgency(asked: _Asked) -> bytes:
    """The urgency by which gathered cases are compared, if they are."""
    if asked.order.sort is not CaseSort.URGENCY:
        return b"0"
    is_open = asked.wanted.open
    if is_open is not None:
        return SQL["urgency_of_open" if is_open else "urgency_of_ended"]
    return (
        b"CASE WHEN case_is_open(c.state) THEN "
        + SQL["urgency_of_open"]
        + b" ELSE "
        + SQL["urgency_of_ended"]
        + b" END"
    )


async def _facts(db: Connection, wanted: CaseFilter) -> dict[str, Any]:
    named = {field.name: getattr(wanted, field.name) for field in fields(wanted)}
    lists = {name: [*value] or None for name, value in named.items() if isinstance(value, tuple)}
    if wanted.township is not None:
        row = await (
            await db.execute("SELECT territory_and_below(%s)", (wanted.township,))
        ).fetchone()
        lists["township"] = [] if row is None or row[0] is None else row[0]
    return named | lists | wanted.scope.facts | {"scope": None, "route_within": ROUTE_WITHIN}


def _cursor_facts(after: _Cursor | None) -> dict[str, Any]:
    if after is None:
        return {}
    return {"after_ended": after.ended, "after": after.urgency, "after_id": after.case_id}


def _position(order: CaseOrder) -> _Cursor | None:
    if order.after is None:
        return None
    try:
        ended, urgency, case_id = order.after.split(":")
        cursor = _Cursor(int(ended), Decimal(urgency), int(case_id))
        understood = cursor.urgency.is_finite() and cursor.ended in (0, 1)
        if not understood or order.sort is not CaseSort.URGENCY:
            raise ValueError(urgency)
        return cursor
    except (ValueError, InvalidOperation):
        raise InvalidInput(
            "the cursor is not one that a list by urgency gave; other lists go on by `offset`",
            field="before",
        ) from None
