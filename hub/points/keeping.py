"""Keep the ledger up with the journal, and compute it again from the beginning."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

import structlog
from psycopg.rows import class_row, dict_row
from pydantic import JsonValue

from hub.clock import local_date
from hub.db import Connection, load_queries
from hub.journal.unit_of_work import UnitOfWork
from hub.points.ledger import (
    CaseGone,
    Fact,
    Ledger,
    PeriodClosed,
    PeriodPaid,
    PointsDue,
    PointsEntry,
    PointsKind,
    ReportDecided,
    ReportDecision,
    VerificationDone,
    month_of,
)
from hub.points.rules import PointsRules, RulesVersion

SQL = load_queries(__file__)
log = structlog.get_logger()

FACTS_AT_ONCE = 1000
_VERDICTS = {
    "signal_accepted": ReportDecision.VALID,
    "signal_merged": ReportDecision.DUPLICATE,
    "signal_rejected": ReportDecision.INVALID,
}


@dataclass(frozen=True, slots=True)
class JournalFactRow:
    """An entry of the journal that may matter, with what is known around it."""

    journal_id: int
    at: datetime
    subject: str
    subject_id: str
    kind: str
    actor: str
    to_state: str | None
    reason: str | None
    data: dict[str, JsonValue]
    worker_id: str | None
    item_points: int
    recurred: bool


@dataclass(frozen=True, slots=True)
class LedgerRebuild:
    """`differs` is the first entry that is not what it was, or None."""

    entries: int
    differs: int | None


async def keep_points(work: UnitOfWork) -> int:
    """Post a share of what the journal has since; returns how many facts there were."""
    row = await (await work.db.execute(SQL["lock_cursor_unless_taken"])).fetchone()
    return 0 if row is None else await _post_share(work.db, row[0])


async def keep_points_fully(db: Connection) -> None:
    """Post all that the journal has since; waits for another who is at it."""
    row = await (await db.execute(SQL["lock_cursor"])).fetchone()
    assert row is not None
    while await _post_share(db, row[0]) == FACTS_AT_ONCE:
        row = await (await db.execute(SQL["lock_cursor"])).fetchone()
        assert row is not None


async def rebuild_points(db: Connection) -> LedgerRebuild:
    """Compute the ledger and its periods again from the journal, and compare."""
    await db.execute(SQL["lock_cursor"])
    before = await _all_entries(db)
    for query in ("forget_entries", "forget_due", "forget_periods"):
        await db.execute(SQL[query])
    await db.execute(SQL["set_cursor"], (0,))
    await keep_points_fully(db)
    after = await _all_entries(db)
    pairs = zip(before, after, strict=False)
    differs = next((new.entry_no for old, new in pairs if old != new), None)
    if differs is None and len(before) > len(after):
        differs = len(after) + 1
    log.info("points_rebuilt", entries=len(after), differs=differs)
    return LedgerRebuild(len(after), differs)


async def rules_versions(db: Connection) -> list[RulesVersion]:
    """All rules that a district made, by their first day."""
    rows = await (await db.execute(SQL["rules"])).fetchall()
    return [RulesVersion(row[0], row[1], PointsRules.model_validate(row[2])) for row in rows]


async def _post_share(db: Connection, after: int) -> int:
    newest = await (await db.execute(SQL["newest_entry"])).fetchone()
    assert newest is not None
    wanted = {"after": after, "until": newest[0], "limit": FACTS_AT_ONCE}
    async with db.cursor(row_factory=class_row(JournalFactRow)) as cursor:
        await cursor.execute(SQL["facts"], wanted)
        rows = await cursor.fetchall()
    facts = [fact for row in rows if (fact := fact_of(row)) is not None]
    if facts:
        ledger = await _load(db, facts)
        for fact in facts:
            await _write(db, ledger, fact, ledger.post(fact))
    reached = rows[-1].journal_id if len(rows) == FACTS_AT_ONCE else newest[0]
    await db.execute(SQL["set_cursor"], (reached,))
    return len(rows)


def fact_of(row: JournalFactRow) -> Fact | None:
    """What an entry of the journal means for points; None if nothing. Pure."""
    data = row.data
    match row.subject:
        case "signal" if row.worker_id is not None:
            verdict = _VERDICTS.get(row.kind, ReportDecision.OPEN)
            if verdict is ReportDecision.DUPLICATE and row.recurred:
                verdict = ReportDecision.VALID
            return ReportDecided(
                row.journal_id,
                row.at,
                row.worker_id,
                int(row.subject_id),
                _number(data.get("case_id")),
                verdict,
                row.item_points,
                reason=row.reason if verdict is ReportDecision.INVALID else None,
            )
        case "command" if row.worker_id is not None:
            case_id = _number(data.get("case_id"))
            return VerificationDone(row.journal_id, row.at, row.worker_id, row.subject_id, case_id)
        case "case":
            return _gone(row)
        case "points":
            return _of_period(row)
        case _:
            return None


def _gone(row: JournalFactRow) -> CaseGone | None:
    """A void case; a merged one only if it was filed after the case that goes on."""
    case_id, into = int(row.subject_id), _number(row.data.get("into"))
    if row.to_state == "MERGED" and (into is None or case_id < into):
        return None
    reason = "case_void" if row.to_state == "VOID" else "case_merged"
    return CaseGone(row.journal_id, row.at, case_id, reason)


def _of_period(row: JournalFactRow) -> Fact | None:
    period, note = str(row.data.get("period", "")), str(row.data.get("note", ""))
    match row.kind:
        case "points_period_closed":
            return PeriodClosed(row.journal_id, row.at, period, row.actor, note)
        case "points_period_paid":
            return PeriodPaid(row.journal_id, row.at, period, row.actor, note)
        case _:
            return None


def _number(value: JsonValue) -> int | None:
    return value if isinstance(value, int) else None


async def _load(db: Connection, facts: Sequence[Fact]) -> Ledger:
    """As much of the ledger as the facts depend on."""
    signals = [fact.signal_id for fact in facts if isinstance(fact, ReportDecided)]
    cases = [fact.case_id for fact in facts if isinstance(fact, CaseGone)]
    ledger = Ledger(await rules_versions(db))
    about = {"signals": signals, "cases": cases}
    touched = await (await db.execute(SQL["workers_of_cases"], about)).fetchall()
    named = {f.worker_id for f in facts if isinstance(f, ReportDecided | VerificationDone)}
    everybody = any(isinstance(fact, PeriodClosed | PeriodPaid) for fact in facts)
    workers = None if everybody else sorted(named | {row[0] for row in touched})
    await _load_sums(db, ledger, workers, sorted(named), {local_date(f.at) for f in facts})
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["live"], about)
        for found in await cursor.fetchall():
            ledger.remember(_entry(found))
    commands = [fact.command_id for fact in facts if isinstance(fact, VerificationDone)]
    for row in await (await db.execute(SQL["verified"], (commands,))).fetchall():
        ledger.verified.add(row[0])
    await _load_periods(db, ledger)
    return ledger


async def _load_sums(
    db: Connection, ledger: Ledger, workers: list[str] | None, named: list[str], days: set[date]
) -> None:
    last = await (await db.execute(SQL["last_no"])).fetchone()
    assert last is not None
    ledger.last_no = last[0]
    of = {"workers": workers}
    for who, points in await (await db.execute(SQL["balances"], of)).fetchall():
        ledger.balances[who] = points
    for period, who, points in await (await db.execute(SQL["by_period"], of)).fetchall():
        ledger.by_period[period, who] = points
    months = sorted({month_of(day) for day in days})
    of_days = {"workers": named, "days": sorted(days), "months": months}
    for who, day, points in await (await db.execute(SQL["earned_by_day"], of_days)).fetchall():
        ledger.by_day[who, day] = points
    cursor = await db.execute(SQL["earned_by_month"], of_days)
    for who, month, points in await cursor.fetchall():
        ledger.by_month[who, month] = points


async def _load_periods(db: Connection, ledger: Ledger) -> None:
    for period, _, _, paid_at, *_ in await (await db.execute(SQL["periods"])).fetchall():
        ledger.closed.add(period)
        ledger.due[period] = []
        if paid_at is not None:
            ledger.paid.add(period)
    async with db.cursor(row_factory=class_row(PointsDue)) as cursor:
        await cursor.execute(SQL["due"])
        for due in await cursor.fetchall():
            ledger.due[due.period].append(due)


async def _write(
    db: Connection, ledger: Ledger, fact: Fact, entries: Sequence[PointsEntry]
) -> None:
    async with db.cursor() as cursor:
        await cursor.executemany(SQL["add_entry"], [asdict(entry) for entry in entries])
    match fact:
        case PeriodClosed():
            added = await db.execute(SQL["add_period"], asdict(fact))
            if added.rowcount:
                for due in ledger.due[fact.period]:
                    await db.execute(SQL["add_due"], asdict(due))
        case PeriodPaid():
            await db.execute(SQL["pay_period"], asdict(fact))
        case _:
            pass


async def _all_entries(db: Connection) -> list[PointsEntry]:
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["all_entries"])
        return [_entry(row) for row in await cursor.fetchall()]


def _entry(row: Mapping[str, object]) -> PointsEntry:
    return PointsEntry(**{**row, "kind": PointsKind(str(row["kind"]))})  # type: ignore[arg-type]
