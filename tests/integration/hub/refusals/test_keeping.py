"""Refused messages are kept: all but samples, for as long as is set, and as far as a day has room."""

from datetime import UTC, datetime, timedelta

import pytest
from psycopg.rows import dict_row

from hub.db import Pool
from hub.refusals.dead_letter import SAMPLED, DeadLetter
from hub.refusals.keeping import RefusedKeeping
from hub.refusals.store import forget_refused, refuse
from wire.messages import RefusalOutcome

NOON = datetime(2025, 8, 7, 12, tzinfo=UTC)
SOURCE = "patrol/v1/530303/terminals/T-1/events"
KEEPING = RefusedKeeping(day_mb=1)


def letter(
    payload: bytes, at: datetime = NOON, *, sampled: bool = False, device_id: str | None = "T-1"
) -> DeadLetter:
    return DeadLetter(
        RefusalOutcome.MALFORMED,
        SOURCE,
        "text: too long",
        SOURCE,
        payload,
        at,
        device_id,
        sampled,
    )


async def refuse_all(pool: Pool, letters: list[DeadLetter]) -> None:
    async with pool.connection() as db:
        await refuse(db, letters, KEEPING)


async def found(pool: Pool, query: str) -> list[dict[str, object]]:
    async with pool.connection() as db, db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode())
        return await cursor.fetchall()


async def test_every_refused_message_is_kept_not_only_the_first_of_its_shape(pool: Pool) -> None:
    await refuse_all(pool, [letter(b"event %d" % n) for n in range(7)])
    await refuse_all(pool, [letter(b"event %d" % n) for n in range(7, 11)])
    (counted,) = await found(pool, "SELECT messages, unkept, device_id FROM dead_letter")
    assert counted == {"messages": 11, "unkept": 0, "device_id": "T-1"}
    kept = await found(pool, "SELECT payload FROM dead_letter_message")
    assert {row["payload"] for row in kept} == {b"event %d" % n for n in range(11)}


async def test_the_same_message_again_is_one_row_with_a_count(pool: Pool) -> None:
    later = NOON + timedelta(minutes=1)
    await refuse_all(pool, [letter(b"again"), letter(b"again")])
    await refuse_all(pool, [letter(b"again", later)])
    (kept,) = await found(pool, "SELECT times, received_at FROM dead_letter_message")
    assert kept == {"times": 3, "received_at": later}


async def test_of_samples_a_few_are_kept_each_day(pool: Pool) -> None:
    for day in range(2):
        for n in range(3):
            at = NOON + timedelta(days=day, minutes=n)
            samples = [letter(b"%d %d %d" % (day, n, m), at, sampled=True) for m in range(10)]
            await refuse_all(pool, samples)
    (counted,) = await found(pool, "SELECT messages, unkept FROM dead_letter")
    assert counted == {"messages": 60, "unkept": 0}
    assert len(await found(pool, "SELECT FROM dead_letter_message")) == 2 * SAMPLED


async def test_a_flood_fills_the_day_of_its_device_and_what_is_not_kept_is_counted(
    pool: Pool,
) -> None:
    flood = [letter(b"%06d" % n + bytes(100_000)) for n in range(30)]
    await refuse_all(pool, flood[:5])
    await refuse_all(pool, flood[5:])
    await refuse_all(pool, [letter(b"another device", device_id="T-2")])
    await refuse_all(pool, [letter(b"the next day", NOON + timedelta(days=1))])
    (counted,) = await found(pool, "SELECT messages, unkept FROM dead_letter")
    assert counted == {"messages": 32, "unkept": 20}
    days = await found(pool, "SELECT device_id, unkept FROM refused_day ORDER BY device_id, day")
    assert days == [
        {"device_id": "T-1", "unkept": 20},
        {"device_id": "T-1", "unkept": 0},
        {"device_id": "T-2", "unkept": 0},
    ]
    kept = await found(
        pool, "SELECT left(encode(payload, 'escape'), 14) AS it FROM dead_letter_message"
    )
    assert {"another device", "the next day"} <= {row["it"] for row in kept}
    assert len(kept) == 12


async def test_messages_of_a_day_that_repeat_take_no_room(pool: Pool) -> None:
    for _ in range(30):
        await refuse_all(pool, [letter(bytes(100_000))])
    await refuse_all(pool, [letter(b"something else")])
    (counted,) = await found(pool, "SELECT messages, unkept FROM dead_letter")
    assert counted == {"messages": 31, "unkept": 0}


@pytest.mark.parametrize("share", [1, 100])
async def test_refused_messages_are_forgotten_after_their_time(pool: Pool, share: int) -> None:
    await refuse_all(pool, [letter(b"old", NOON), letter(b"older", NOON - timedelta(hours=1))])
    await refuse_all(pool, [letter(b"new", NOON + timedelta(days=29))])
    for _ in range(3):
        async with pool.connection() as db:
            await forget_refused(db, NOON + timedelta(days=1), share)
    kept = await found(pool, "SELECT payload FROM dead_letter_message")
    assert kept == [{"payload": b"new"}]
    (counted,) = await found(pool, "SELECT messages FROM dead_letter")
    assert counted == {"messages": 3}
    async with pool.connection() as db:
        await forget_refused(db, NOON + timedelta(days=31), 100)
    assert await found(pool, "SELECT FROM dead_letter") == []
    assert await found(pool, "SELECT FROM refused_day") == []
