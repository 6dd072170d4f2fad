"""A message is given up for its own fault, and never for the database's."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from structlog.testing import capture_logs

from hub.db import Pool
from hub.errors import (
    Conflict,
    Forbidden,
    GuardRefused,
    HubError,
    IllegalTransition,
    InvalidInput,
    KeyReused,
    NotFound,
    TooManyRequests,
    Unavailable,
)
from hub.journal.unit_of_work import UnitOfWork
from hub.worker.inbox import MAX_ATTEMPTS, Handling, handle_next
from hub.worker.inbox_message import InboxMessage

START = datetime(2025, 8, 7, tzinfo=UTC)
TRIES = 3 * MAX_ATTEMPTS


@pytest.mark.parametrize(
    ("error", "ends"),
    [
        (psycopg.errors.DiskFull("no space left on device"), ("pending", TRIES)),
        (psycopg.errors.TooManyConnections("sorry"), ("pending", TRIES)),
        (psycopg.errors.LockNotAvailable("somebody holds it"), ("pending", TRIES)),
        (psycopg.errors.DeadlockDetected("in a circle"), ("pending", TRIES)),
        (psycopg.errors.AdminShutdown("going down"), ("pending", TRIES)),
        (psycopg.OperationalError("the connection is lost"), ("pending", TRIES)),
        (psycopg.errors.ReadOnlySqlTransaction("a standby"), ("pending", TRIES)),
        (Unavailable("the evidence store is away"), ("pending", TRIES)),
        (psycopg.errors.ProgramLimitExceeded("index row too large"), ("parked", 1)),
        (NotFound("there is no such command"), ("done", 1)),
        (Forbidden("it is another's"), ("done", 1)),
        (InvalidInput("no such field"), ("done", 1)),
        (IllegalTransition("not from here"), ("done", 1)),
        (GuardRefused("not yet"), ("done", 1)),
        (KeyReused("the same id"), ("done", 1)),
        (TooManyRequests("later"), ("parked", MAX_ATTEMPTS)),
        (Conflict("somebody was first"), ("parked", MAX_ATTEMPTS)),
        (ValueError("cannot be understood"), ("parked", 1)),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_only_the_faults_of_a_message_count_against_it(
    pool: Pool, error: Exception, ends: tuple[str, int]
):
    async with pool.connection() as db:
        await db.execute(
            "INSERT INTO inbox (kind, device_id, leaf, tail, payload, received_at)"
            " VALUES ('terminals', 'T-1', 'events', '', '{}', %s)",
            (START,),
        )

    async def handle(*_: object) -> None:
        raise error

    tried = 0
    for turn in range(TRIES):
        tried += await handle_next(pool, Handling(handle), lambda: START + timedelta(hours=turn))  # noqa: B023
    async with pool.connection() as db:
        row = await (await db.execute("SELECT state FROM inbox")).fetchone()
    assert (row, tried) == ((ends[0],), ends[1])


async def put_messages(pool: Pool, ordinary: int) -> None:
    """Messages of one terminal, the first of which must wait, and its alarm after them."""
    async with pool.connection() as db:
        for number in range(ordinary + 1):
            await db.execute(
                "INSERT INTO inbox (kind, device_id, leaf, tail, payload, received_at, urgent, retry_at)"
                " VALUES ('terminals', 'T-1', 'events', %s, '{}', %s, %s, %s)",
                (
                    "alarm" if number == ordinary else str(number),
                    START,
                    number == ordinary,
                    None if number else START + timedelta(days=1),
                ),
            )


@pytest.mark.parametrize("alarms_only", [False, True])
async def test_an_alarm_waits_behind_no_other_message(pool: Pool, alarms_only: bool):
    await put_messages(pool, ordinary=20)
    handled: list[str] = []

    async def handle(_work: object, messages: Sequence[InboxMessage]) -> None:
        handled.extend(message.tail for message in messages)

    for _ in range(2):
        await handle_next(pool, Handling(handle), lambda: START, alarms_only=alarms_only)

    assert handled == ["alarm"]


async def test_an_alarm_that_fails_is_never_given_up(pool: Pool):
    await put_messages(pool, ordinary=0)
    async with pool.connection() as db:
        await db.execute("UPDATE inbox SET retry_at = NULL")

    async def handle(*_: object) -> None:
        raise ValueError("cannot be understood")

    for turn in range(TRIES):
        now = START + timedelta(seconds=6 * turn)
        assert await handle_next(pool, Handling(handle), lambda: now) == 1  # noqa: B023


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(NotFound("there is no such command"), "unusable"), (KeyReused("the same id"), "conflict")],
    ids=lambda value: type(value).__name__,
)
async def test_a_message_that_is_refused_for_good_is_a_dead_letter_without_a_traceback(
    pool: Pool, error: HubError, outcome: str
):
    async with pool.connection() as db:
        await db.execute(
            "INSERT INTO inbox (kind, device_id, leaf, tail, payload, received_at, payload_sha256)"
            " VALUES ('terminals', 'T-1', 'events', '', '{\"type\": \"report\"}', %s, 'of the bytes')",
            (START,),
        )

    async def handle(work: UnitOfWork, _messages: object) -> None:
        await work.db.execute("INSERT INTO calendar_day VALUES ('2025-08-07', true)")
        raise error

    with capture_logs() as logs:
        await handle_next(pool, Handling(handle), lambda: START)
    assert [entry["event"] for entry in logs] == ["messages_refused"]
    assert logs[0]["log_level"] == "warning"
    async with pool.connection() as db:
        cursor = await db.execute(
            "SELECT outcome, m.device_id, m.reason, payload_sha256, payload, topic"
            " FROM dead_letter_message m JOIN dead_letter USING (dead_letter_id)"
        )
        topic = "patrol/v1/000000/terminals/T-1/events"
        assert await cursor.fetchall() == [
            (outcome, "T-1", error.detail, "of the bytes", b'{"type": "report"}', topic)
        ]
        cursor = await db.execute("SELECT count(*) FROM calendar_day")
        assert await cursor.fetchall() == [(0,)]
