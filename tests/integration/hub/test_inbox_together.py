"""What a crowd of devices sends at once is worked off together, and fails alone."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.types.json import Jsonb

from hub.db import Connection, Pool
from hub.journal.unit_of_work import UnitOfWork
from hub.worker import inbox
from hub.worker.handlers import handling
from hub.worker.inbox import Handling, handle_next
from hub.worker.inbox_message import InboxMessage
from tests.districts import add_device

START = datetime(2025, 8, 7, tzinfo=UTC)
Handled = list[list[tuple[str, object]]]


async def put(pool: Pool, *rows: tuple[str, str, object]) -> None:
    """Device, leaf and payload of messages that came in this order."""
    async with pool.connection() as db:
        await db.cursor().executemany(
            "INSERT INTO inbox (kind, device_id, leaf, tail, payload, received_at)"
            " VALUES ('terminals', %s, %s, '', %s, %s)",
            [(device_id, leaf, Jsonb(payload), START) for device_id, leaf, payload in rows],
        )


async def states(pool: Pool) -> list[tuple[str, str, int]]:
    async with pool.connection() as db:
        cursor = await db.execute("SELECT device_id, state, attempts FROM inbox ORDER BY inbox_id")
        return await cursor.fetchall()


def refusing(spoilt: str, error: Exception) -> tuple[Handling, Handled]:
    """A handling that fails wherever a device takes part, and what it has handled."""
    handled: Handled = []

    async def handle(_: UnitOfWork, messages: Sequence[InboxMessage]) -> None:
        if any(message.device_id == spoilt for message in messages):
            raise error
        handled.append([(message.device_id, message.payload) for message in messages])

    return Handling(handle, together={"status": frozenset()}), handled


async def work_off(pool: Pool, handling: Handling) -> None:
    """All that can be handled within an hour of trying again."""
    for minute in range(60):
        at = START + timedelta(minutes=minute)
        while await handle_next(pool, handling, lambda: at):  # noqa: B023
            pass


async def test_messages_of_a_crowd_share_a_transaction_and_each_device_keeps_its_order(pool: Pool):
    await put(
        pool,
        ("T-1", "status", 1),
        ("T-1", "status", 2),
        ("T-2", "events", 3),
        ("T-3", "status", 4),
        ("T-2", "status", 5),
        ("T-3", "events", 6),
        ("T-3", "status", 7),
    )
    handling, handled = refusing("nobody", ValueError())
    await work_off(pool, handling)
    assert handled == [
        [("T-1", 1), ("T-3", 4)],
        [("T-1", 2)],
        [("T-2", 3)],
        [("T-2", 5)],
        [("T-3", 6)],
        [("T-3", 7)],
    ]


async def test_a_transaction_takes_no_more_than_its_share(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inbox, "TAKEN_TOGETHER", 3)
    await put(pool, *((f"T-{number}", "status", number) for number in range(7)))
    handling, handled = refusing("nobody", ValueError())
    await work_off(pool, handling)
    assert [len(messages) for messages in handled] == [3, 3, 1]


async def test_one_that_cannot_be_handled_blocks_none_of_the_others(pool: Pool):
    await put(pool, *((f"T-{number}", "status", number) for number in range(5)))
    handling, handled = refusing("T-2", ValueError("cannot be understood"))
    await work_off(pool, handling)
    assert sorted(handled) == [[(f"T-{number}", number)] for number in (0, 1, 3, 4)]
    assert [state for _, state, _ in await states(pool)] == [
        "done",
        "done",
        "parked",
        "done",
        "done",
    ]


async def test_trouble_of_the_storages_own_gives_none_of_them_up(pool: Pool):
    await put(pool, *((f"T-{number}", "status", number) for number in range(3)))
    handling, handled = refusing("T-1", psycopg.errors.LockNotAvailable("somebody holds it"))
    await work_off(pool, handling)
    assert sorted(handled) == [[("T-0", 0)], [("T-2", 2)]]
    assert Counter(state for _, state, _ in await states(pool)) == {"done": 2, "pending": 1}


async def test_rows_that_wait_for_something_hide_none_behind_them(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inbox, "_AMONG", (2, 4, 2**31))
    await put(pool, *[("T-1", "events", n) for n in range(9)], ("T-2", "events", 9))
    async with pool.connection() as db:
        await db.execute(
            "UPDATE inbox SET retry_at = %s WHERE payload = '0'", (START + timedelta(hours=9),)
        )
    handling, handled = refusing("nobody", ValueError())
    await work_off(pool, handling)
    assert handled == [[("T-2", 9)]]


async def test_taking_reads_few_of_the_rows_even_where_the_planner_expects_none(db: Connection):
    rows = 3_000
    await db.execute(
        "INSERT INTO inbox (kind, device_id, leaf, tail, payload, received_at)"
        " SELECT 'terminals', 'T-' || n, 'status', '', '1', now() FROM generate_series(1, %s) n",
        (rows,),
    )
    before = await rows_read(db)
    taken = await inbox._take(db, {"status": frozenset()}, START)
    assert len(taken) == 250
    assert 0 < await rows_read(db) - before < rows


async def rows_read(db: Connection) -> int:
    """Entries of indexes and rows of the inbox that this transaction has read."""
    row = await (
        await db.execute(
            "SELECT sum(pg_stat_get_xact_tuples_returned(relid)) FROM ("
            " SELECT 'inbox'::regclass AS relid UNION ALL"
            " SELECT indexrelid FROM pg_index WHERE indrelid = 'inbox'::regclass)"
        )
    ).fetchone()
    return int(row[0]) if row else 0


def birth(boot_id: str, **said: object) -> dict[str, object]:
    return {"state": "online", "boot_id": boot_id, "at": START.isoformat()} | said


async def test_a_crowds_births_and_last_wills_are_noted_at_once(pool: Pool):
    async with pool.connection() as db:
        for device_id in ("T-1", "T-2", "T-3"):
            await add_device(db, device_id, capabilities_registered=["talk"])
    await put(
        pool,
        ("T-3", "status", birth("b3", firmware="2.0", holder="王五", capabilities=["photo"])),
        ("T-9", "status", birth("b9")),
        ("T-1", "status", birth("b1", firmware="1.0", capabilities=["video", "talk"])),
        ("T-2", "status", {"state": "offline", "boot_id": "b2"}),
    )
    taken = await handle_next(pool, handling(), lambda: START)
    assert taken == 4
    async with pool.connection() as db:
        cursor = await db.execute(
            "SELECT device_id, link, boot_id, firmware, holder, capabilities, status_at FROM device"
            " ORDER BY device_id"
        )
        assert await cursor.fetchall() == [
            ("T-1", "online", "b1", "1.0", None, ["talk", "video"], START),
            ("T-2", "offline", "b2", None, None, ["talk"], START),
            ("T-3", "online", "b3", "2.0", "王五", ["photo"], START),
        ]
