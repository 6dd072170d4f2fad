"""Events that make no case are kept in common transactions; a report goes alone."""

from datetime import UTC, datetime

from psycopg.types.json import Jsonb

from hub.db import Connection, Pool
from hub.worker.handlers import handling
from hub.worker.inbox import handle_next
from tests.districts import add_device

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)


def event_id(number: int) -> str:
    return f"11111111-2222-4333-8444-{number:012d}"


async def put(db: Connection, device_id: str, number: int, kind: str) -> None:
    event = {"event_id": event_id(number), "type": kind, "observed_at": NOW.isoformat()}
    await db.execute(
        "INSERT INTO inbox (kind, device_id, leaf, tail, payload, received_at)"
        " VALUES ('terminals', %s, 'events', %s, %s, %s)",
        (device_id, event_id(number), Jsonb(event), NOW),
    )


async def work_off(pool: Pool) -> list[int]:
    """How many messages each transaction took."""
    taken = []
    worker = handling()
    while count := await handle_next(pool, worker, lambda: NOW):
        taken.append(count)
    return taken


async def signals(pool: Pool) -> list[tuple[str, str, str, str]]:
    async with pool.connection() as db:
        cursor = await db.execute(
            "SELECT device_id, type, state, reason FROM signal WHERE source = 'terminal'"
            " AND identity LIKE '11111111-%' ORDER BY device_id, signal_id"
        )
        return await cursor.fetchall()


async def test_check_ins_of_a_crowd_are_kept_at_once(pool: Pool) -> None:
    async with pool.connection() as db:
        for device_id in ("T-1", "T-2", "T-3"):
            await add_device(db, device_id)
        for number, device_id in enumerate(("T-1", "T-2", "T-3")):
            await put(db, device_id, number, "checkin")
    assert await work_off(pool) == [3]
    kept = ("checkin", "rejected", "out_of_scope")
    assert await signals(pool) == [("T-1", *kept), ("T-2", *kept), ("T-3", *kept)]
    async with pool.connection() as db:
        cursor = await db.execute("SELECT count(*) FROM journal WHERE subject = 'signal'")
        assert await cursor.fetchall() == [(3,)]


async def test_the_same_event_again_changes_nothing(pool: Pool) -> None:
    async with pool.connection() as db:
        for device_id in ("T-1", "T-2"):
            await add_device(db, device_id)
        await put(db, "T-1", 1, "checkin")
        await put(db, "T-2", 2, "checkin")
    await work_off(pool)
    async with pool.connection() as db:
        await db.execute("UPDATE inbox SET state = 'pending', done_at = NULL")
    assert await work_off(pool) == [2]
    assert len(await signals(pool)) == 2


async def test_an_id_that_two_devices_use_is_kept_of_both(pool: Pool) -> None:
    async with pool.connection() as db:
        for device_id in ("T-1", "T-2"):
            await add_device(db, device_id)
            await put(db, device_id, 1, "checkin")
    assert await work_off(pool) == [2]
    assert [row[0] for row in await signals(pool)] == ["T-1", "T-2"]
    async with pool.connection() as db:
        cursor = await db.execute("SELECT data ->> 'device_id' FROM journal ORDER BY 1")
        assert await cursor.fetchall() == [("T-1",), ("T-2",)]


async def test_an_id_that_was_used_for_something_else_is_refused(pool: Pool) -> None:
    async with pool.connection() as db:
        for device_id in ("T-1", "T-2"):
            await add_device(db, device_id)
        await put(db, "T-1", 1, "checkin")
    await work_off(pool)
    async with pool.connection() as db:
        await put(db, "T-1", 1, "geofence")
        await put(db, "T-2", 2, "geofence")
    assert await work_off(pool) == [2]
    assert [row[:2] for row in await signals(pool)] == [("T-1", "checkin"), ("T-2", "geofence")]
    async with pool.connection() as db:
        cursor = await db.execute("SELECT device_id, outcome FROM dead_letter")
        assert await cursor.fetchall() == [("T-1", "conflict")]


async def test_who_is_not_registered_is_put_aside_and_stops_nobody(pool: Pool) -> None:
    async with pool.connection() as db:
        await add_device(db, "T-1")
        await put(db, "T-1", 1, "checkin")
        await put(db, "T-9", 2, "checkin")
    assert await work_off(pool) == [2]
    assert [row[0] for row in await signals(pool)] == ["T-1"]
    async with pool.connection() as db:
        cursor = await db.execute("SELECT device_id, state FROM inbox ORDER BY inbox_id")
        assert await cursor.fetchall() == [("T-1", "done"), ("T-9", "done")]
        cursor = await db.execute("SELECT device_id, outcome, reason FROM dead_letter")
        assert await cursor.fetchall() == [("T-9", "unusable", "device T-9 is not registered")]


async def test_an_alarm_waits_for_no_check_in(pool: Pool) -> None:
    async with pool.connection() as db:
        for device_id in ("T-1", "T-2", "T-3"):
            await add_device(db, device_id)
        await put(db, "T-1", 1, "sos")
        await put(db, "T-2", 2, "checkin")
        await put(db, "T-3", 3, "checkin")
    taken = await work_off(pool)
    assert 2 in taken
    assert sum(taken) >= 3
