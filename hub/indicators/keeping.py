"""Keep the measures up with the journal, each entry exactly once; and make them anew from it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import structlog
from psycopg.rows import class_row, dict_row

from hub.db import Connection, load_queries
from hub.indicators.definitions import Mark
from hub.indicators.measure import (
    CaseMeasure,
    MeasuredEntry,
    SignalMeasure,
    accepted_late,
    fold_case,
    fold_signal,
    with_source,
)
from hub.indicators.presses import Press, letter_of, reminder_of
from hub.journal import Cursor, Subject, is_known
from hub.journal.unit_of_work import UnitOfWork

log = structlog.get_logger()
SQL = load_queries(__file__)

BATCH = 2000
"""How many entries are measured in one transaction."""
_LARGE_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class _CursoredEntry(MeasuredEntry):
    mark: str


@dataclass
class _Batch:
    """The measures that a batch of entries touches, as they were before and as they become."""

    cases: dict[int, CaseMeasure]
    signals: dict[int, SignalMeasure]
    changed_cases: dict[tuple[int, int], CaseMeasure] = field(default_factory=dict)
    changed_signals: dict[int, SignalMeasure] = field(default_factory=dict)
    presses: list[Press] = field(default_factory=list)

    def take(self, entry: MeasuredEntry) -> None:
        if entry.subject == Subject.CASE:
            case = fold_case(self.cases.get(int(entry.subject_id)), entry)
            if case is not None:
                self._keep(case)
                self.presses += reminder_of(case, entry)
        elif entry.subject == Subject.LETTER:
            self.presses += letter_of(entry)
        elif entry.subject == Subject.SIGNAL and entry.kind == f"signal_{entry.to_state}":
            self._take_signal(entry)
        elif entry.subject == Subject.SIGNAL and entry.kind == "accept_late":
            known = self.signals.get(int(entry.subject_id))
            if known is not None:
                late = accepted_late(known)
                self.signals[late.signal_id] = self.changed_signals[late.signal_id] = late

    def _take_signal(self, entry: MeasuredEntry) -> None:
        signal_id = int(entry.subject_id)
        case_id = entry.data.get("case_id")
        case = self.cases.get(case_id) if isinstance(case_id, int) else None
        signal = fold_signal(self.signals.get(signal_id), case, entry)
        self.signals[signal_id] = self.changed_signals[signal_id] = signal
        if case is not None:
            self._keep(with_source(case, entry))

    def _keep(self, case: CaseMeasure) -> None:
        if self.cases.get(case.case_id) != case:
            self.cases[case.case_id] = self.changed_cases[case.case_id, case.round] = case


async def keep_up(work: UnitOfWork) -> int:
    """Measure the next entries of the journal; returns how many there were, at most a batch."""
    cursor = await _cursor(work.db)
    if not await is_known(work.db, cursor):
        log.warning("indicators_measured_anew", journal_id=cursor.journal_id)
        await _forget(work.db)
        cursor = Cursor(0)
    return await _measure(work.db, cursor, BATCH)


async def keep_up_fully(work: UnitOfWork) -> int:
    """Measure all entries that wait; returns how many there were."""
    measured = 0
    while found := await keep_up(work):
        measured += found
    return measured


async def rebuild(work: UnitOfWork) -> int:
    """Forget all measures and make them anew from the whole journal; returns how many entries it has."""
    await _cursor(work.db)
    await _forget(work.db)
    cursor, measured = Cursor(0), 0
    while found := await _measure(work.db, cursor, _LARGE_BATCH):
        measured += found
        cursor = await _cursor(work.db)
    return measured


async def _cursor(db: Connection) -> Cursor:
    row = await (await db.execute(SQL["cursor"])).fetchone()
    assert row is not None
    return Cursor(row[0], row[1])


async def _forget(db: Connection) -> None:
    await db.execute(SQL["forget_cases"])
    await db.execute(SQL["forget_signals"])
    await db.execute(SQL["forget_presses"])
    await db.execute(SQL["move_cursor"], (0, ""))


async def _measure(db: Connection, after: Cursor, limit: int) -> int:
    async with db.cursor(row_factory=class_row(_CursoredEntry)) as cursor:
        await cursor.execute(SQL["entries_after"], (after.journal_id, limit))
        entries = await cursor.fetchall()
    if not entries:
        return 0
    batch = await _before(db, entries)
    for entry in entries:
        batch.take(entry)
    await _save(db, batch)
    await db.execute(SQL["move_cursor"], (entries[-1].journal_id, entries[-1].mark))
    return len(entries)


async def _before(db: Connection, entries: Sequence[MeasuredEntry]) -> _Batch:
    about = {Subject.CASE: set[int](), Subject.SIGNAL: set[int]()}
    for entry in entries:
        if entry.subject in about:
            about[Subject(entry.subject)].add(int(entry.subject_id))
        if isinstance(case_id := entry.data.get("case_id"), int):
            about[Subject.CASE].add(case_id)
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["newest_rounds"], (list(about[Subject.CASE]),))
        cases = [_case(row) async for row in cursor]
        await cursor.execute(SQL["signals"], (list(about[Subject.SIGNAL]),))
        signals = [_signal(row) async for row in cursor]
    return _Batch(
        {case.case_id: case for case in cases}, {signal.signal_id: signal for signal in signals}
    )


async def _save(db: Connection, batch: _Batch) -> None:
    cases = [_columns(case) | _derived(case) for case in batch.changed_cases.values()]
    if cases:
        await db.execute(SQL["save_cases"], _arrays(cases))
    signals = [_columns(signal) for signal in batch.changed_signals.values()]
    if signals:
        await db.execute(SQL["save_signals"], _arrays(signals))
    for press in batch.presses:
        await db.execute(SQL[f"save_{press.kind}"], asdict(press))
    touched = {case.case_id for case in batch.changed_cases.values()}
    touched |= {each.case_id for each in batch.changed_signals.values() if each.case_id is not None}
    if touched:
        await db.execute(SQL["signals_follow_cases"], {"cases": list(touched)})


def _columns(measure: CaseMeasure | SignalMeasure) -> dict[str, Any]:
    found = {each.name: getattr(measure, each.name) for each in fields(measure)}
    return {name: int(value) if isinstance(value, Mark) else value for name, value in found.items()}


def _derived(case: CaseMeasure) -> dict[str, Any]:
    return {"marks": int(case.marks), "due_at": case.due_at}


def _arrays(rows: Iterable[dict[str, Any]]) -> dict[str, list[Any]]:
    listed = list(rows)
    return {name: [row[name] for row in listed] for name in listed[0]}


def _case(row: dict[str, Any]) -> CaseMeasure:
    return CaseMeasure(**row | {"happened": Mark(row["happened"])})


def _signal(row: dict[str, Any]) -> SignalMeasure:
    return SignalMeasure(**row | {"marks": Mark(row["marks"])})
