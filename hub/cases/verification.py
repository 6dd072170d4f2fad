"""Check that each case is what its entries in the journal say."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import MISSING, fields
from itertools import groupby

from psycopg.rows import class_row

from hub.cases.as_json import as_json
from hub.cases.case import Case
from hub.cases.record import BrokenRecord, columns, replay_case
from hub.cases.store import SQL, cases_after
from hub.db import Connection
from hub.journal import Entry
from hub.journal.verification import JournalFault, JournalFinding

_SEEN = frozenset({"occurred_at", "last_seen_at"})
"""Entries of signals that joined a case before this was recorded say nothing about these."""
_DEFAULTS = {
    each.name: as_json(each.default) for each in fields(Case) if each.default is not MISSING
}
"""What a column holds of which no entry says anything, since it is newer than they are."""
COMPARED = tuple(each.name for each in fields(Case) if each.name not in _SEEN | {"case_id"})
"""The columns that change only by an entry of the case."""
_AT_ONCE = 500


async def check_cases(db: Connection) -> AsyncIterator[JournalFinding]:
    """The cases that differ from their entries; the transaction should see one state of the database."""
    last = 0
    while cases := await cases_after(db, last, _AT_ONCE):
        entries = await _entries(db, [case.case_id for case in cases])
        for case in cases:
            for finding in compare(case, entries.get(str(case.case_id), [])):
                yield finding
        last = cases[-1].case_id
    for (case_id,) in await (await db.execute(SQL["cases_gone"])).fetchall():
        yield JournalFinding(
            JournalFault.CASE_CHANGED, f"case {case_id}", "it has entries, but is gone from `cases`"
        )


def compare(case: Case, entries: Sequence[Entry]) -> Iterator[JournalFinding]:
    """In what a case differs from its entries, oldest first."""
    where = f"case {case.case_no} ({case.case_id})"
    if not entries:
        yield JournalFinding(JournalFault.CASE_CHANGED, where, "the journal has no entry of it")
        return
    try:
        recorded = replay_case(entries).columns
    except BrokenRecord as error:
        yield JournalFinding(JournalFault.CASE_CHANGED, where, f"its entries lead nowhere: {error}")
        return
    present = columns(case)
    for name in COMPARED:
        said = recorded.get(name, _DEFAULTS.get(name))
        if present.get(name) != said:
            yield JournalFinding(
                JournalFault.CASE_CHANGED,
                where,
                f"`{name}` is {present.get(name)}, but its entries say {said}",
            )


async def _entries(db: Connection, case_ids: Sequence[int]) -> dict[str, list[Entry]]:
    async with db.cursor(row_factory=class_row(Entry)) as cursor:
        await cursor.execute(SQL["entries_of_cases"], ([str(case_id) for case_id in case_ids],))
        found = await cursor.fetchall()
    return {key: list(group) for key, group in groupby(found, lambda entry: entry.subject_id)}
