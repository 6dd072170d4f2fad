"""Close and pay periods, change the rules, and look at what may be gaming."""

from datetime import date, datetime
from enum import StrEnum

from psycopg.types.json import Jsonb
from pydantic import JsonValue

from hub.clock import TIMEZONE, local_date
from hub.errors import Conflict, InvalidInput, NotFound
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork
from hub.points.keeping import SQL, keep_points_fully
from hub.points.ledger import next_month
from hub.points.rules import PointsRules


class ReviewVerdict(StrEnum):
    """What a person found in something that looked like gaming."""

    FINE = "fine"
    GAMING = "gaming"


async def close_period(work: UnitOfWork, period: str, note: str = "") -> None:
    """Close a month that is over: what comes later counts in the next one.

    Raises InvalidInput for a month that is not over, and Conflict if it is closed or an earlier one is not.
    """
    if work.now < _end_of(period):
        raise InvalidInput(f"{period} is not over; close it from {_end_of(period):%Y-%m-%d} on")
    await keep_points_fully(work.db)
    closed = {row[0]: row for row in await (await work.db.execute(SQL["periods"])).fetchall()}
    if period in closed:
        raise Conflict(f"{period} is closed already")
    if any(each > period for each in closed):
        raise Conflict(f"a later period than {period} is closed; nothing can be in it any more")
    first = await (await work.db.execute(SQL["first_open_month"])).fetchone()
    if first is not None and first[0] is not None and first[0] < period:
        raise Conflict(f"{first[0]} is still open; close it first")
    await _tell(work, "points_period_closed", {"period": period, "note": note})


async def pay_period(work: UnitOfWork, period: str, note: str = "") -> None:
    """Note that a closed period was paid: each worker gets an entry that takes the points away.

    Raises NotFound if it is not closed, and Conflict if it is paid or an earlier one is not.
    """
    await keep_points_fully(work.db)
    rows = await (await work.db.execute(SQL["periods"])).fetchall()
    paid = {row[0]: row[3] is not None for row in rows}
    if period not in paid:
        raise NotFound(f"{period} is not closed; close it first", period=period)
    if paid[period]:
        raise Conflict(f"{period} is paid already")
    if earlier := sorted(each for each, done in paid.items() if each < period and not done):
        raise Conflict(f"{earlier[0]} is closed and not paid; pay it first")
    await _tell(work, "points_period_paid", {"period": period, "note": note})


async def change_rules(
    work: UnitOfWork, rules: PointsRules, effective_from: date, reason: str
) -> int:
    """Make a version of the rules that holds from a local day on; returns its number.

    Days that have begun keep their rules, so that the ledger stays what it is. Raises InvalidInput, and
    Conflict if another version begins on the same day.
    """
    if not reason.strip():
        raise InvalidInput("say why: `reason` is empty", field="reason")
    await work.db.execute(SQL["lock_rules"])
    await keep_points_fully(work.db)
    newest = await (await work.db.execute(SQL["newest_day"])).fetchone()
    last = max(local_date(work.now), (newest and newest[0]) or date.min)
    if effective_from <= last:
        raise InvalidInput(
            f"the rules of {last} and before are settled; a version begins after that day",
            field="effective_from",
        )
    known = [row[1] for row in await (await work.db.execute(SQL["rules"])).fetchall()]
    if effective_from in known:
        raise Conflict(f"there is a version from {effective_from} on already; choose another day")
    said = rules.model_dump(mode="json")
    facts = {"effective_from": effective_from, "rules": Jsonb(said), "reason": reason.strip()}
    made = {"at": work.now, "by": work.actor}
    row = await (await work.db.execute(SQL["add_rules"], facts | made)).fetchone()
    assert row is not None
    data: dict[str, JsonValue] = {
        "version": row[0],
        "effective_from": effective_from.isoformat(),
        "rules": said,
    }
    entry = _entry(work, "points_rules_changed", data, reason.strip())
    work.record(entry)
    return int(row[0])


async def review_finding(work: UnitOfWork, key: str, verdict: ReviewVerdict, note: str) -> None:
    """Note what a person found. No points are taken by it: a report is rejected where it is decided."""
    if not note.strip():
        raise InvalidInput("say what you found: `note` is empty", field="note")
    facts = {"key": key, "verdict": verdict, "note": note.strip()}
    await work.db.execute(SQL["review"], facts | {"at": work.now, "by": work.actor})
    data: dict[str, JsonValue] = {"finding": key, "verdict": str(verdict)}
    work.record(_entry(work, "points_finding_reviewed", data, note.strip()))


async def _tell(work: UnitOfWork, kind: str, data: dict[str, JsonValue]) -> None:
    """Write the entry, and post it: the periods follow from the journal, too."""
    work.record(_entry(work, kind, data))
    await work.write()
    await keep_points_fully(work.db)


def _entry(
    work: UnitOfWork, kind: str, data: dict[str, JsonValue], reason: str | None = None
) -> NewEntry:
    return NewEntry(Subject.POINTS, "points", kind, work.actor, work.now, reason=reason, data=data)


def _end_of(period: str) -> datetime:
    """The local midnight at which a month ends. Raises InvalidInput."""
    try:
        year, month = (int(each) for each in period.split("-"))
        datetime(year, month, 1, tzinfo=TIMEZONE)
        if period != f"{year:04d}-{month:02d}":
            raise ValueError(period)
    except ValueError:
        raise InvalidInput(f"a period is a month such as 2025-08, not {period}") from None
    following = next_month(period)
    return datetime(int(following[:4]), int(following[5:]), 1, tzinfo=TIMEZONE)
