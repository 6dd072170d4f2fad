"""What a transaction tells others is written last, in one order, and not at all if it fails."""

from datetime import UTC, datetime

import psycopg
import pytest

from hub.db import Connection, Pool
from hub.journal import NewEntry, Subject, chain_breaks, entries_of
from hub.journal.unit_of_work import UnitOfWork, unit_of_work
from wire.messages import DeviceConfig

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
JOURNAL_LOCK = 7001


def entry(work: UnitOfWork, subject_id: str = "T-1", number: int = 0) -> NewEntry:
    data = {"number": number}
    return NewEntry(Subject.DEVICE, subject_id, "noted", work.actor, work.now, data=data)


async def counts(db: Connection) -> tuple[int, int]:
    """How many entries and messages there are."""
    cursor = await db.execute(
        "SELECT (SELECT count(*) FROM journal), (SELECT count(*) FROM outbox)"
    )
    (found,) = await cursor.fetchall()
    return found


async def holders_of_the_journal_lock(db: Connection) -> int:
    cursor = await db.execute(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        (JOURNAL_LOCK,),
    )
    (found,) = await cursor.fetchall()
    return found[0]


async def test_entries_and_messages_are_written_when_it_ends(pool: Pool) -> None:
    async with unit_of_work(pool, "user:test", NOW) as work:
        work.record(entry(work, number=1))
        work.publish("a/topic", DeviceConfig(version=1))
        work.by("device:T-1").record(entry(work.by("device:T-1"), number=2))
        assert await counts(work.db) == (0, 0)
    async with pool.connection() as db:
        assert await counts(db) == (2, 1)
        written = await entries_of(db, Subject.DEVICE, "T-1")
        assert [each.actor for each in written] == ["user:test", "device:T-1"]
        assert chain_breaks(written) == []


async def test_the_journal_is_locked_for_the_writing_only(pool: Pool) -> None:
    async with pool.connection() as other, unit_of_work(pool, "user:test", NOW) as work:
        work.record(entry(work))
        assert await holders_of_the_journal_lock(other) == 0
        await work.write()
        assert await holders_of_the_journal_lock(other) == 1
        await work.commit()
        assert await holders_of_the_journal_lock(other) == 0


async def test_what_fails_tells_nobody(pool: Pool) -> None:
    async def fail() -> None:
        async with unit_of_work(pool, "user:test", NOW) as work:
            work.record(entry(work))
            work.publish("a/topic", DeviceConfig(version=1))
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await fail()
    async with pool.connection() as db:
        assert await counts(db) == (0, 0)


async def test_a_message_that_is_taken_back_is_never_queued(pool: Pool) -> None:
    async with unit_of_work(pool, "user:test", NOW) as work:
        work.publish("a/topic", DeviceConfig(version=1), correlation="one")
        work.publish("a/topic", DeviceConfig(version=2), correlation="two")
        await work.withdraw("one")
    async with pool.connection() as db:
        cursor = await db.execute("SELECT correlation FROM outbox WHERE dropped_at IS NULL")
        assert await cursor.fetchall() == [("two",)]


async def test_a_row_that_fails_leaves_nothing_behind_and_stops_no_other(pool: Pool) -> None:
    async with unit_of_work(pool, "system:test", NOW) as work:

        async def handle(number: int) -> None:
            work.record(entry(work, f"T-{number}"))
            work.publish("a/topic", DeviceConfig(version=number))
            if number == 2:
                await work.db.execute("SELECT 1 / 0")

        assert await work.each("number", {n: n for n in (1, 2, 3)}, handle) == 3
    async with pool.connection() as db:
        cursor = await db.execute("SELECT subject_id FROM journal ORDER BY journal_id")
        assert await cursor.fetchall() == [("T-1",), ("T-3",)]
        assert (await counts(db))[1] == 2


async def test_rows_that_all_fail_do_not_count_as_found(pool: Pool) -> None:
    async def handle(_: int) -> None:
        raise ValueError("no")

    async with unit_of_work(pool, "system:test", NOW) as work:
        assert await work.each("number", {n: n for n in (1, 2)}, handle) == 0


async def test_a_row_that_fails_takes_back_no_message_of_another(pool: Pool) -> None:
    async with unit_of_work(pool, "system:test", NOW) as work:

        async def handle(number: int) -> None:
            if number == 2:
                await work.withdraw("1")
            work.publish("a/topic", DeviceConfig(version=number), correlation=str(number))
            if number == 2:
                raise ValueError("no")

        await work.each("number", {n: n for n in (1, 2)}, handle)
    async with pool.connection() as db:
        cursor = await db.execute("SELECT correlation FROM outbox WHERE dropped_at IS NULL")
        assert await cursor.fetchall() == [("1",)]


async def test_trouble_of_the_database_itself_ends_all_of_it(pool: Pool) -> None:
    async def handle(_: int) -> None:
        raise psycopg.errors.DiskFull

    async with pool.connection() as db:
        with pytest.raises(psycopg.errors.DiskFull):
            await UnitOfWork(db, "system:test", NOW).each("number", {1: 1}, handle)
