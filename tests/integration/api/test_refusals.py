"""What was refused of a device is shown to operators, together with answers that did not count."""

from uuid import uuid4

import pytest

from hub.accounts import Role
from hub.db import Pool
from hub.refusals.dead_letter import DeadLetter
from hub.refusals.keeping import RefusedKeeping
from hub.refusals.store import refuse
from wire.messages import RefusalOutcome

TOPIC = "patrol/v1/530303/terminals/T-0009/events"


@pytest.fixture
async def terminal(street: None, pool: Pool, clock) -> str:
    async with pool.connection() as db:
        await db.execute(
            "INSERT INTO device (device_id, kind, name_zh, name_en, registered_at)"
            " VALUES ('T-0009', 'terminals', '', '', %s)",
            (clock(),),
        )
    return "T-0009"


async def test_operators_see_conflicts_and_late_answers_the_newest_first(
    sign_in, terminal: str, pool: Pool, clock
) -> None:
    command_id = uuid4()
    letter = DeadLetter(
        RefusalOutcome.CONFLICT,
        TOPIC,
        "same event_id, other content",
        TOPIC,
        b"{}",
        clock(),
        terminal,
        sampled=False,
    )
    async with pool.connection() as db:
        await refuse(db, [letter], RefusedKeeping())
        await db.execute(
            "INSERT INTO command (command_id, device_id, type, body, priority, state, issued_at,"
            " expires_at, issued_by) VALUES (%s, %s, 'locate', '{}', 0, 'expired', %s,"
            " %s::timestamptz + interval '1 minute', 'user:test')",
            (command_id, terminal, clock(), clock()),
        )
        await db.execute(
            "INSERT INTO command_history (command_id, seq, state, at, rev, reason, counted)"
            " VALUES (%s, 1, 'succeeded', %s::timestamptz + interval '1 hour', 2,"
            " 'the command was already expired', false)",
            (command_id, clock()),
        )
    client = await sign_in(Role.DISPATCHER)
    seen = (await client.get(f"/api/devices/{terminal}/refusals")).json()
    assert [(each["kind"], each["state"], each["topic"]) for each in seen["items"]] == [
        ("not_counted", "succeeded", None),
        ("conflict", None, TOPIC),
    ]
    assert seen["items"][0]["command_id"] == str(command_id)
    assert seen["unkept"] == 0


async def test_a_device_that_is_not_registered_has_no_refusals(sign_in, terminal: str) -> None:
    client = await sign_in(Role.DISPATCHER)
    assert (await client.get("/api/devices/T-0404/refusals")).status_code == 404
