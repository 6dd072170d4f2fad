from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest

from hub.db import Connection
from hub.journal import NewEntry, Subject, append_all, chain_breaks, entries_of
from tests.use_cases import append

AT = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)


async def test_entries_of_a_subject_form_a_chain_that_shows_tampering(db: Connection) -> None:
    for number in range(3):
        await append(
            db, NewEntry(Subject.CASE, "1", "noted", "system:test", AT, data={"number": number})
        )
    entries = await entries_of(db, Subject.CASE, "1")
    assert chain_breaks(entries) == []
    forged = [entries[0], replace(entries[1], reason="forged"), entries[2]]
    assert chain_breaks(forged) == [entries[1].journal_id]


async def test_many_entries_at_once_go_on_with_the_chains_of_their_subjects(
    db: Connection,
) -> None:
    def noted(subject_id: str, number: int) -> NewEntry:
        data = {"number": number, "text": "井盖"}
        return NewEntry(Subject.DEVICE, subject_id, "noted", "system:test", AT, data=data)

    await append(db, noted("T-1", 0))
    await append_all(db, [noted("T-1", 1), noted("T-2", 0), noted("T-1", 2)])
    await append_all(db, [])
    await append(db, noted("T-1", 3))
    for device_id, numbers in (("T-1", [0, 1, 2, 3]), ("T-2", [0])):
        entries = await entries_of(db, Subject.DEVICE, device_id)
        assert [entry.data["number"] for entry in entries] == numbers
        assert chain_breaks(entries) == []


async def test_the_journal_refuses_to_be_changed(db: Connection) -> None:
    await append(db, NewEntry(Subject.CASE, "1", "noted", "system:test", AT))
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        await db.execute("UPDATE journal SET reason = 'other'")
