"""The pool, where cancelling meets waiting for a connection."""

import asyncio

import pytest

from hub.db import Pool, open_pool
from tests.waiting import WITHIN_S, until


@pytest.fixture
async def single(database_url: str):
    """A pool of one connection."""
    async with open_pool(database_url, name="single", max_size=1) as opened:
        yield opened


@pytest.mark.parametrize("steps", range(12))
async def test_who_waits_for_a_connection_can_be_cancelled_at_any_moment(
    single: Pool, steps: int
) -> None:
    """`steps` turns of the event loop lie between the connection's return and the cancellation."""

    async def hold() -> None:
        async with single.connection():
            await asyncio.Event().wait()

    async with single.connection():
        waiting = asyncio.create_task(hold())
        await until(lambda: single.get_stats()["requests_waiting"] == 1)
    for _ in range(steps):
        await asyncio.sleep(0)
    waiting.cancel()
    done, _ = await asyncio.wait([waiting], timeout=WITHIN_S)
    try:
        assert done
    finally:
        waiting.cancel()
    async with asyncio.timeout(WITHIN_S), single.connection() as db:
        await db.execute("SELECT 1")
