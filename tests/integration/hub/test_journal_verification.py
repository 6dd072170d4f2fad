"""Whoever changes the journal behind the hub's back, even as a superuser, is found."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.db import Connection, Pool
from hub.errors import Conflict, Unavailable
from hub.journal import NewEntry, Subject, append_all, entry_hash
from hub.journal.anchor import Anchor, read_anchors
from hub.journal.anchoring import AnchorLog, anchor_journal, anchor_restored
from hub.journal.chain import chain_link
from hub.journal.verification import (
    JournalFault,
    JournalFinding,
    JournalWalk,
    check_anchors,
    check_entries,
    check_triggers,
    rights_too_many,
    still_binding,
)
from tests.use_cases import carry_out

AT = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
FORGED_ENTRY = """
INSERT INTO journal (at, subject, subject_id, kind, actor, data, prev_hash, hash, position, chain)
SELECT at, subject, subject_id, 'forged', actor, data, hash, 'h', 7, 'c' FROM journal
WHERE position = 2
"""
SWAPPED = """
UPDATE journal SET position = -position;
UPDATE journal SET position = CASE position WHEN -2 THEN 4 WHEN -4 THEN 2 ELSE -position END
"""


@pytest.fixture
def anchors(tmp_path: Path) -> AnchorLog:
    return AnchorLog(KEY, tmp_path / "journal.anchors")


def noted(subject_id: str, number: int) -> NewEntry:
    return NewEntry(
        Subject.DEVICE,
        subject_id,
        "noted",
        "system:test",
        AT,
        data={"number": number, "text": "井盖"},
    )


async def write(db: Connection, *subject_ids: str) -> None:
    for number, subject_id in enumerate(subject_ids):
        await append_all(db, [noted(subject_id, number)])
    await db.commit()


@pytest.fixture
async def journal(db: Connection, anchors: AnchorLog) -> AsyncIterator[Connection]:
    """Six entries of three devices, anchored after the fourth and at the end; then nothing guards them."""
    await write(db, "T-1", "T-2", "T-1", "T-3")
    await carry_out(db, AT, anchor_journal, anchors)
    await write(db, "T-1", "T-3")
    await carry_out(db, AT + timedelta(minutes=1), anchor_journal, anchors)
    await db.execute("ALTER TABLE journal DISABLE TRIGGER USER")
    await db.commit()
    yield db
    await db.rollback()


def lines(anchors: AnchorLog) -> list[Anchor]:
    return read_anchors(anchors.file.read_text().splitlines())


async def found(db: Connection, anchors: list[Anchor]) -> list[JournalFinding]:
    findings = list(check_anchors(anchors, KEY.public_key()))
    walk = JournalWalk(still_binding(anchors))
    return findings + [each async for each in check_entries(db, walk)]


async def faults(db: Connection, anchors: list[Anchor]) -> set[JournalFault]:
    return {finding.fault for finding in await found(db, anchors)}


async def test_an_untouched_journal_is_good(journal: Connection, anchors: AnchorLog) -> None:
    assert [anchor.position for anchor in lines(anchors)] == [4, 6]
    assert await found(journal, lines(anchors)) == []


async def test_what_was_written_in_one_go_is_one_chain(db: Connection, anchors: AnchorLog) -> None:
    await append_all(db, [noted("T-1", 0), noted("T-2", 0), noted("T-1", 1)])
    await append_all(db, [noted("T-2", 1)])
    await carry_out(db, AT, anchor_journal, anchors)
    assert await found(db, lines(anchors)) == []


async def test_the_database_links_as_this_program_does(db: Connection) -> None:
    row = await (await db.execute("SELECT chain_link('ab', 12, 'cd')")).fetchone()
    assert row == (chain_link("ab", 12, "cd"),)


@pytest.mark.parametrize(
    ("tampering", "fault", "where"),
    [
        (
            "UPDATE journal SET reason = 'other' WHERE position = 3",
            JournalFault.CHANGED,
            "device T-1",
        ),
        (
            "UPDATE journal SET data = data || '{\"number\": 9}' WHERE position = 2",
            JournalFault.CHANGED,
            "device T-2",
        ),
        (
            "UPDATE journal SET at = at + interval '1 us' WHERE position = 2",
            JournalFault.CHANGED,
            "T-2",
        ),
        (
            "DELETE FROM journal WHERE position = 3",
            JournalFault.MISSING,
            "between entry 2 and entry 4",
        ),
        ("DELETE FROM journal WHERE position = 3", JournalFault.UNLINKED, "device T-1"),
        ("DELETE FROM journal WHERE subject_id = 'T-2'", JournalFault.MISSING, "between entry 1"),
        ("DELETE FROM journal WHERE subject_id = 'T-3'", JournalFault.CUT_OFF, "after entry 5"),
        ("DELETE FROM journal WHERE position > 4", JournalFault.CUT_OFF, "after entry 4"),
        ("TRUNCATE journal", JournalFault.CUT_OFF, "the whole journal"),
        (
            SWAPPED,
            JournalFault.REPLACED,
            "device T-3",
        ),
        (
            FORGED_ENTRY,
            JournalFault.CHANGED,
            "device T-2, forged",
        ),
    ],
)
async def test_tampering_is_found_and_named(
    journal: Connection, anchors: AnchorLog, tampering: str, fault: JournalFault, where: str
) -> None:
    await journal.execute(tampering.encode())
    named = [each for each in await found(journal, lines(anchors)) if each.fault is fault]
    assert any(where in each.where for each in named), named
    assert fault.advice in str(named[0])


async def rewrite(db: Connection, keep: str = "true") -> None:
    """Every chain anew, as somebody would who knows how it is made; without the entries not kept."""
    await db.execute(f"DELETE FROM journal WHERE NOT ({keep})".encode())
    await db.execute("UPDATE journal SET data = data || '{\"forged\": true}' WHERE position = 1")
    await db.execute("UPDATE journal SET position = -position")
    cursor = await db.execute(
        "SELECT journal_id, at, subject, subject_id, kind, actor, data FROM journal"
        " ORDER BY journal_id"
    )
    last: dict[tuple[str, str], str] = {}
    chain = "0" * 64
    for position, row in enumerate(await cursor.fetchall(), 1):
        journal_id, at, subject, subject_id, kind, actor, data = row
        entry = NewEntry(Subject(subject), subject_id, kind, actor, at, data=data)
        prev_hash = last.get((subject, subject_id), "0" * 64)
        last[subject, subject_id] = made = entry_hash(prev_hash, entry)
        chain = chain_link(chain, position, made)
        await db.execute(
            "UPDATE journal SET prev_hash = %s, hash = %s, position = %s, chain = %s"
            " WHERE journal_id = %s",
            (prev_hash, made, position, chain, journal_id),
        )


async def test_chains_that_were_rewritten_as_a_whole_differ_from_the_anchors(
    journal: Connection, anchors: AnchorLog
) -> None:
    await rewrite(journal)
    findings = await found(journal, lines(anchors))
    assert [each.fault for each in findings] == [JournalFault.REWRITTEN]
    assert "the beginning" in findings[0].what
    assert await found(journal, []) == [], "without anchors nobody can tell"


async def test_a_rewriting_that_leaves_something_out_is_found_too(
    journal: Connection, anchors: AnchorLog
) -> None:
    await rewrite(journal, keep="subject_id <> 'T-3'")
    assert await faults(journal, lines(anchors)) == {
        JournalFault.REWRITTEN,
        JournalFault.CUT_OFF,
    }


async def test_the_worker_says_so_and_anchors_nothing_that_was_changed(
    journal: Connection, anchors: AnchorLog
) -> None:
    await rewrite(journal)
    before = anchors.file.read_bytes()
    with pytest.raises(Conflict, match="journal verify"):
        await carry_out(journal, AT + timedelta(hours=2), anchor_journal, anchors)
    assert anchors.file.read_bytes() == before


async def test_anchors_that_were_forged_or_taken_out_are_found(
    journal: Connection, anchors: AnchorLog
) -> None:
    await write(journal)
    await carry_out(journal, AT + timedelta(hours=2), anchor_journal, anchors)
    first, second, third = lines(anchors)
    forged = Anchor(2, second.at, 5, 5, second.chain, second.previous, None, second.signature)
    assert JournalFault.ANCHOR_FORGED in await faults(journal, [first, forged, third])
    assert await faults(journal, [first, third]) == {JournalFault.ANCHOR_MISSING}
    assert await faults(journal, [second, third]) == {JournalFault.ANCHOR_MISSING}
    stranger = list(check_anchors([first], Ed25519PrivateKey.generate().public_key()))
    assert [each.fault for each in stranger] == [JournalFault.ANCHOR_FORGED]


async def test_a_restored_backup_is_no_finding_once_it_was_said(
    journal: Connection, anchors: AnchorLog
) -> None:
    await journal.execute("DELETE FROM journal WHERE position > 4")
    await carry_out(journal, AT + timedelta(hours=1), anchor_restored, anchors, "disk failure")
    await journal.execute("ALTER TABLE journal ENABLE TRIGGER USER")
    await write(journal, "T-9", "T-9", "T-9")
    await carry_out(journal, AT + timedelta(hours=2), anchor_journal, anchors)
    assert await found(journal, lines(anchors)) == []


async def test_an_anchor_is_written_for_new_entries_and_else_each_hour(
    db: Connection, anchors: AnchorLog
) -> None:
    written = []
    for minutes in (0, 1, 59, 60, 61):
        now = AT + timedelta(minutes=minutes)
        written.append(await carry_out(db, now, anchor_journal, anchors))
    await write(db, "T-1")
    written.append(await carry_out(db, now, anchor_journal, anchors))
    assert written == [1, 0, 0, 1, 0, 1]
    assert anchors.file.stat().st_mode & 0o077 == 0


async def test_a_line_that_a_crash_cut_off_is_no_finding(
    db: Connection, anchors: AnchorLog
) -> None:
    await write(db, "T-1")
    await carry_out(db, AT, anchor_journal, anchors)
    with anchors.file.open("a") as file:
        file.write('{"at":"2025-')
    await write(db, "T-1")
    await carry_out(db, AT, anchor_journal, anchors)
    assert [anchor.number for anchor in lines(anchors)] == [1, 2]
    assert await found(db, lines(anchors)) == []


async def test_a_folder_that_is_not_there_is_named(db: Connection, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="create the folder"):
        await carry_out(db, AT, anchor_journal, AnchorLog(KEY, tmp_path / "no" / "anchors"))


async def test_a_journal_cannot_be_emptied(db: Connection) -> None:
    await write(db, "T-1")
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        await db.execute("TRUNCATE journal")


async def test_triggers_that_are_off_and_rights_too_many_are_named(
    journal: Connection, pool: Pool
) -> None:
    findings = [each async for each in check_triggers(journal)]
    assert "journal_is_append_only, journal_is_never_emptied, journal_is_one_chain" in str(
        findings[0]
    )
    assert await rights_too_many(journal) == "postgres may update, delete, truncate, trigger"
