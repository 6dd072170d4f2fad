"""Publish the figures of a period: frozen, with the cases behind them, in versions that name what changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from pydantic import JsonValue

from hub.db import Connection
from hub.db.rows import record_row
from hub.errors import Conflict, InvalidInput, NotFound
from hub.indicators import store
from hub.indicators.case_sets import Grouping, UnitTree, unit_tree
from hub.indicators.definitions import OF_FIRST_UNIT, Count, RateKey, counted, counts_in
from hub.indicators.figures import Figures
from hub.indicators.keeping import keep_up_fully
from hub.indicators.questions import IndicatorQuestion, figures_apart, figures_of_question
from hub.indicators.store import SQL, CountedRow
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork

MOST_CASES_NAMED = 500
_EVERY_ROW = 100_000_000


class PublicationState(StrEnum):
    CURRENT = "current"
    SUPERSEDED = "superseded"
    """A later version of the same period was published."""


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A published version of a period. `figures` has the counts of the whole, of units and townships."""

    publication_id: int
    period: str
    version: int
    state: PublicationState
    from_at: datetime
    until_at: datetime
    as_of: datetime
    published_at: datetime
    published_by: str
    note: str
    figures: Mapping[str, Any]
    changes: Mapping[str, Any]

    @property
    def total(self) -> dict[Count, int]:
        return _counts(self.figures["total"])

    def number_of(self, count: Count, unit: str | None) -> int:
        """A published number, of the whole or of a unit."""
        found = self.total if unit is None else self.apart(Grouping.UNIT).get(unit, {})
        return found.get(count, 0)

    def apart(self, by: Grouping) -> dict[str, dict[Count, int]]:
        """The counts of units or townships, by key; "" has those that have none."""
        found = self.figures["units" if by is Grouping.UNIT else "townships"]
        return {key: _counts(counts) for key, counts in found.items()}


async def publish(work: UnitOfWork, asked: IndicatorQuestion, note: str = "") -> PublishedVersion:
    """Freeze the figures of a period for the whole district; what the journal has is counted first.

    Raises InvalidInput for a period that has not begun, and Conflict if it was published already and
    nothing has changed since.
    """
    if asked.period.from_at > work.now:
        raise InvalidInput(f"{asked.period.key} has not begun: choose another", field="period")
    await keep_up_fully(work)
    key = asked.period.key
    await work.db.execute(SQL["lock_publications"], (key,))
    before = await current_publication(work.db, key)
    tree = await unit_tree(work.db)
    figures = await _frozen(work.db, asked, tree)
    async with work.db.transaction():
        publication_id = await _insert(work, asked, figures, before, note)
        changes = await _changes(work.db, before, publication_id, figures, asked)
        if before is not None and not (changes["counts"] or changes["cases"]):
            raise Conflict(
                f"{key} was published as version {before.version}, and nothing has changed since",
                period=key,
                version=before.version,
            )
        await work.db.execute(SQL["set_changes"], (Jsonb(changes), publication_id))
    published = await publication(work.db, publication_id)
    work.record(_entry(work, published))
    return published


async def publication(db: Connection, publication_id: int) -> PublishedVersion:
    """Raises NotFound."""
    found = await _read(db, "publication", (publication_id,))
    if not found:
        raise NotFound(f"there is no publication {publication_id}", publication_id=publication_id)
    return found[0]


async def current_publication(db: Connection, period: str) -> PublishedVersion | None:
    """The newest version of a period; None if it was never published."""
    found = await _read(db, "current_publication", (period,))
    return found[0] if found else None


async def publications(
    db: Connection, period: str | None = None, limit: int = 200
) -> list[PublishedVersion]:
    """The publications, the newest first."""
    return await _read(db, "publications", {"period": period, "limit": limit})


async def published_rows(
    db: Connection,
    publication_id: int,
    count: Count,
    unit: str | None,
    *,
    limit: int,
    offset: int,
) -> list[CountedRow]:
    """The rows behind a published number, as they were then."""
    cursor = await db.execute(SQL["published_marks"], (publication_id,))
    marks = [row[0] for row in await cursor.fetchall() if counts_in(count, row[0])]
    facts = {
        "publication_id": publication_id,
        "marks": marks,
        "unit": unit,
        "of_first": count in OF_FIRST_UNIT,
        "limit": limit,
        "offset": offset,
    }
    async with db.cursor(row_factory=class_row(CountedRow)) as rows:
        await rows.execute(SQL["published_rows"], facts)
        return await rows.fetchall()


async def _read(db: Connection, query: str, facts: Any) -> list[PublishedVersion]:
    async with db.cursor(row_factory=record_row(PublishedVersion)) as cursor:
        await cursor.execute(SQL[query], facts)
        return await cursor.fetchall()


async def _frozen(db: Connection, asked: IndicatorQuestion, tree: UnitTree) -> dict[str, JsonValue]:
    whole = await figures_of_question(db, asked, tree)
    apart: dict[str, JsonValue] = {"total": _plain(whole)}
    for by, name in ((Grouping.UNIT, "units"), (Grouping.TOWNSHIP, "townships")):
        found = await figures_apart(db, asked, by, tree)
        apart[name] = {key or "": _plain(figures) for key, figures in found.items()}
    return apart


async def _insert(
    work: UnitOfWork,
    asked: IndicatorQuestion,
    figures: dict[str, JsonValue],
    before: PublishedVersion | None,
    note: str,
) -> int:
    period = asked.period
    await work.db.execute(SQL["supersede"], (period.key,))
    cursor = await work.db.execute(
        SQL["insert_publication"],
        {
            "period": period.key,
            "version": 1 if before is None else before.version + 1,
            "from_at": period.from_at,
            "until_at": period.until_at,
            "as_of": period.end_as_of(work.now),
            "published_at": work.now,
            "published_by": work.actor,
            "note": note,
            "figures": Jsonb(figures),
            "changes": Jsonb({}),
        },
    )
    row = await cursor.fetchone()
    assert row is not None
    await _copy_rows(work.db, int(row[0]), asked)
    return int(row[0])


async def _copy_rows(db: Connection, publication_id: int, asked: IndicatorQuestion) -> None:
    tree = await unit_tree(db)
    rows = await store.counted_rows(
        db, None, asked.period, asked.of, asked.now, tree, limit=_EVERY_ROW
    )
    async with db.cursor() as cursor, cursor.copy(SQL["copy_published_rows"]) as copy:
        for row in rows:
            is_signal = row.signal_id is not None
            await copy.write_row(
                (
                    publication_id,
                    (None if is_signal else row.case_id) or 0,
                    row.round,
                    row.signal_id or 0,
                    row.case_no,
                    row.item_key,
                    row.lead_unit,
                    row.first_unit,
                    row.territory_unit,
                    row.filed_at,
                    row.due_at,
                    row.handled_at,
                    row.closed_at,
                    row.marks,
                )
            )


async def _changes(
    db: Connection,
    before: PublishedVersion | None,
    publication_id: int,
    figures: Mapping[str, Any],
    asked: IndicatorQuestion,
) -> dict[str, Any]:
    """What differs from the version before: counts and rates, units, and cases by name."""
    if before is None:
        return {"counts": [], "rates": [], "units": [], "cases": [], "more_cases": 0}
    now, then = _counts(figures["total"]), before.total
    units_now = {key: _counts(each) for key, each in figures["units"].items()}
    units_then = before.apart(Grouping.UNIT)
    cases = await _changed_cases(db, before.publication_id, publication_id)
    return {
        "counts": _differing(then, now),
        "rates": _differing_rates(
            Figures(then, asked.satisfaction), Figures(now, asked.satisfaction)
        ),
        "units": [
            {"unit": key, "counts": differing}
            for key in sorted({*units_now, *units_then})
            if (differing := _differing(units_then.get(key, {}), units_now.get(key, {})))
        ],
        "cases": cases[:MOST_CASES_NAMED],
        "more_cases": max(0, len(cases) - MOST_CASES_NAMED),
    }


async def _changed_cases(db: Connection, before: int, after: int) -> list[dict[str, JsonValue]]:
    cursor = await db.execute(SQL["changed_rows"], {"before": before, "after": after})
    found: list[dict[str, JsonValue]] = []
    for case_no, case_id, signal_id, then, now, unit_then, unit_now in await cursor.fetchall():
        counts_then, counts_now = (set(counted(marks or 0)) for marks in (then, now))
        if counts_then == counts_now and unit_then == unit_now:
            continue
        found.append(
            {
                "case_no": case_no,
                "case_id": case_id,
                "signal_id": signal_id,
                "gained": [str(count) for count in Count if count in counts_now - counts_then],
                "lost": [str(count) for count in Count if count in counts_then - counts_now],
                "unit_before": unit_then,
                "unit_after": unit_now,
            }
        )
    return found


def _differing(then: Mapping[Count, int], now: Mapping[Count, int]) -> list[dict[str, JsonValue]]:
    return [
        {"count": str(count), "before": then.get(count, 0), "after": now.get(count, 0)}
        for count in Count
        if then.get(count, 0) != now.get(count, 0)
    ]


def _differing_rates(then: Figures, now: Figures) -> list[dict[str, JsonValue]]:
    return [
        {"rate": str(rate), "before": str(then.rate(rate)), "after": str(now.rate(rate))}
        for rate in RateKey
        if str(then.rate(rate)) != str(now.rate(rate))
    ]


def _entry(work: UnitOfWork, published: PublishedVersion) -> NewEntry:
    data: dict[str, JsonValue] = {
        "publication_id": published.publication_id,
        "version": published.version,
        "as_of": published.as_of.isoformat(),
        "counts": dict(published.figures["total"]),
        "changed": published.changes["counts"],
    }
    return NewEntry(
        Subject.INDICATOR,
        published.period,
        "indicators_published",
        work.actor,
        work.now,
        reason=published.note or None,
        data=data,
    )


def _plain(figures: Figures) -> dict[str, JsonValue]:
    return {str(count): figures[count] for count in Count if figures[count]}


def _counts(plain: Mapping[str, int]) -> dict[Count, int]:
    return {Count(name): number for name, number in plain.items()}
