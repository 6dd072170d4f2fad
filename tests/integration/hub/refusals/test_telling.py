"""Devices are told of what was refused, at most so many times a minute, and people see all of it."""

import json
import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from string import ascii_letters

from hub.db import Pool
from hub.refusals.dead_letter import DeadLetter
from hub.refusals.keeping import RefusedKeeping
from hub.refusals.reading import refusals_of
from hub.refusals.store import refuse
from hub.refusals.telling import TOLD_A_MINUTE, tell_devices
from tests.use_cases import carry_out
from wire.families import REFUSED
from wire.messages import RefusalOutcome, Refused

NOON = datetime(2025, 8, 7, 12, tzinfo=UTC)
BRANCH = "patrol/v1/530303/terminals/T-1"
EVENTS = f"{BRANCH}/events"


async def refused(
    pool: Pool,
    *payloads: bytes,
    device_id: str | None = "T-1",
    outcome: RefusalOutcome = RefusalOutcome.MALFORMED,
    topic: str = EVENTS,
) -> None:
    async with pool.connection() as db:
        topic = topic if device_id is None else topic.replace("T-1", device_id)
        letters = [
            DeadLetter(outcome, topic[:100], "text: too long", topic, each, NOON, device_id, False)
            for each in payloads
        ]
        await refuse(db, letters, RefusedKeeping())


async def tell(pool: Pool, after_s: float = 0) -> int:
    async with pool.connection() as db:
        return await carry_out(db, NOON + timedelta(seconds=after_s), tell_devices)


async def published(pool: Pool) -> list[tuple[str, Refused]]:
    async with pool.connection() as db:
        cursor = await db.execute("SELECT topic, payload FROM outbox ORDER BY outbox_id")
        return [
            (topic, REFUSED.validate_json(payload)) for topic, payload in await cursor.fetchall()
        ]


async def test_a_device_is_told_once_what_was_refused_and_why(pool: Pool) -> None:
    await refused(pool, b"no event", outcome=RefusalOutcome.CONFLICT)
    assert await tell(pool) == 1
    assert await tell(pool) == 0
    ((topic, told),) = await published(pool)
    assert topic == f"{BRANCH}/refused"
    assert json.loads(told.model_dump_json()) == {
        "topic": EVENTS,
        "payload_sha256": sha256(b"no event").hexdigest(),
        "reason": "text: too long",
        "at": "2025-08-07T12:00:00Z",
        "outcome": "conflict",
        "untold": 0,
    }


async def test_a_message_that_is_sent_and_refused_again_is_told_again(pool: Pool) -> None:
    await refused(pool, b"no event")
    await tell(pool)
    await refused(pool, b"no event")
    await tell(pool)
    assert len(await published(pool)) == 2


async def test_a_device_is_told_that_a_topic_has_the_wrong_form_however_long_it_is(
    pool: Pool,
) -> None:
    tail = "".join(secrets.choice(ascii_letters) for _ in range(60_000))
    await refused(pool, b"no photo", topic=f"{BRANCH}/evidence/{tail}")
    assert await tell(pool) == 1
    ((topic, told),) = await published(pool)
    assert topic == f"{BRANCH}/refused"
    assert told.topic.startswith(f"{BRANCH}/evidence/{tail[:100]}")


async def test_a_sender_that_is_not_registered_is_not_told(pool: Pool) -> None:
    await refused(pool, b"no event", device_id=None)
    assert await tell(pool) == 0
    assert await published(pool) == []


async def test_a_device_that_floods_is_told_of_a_few_and_how_many_it_was_not_told_of(
    pool: Pool,
) -> None:
    await refused(pool, *(b"%d" % n for n in range(300)))
    await refused(pool, b"another device's", device_id="T-2")
    assert await tell(pool) == 301
    assert await tell(pool) == 0
    topics = [topic for topic, _ in await published(pool)]
    assert topics.count(f"{BRANCH}/refused") == TOLD_A_MINUTE
    assert len(topics) == TOLD_A_MINUTE + 1
    await refused(pool, b"within the minute")
    await tell(pool, after_s=30)
    assert len(await published(pool)) == TOLD_A_MINUTE + 1
    await refused(pool, b"later", b"still later")
    await tell(pool, after_s=90)
    *_, (_, one), (_, other) = await published(pool)
    assert (one.untold, other.untold) == (300 - TOLD_A_MINUTE + 1, 0)


async def test_people_see_all_of_it_with_what_was_told(pool: Pool) -> None:
    await refused(pool, *(b"%d" % n for n in range(TOLD_A_MINUTE + 2)))
    await tell(pool)
    async with pool.connection() as db:
        seen = await refusals_of(db, "T-1", 50)
        assert len(seen.items) == TOLD_A_MINUTE + 2
        assert sum(bool(each.told) for each in seen.items) == TOLD_A_MINUTE
        assert {(each.kind, each.topic, each.reason) for each in seen.items} == {
            ("malformed", EVENTS, "text: too long")
        }
        assert seen.unkept == 0
        assert len((await refusals_of(db, "T-1", 5)).items) == 5
        assert (await refusals_of(db, "T-2", 5)).items == []
