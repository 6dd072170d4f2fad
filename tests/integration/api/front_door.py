"""An account, and what is said and written at its log-in."""

from collections.abc import Callable

import httpx

from hub.db import Pool

PASSWORD = "correct horse battery"
LOG_IN = {"username": "seat-07", "password": PASSWORD}
WRONG = LOG_IN | {"password": "wrong"}
OURS = {"X-Requested-With": "patrolhub"}


FromAddress = Callable[..., httpx.AsyncClient]


async def try_often(client: httpx.AsyncClient, times: int, **body: str) -> list[int]:
    answers = [await client.post("/api/session", json=WRONG | body) for _ in range(times)]
    return [answer.status_code for answer in answers]


async def entries(pool: Pool) -> list[tuple[str, str, str, dict]]:
    async with pool.connection() as db:
        cursor = await db.execute(
            "SELECT kind, subject_id, actor, data FROM journal WHERE subject = 'account'"
            " ORDER BY journal_id"
        )
        return await cursor.fetchall()
