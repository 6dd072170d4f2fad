"""Which cases are listed, in which order, and the pages of the list."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from psycopg.rows import class_row

from hub.accounts.scope import WHOLE_DISTRICT, Scope
from hub.cases.case import ROUTE_WITHIN, State
from hub.cases.searching import Words, words_of
from hub.cases.store import SQL
from hub.cases.views import CaseList, CaseRecord, CaseSummaryView, case_rows
from hub.catalogue import Severity
from hub.db import Connection
from hub.errors import InvalidInput

COUNTED = 50_000
"""More matching cases than this are not counted."""
_AT_ONCE = 500


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


class CaseSort(StrEnum):
    """The order of a list. By urgency: open before ended; the open by deadline, the ended by newest."""

    URGENCY = "urgency"
    DEADLINE = "deadline"
    FILED = "filed"
    SEVERITY = "severity"
    UNIT = "unit"


_ORDER = {
    CaseSort.DEADLINE: "c.due_at {way} NULLS LAST",
    CaseSort.FILED: "c.filed_at {way}",
    CaseSort.SEVERITY: "array_position(ARRAY['low', 'mid', 'high'], c.severity) {way}, c.due_at NULLS LAST",
    CaseSort.UNIT: "lead.name_zh {way} NULLS LAST, c.due_at NULLS LAST",
}


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


async def list_cases(
    db: Connection, wanted: CaseFilter, order: CaseOrder | None = None
) -> CaseList:
    """A page of cases, with the number of all that match. Raises InvalidInput for a false cursor."""
    order = order or CaseOrder()
    words = await words_of(db, wanted.text, is_open=wanted.open)
    found = await _page(db, wanted, words, order, order.limit + 1)
    page = found[: order.limit]
    total = await count_cases(db, wanted, words)
    goes_on = len(found) > order.limit and order.sort is CaseSort.URGENCY
    return CaseList(
        items=[CaseSummaryView(**row) for row in await case_rows(db, [c.case_id for c in page])],
        next_before=page[-1].cursor if goes_on else None,
        total=min(total, COUNTED),
        total_is_exact=total <= COUNTED,
    )


async def all_cases(
    db: Connection, wanted: CaseFilter, order: CaseOrder
) -> AsyncIterator[CaseRecord]:
    """All cases that match, in this order, as they are read, without what cameras say of them now."""
    words = await words_of(db, wanted.text, is_open=wanted.open)
    for part in _parts(wanted, order.sort):
        found = await _found(db, part, words, order)
        for start in range(0, len(found), _AT_ONCE):
            case_ids = [each.case_id for each in found[start : start + _AT_ONCE]]
            for row in await case_rows(db, case_ids):
                yield CaseRecord(**row, cameras=[])


async def count_cases(db: Connection, wanted: CaseFilter, words: Words) -> int:
    """How many cases match; one more than COUNTED stands for more."""
    query = SQL["counted"].replace(b"{matching}", SQL["matching"] + words.condition)
    facts = _facts(wanted) | words.facts | {"most": COUNTED + 1}
    row = await (await db.execute(query, facts, prepare=False)).fetchone()
    assert row is not None
    return int(row[0])


async def _page(
    db: Connection, wanted: CaseFilter, words: Words, order: CaseOrder, limit: int
) -> list[_Found]:
    after, skip = _position(order), order.offset
    page: list[_Found] = []
    for part in _parts(wanted, order.sort):
        if after is not None and after.ended and part.open:
            continue
        found = await _found(db, part, words, order, after, (limit - len(page), skip))
        page += found
        if len(page) == limit:
            break
        skip = 0 if found or not skip else max(0, skip - await count_cases(db, part, words))
        after = None
    return page


async def _found(
    db: Connection,
    wanted: CaseFilter,
    words: Words,
    order: CaseOrder,
    after: _Cursor | None = None,
    span: tuple[int | None, int] = (None, 0),
) -> list[_Found]:
    """The keys of the cases of one part of a list; `span` is how many, and how many before them."""
    is_ended = wanted.open is False
    urgency = SQL["urgency_of_ended" if is_ended else "urgency_of_open"]
    query = SQL["found"].replace(b"{urgency}", urgency).replace(b"{ended}", b"%d" % is_ended)
    query += SQL["matching"] + words.condition
    if after is not None:
        query += b" AND (" + urgency + b", c.case_id) > (%(after)s::numeric, %(after_id)s)"
    query += (
        b" ORDER BY " + _ordering(order, is_ended=is_ended) + b" LIMIT %(limit)s OFFSET %(offset)s"
    )
    facts = _facts(wanted) | words.facts | {"limit": span[0], "offset": span[1]}
    if after is not None:
        facts |= {"after": after.urgency, "after_id": after.case_id}
    async with db.cursor(row_factory=class_row(_Found)) as cursor:
        await cursor.execute(query, facts, prepare=False)
        return await cursor.fetchall()


def _ordering(order: CaseOrder, *, is_ended: bool) -> bytes:
    if order.sort is CaseSort.URGENCY:
        return SQL["order_of_ended"] if is_ended else b"urgency, c.case_id"
    way = "DESC" if order.descending else "ASC"
    return f"{_ORDER[order.sort].format(way=way)}, c.case_id {way}".encode()


def _parts(wanted: CaseFilter, sort: CaseSort) -> list[CaseFilter]:
    """By urgency the open come first, and each part has an index of its own."""
    if sort is not CaseSort.URGENCY or wanted.open is not None:
        return [wanted]
    return [replace(wanted, open=True), replace(wanted, open=False)]


def _facts(wanted: CaseFilter) -> dict[str, Any]:
    named = {field.name: getattr(wanted, field.name) for field in fields(wanted)}
    lists = {name: [*value] or None for name, value in named.items() if isinstance(value, tuple)}
    return named | lists | wanted.scope.facts | {"scope": None, "route_within": ROUTE_WITHIN}


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
