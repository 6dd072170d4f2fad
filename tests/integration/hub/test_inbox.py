"""A message is given up for its own fault, and never for the database's."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from hub.db import Pool
from hub.errors import Conflict, Unavailable
from hub.worker.inbox import MAX_ATTEMPTS, Handling, handle_next

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
