import asyncio
from contextlib import suppress

import pytest

from hub.wakes import woken
from tests.waiting import WITHIN_S

NEVER_S = 3600.0


async def test_an_event_wakes_at_once_and_is_clear_afterwards() -> None:
    wake = asyncio.Event()
    asyncio.get_running_loop().call_soon(wake.set)
    async with asyncio.timeout(WITHIN_S):
        await woken(wake, NEVER_S)
    assert not wake.is_set()


async def test_without_an_event_the_time_ends_it() -> None:
    async with asyncio.timeout(WITHIN_S):
        await woken(asyncio.Event(), 0.01)


async def test_what_was_told_before_is_not_waited_for() -> None:
    wake = asyncio.Event()
    wake.set()
    async with asyncio.timeout(WITHIN_S):
        await woken(wake, NEVER_S)
    assert not wake.is_set()


@pytest.mark.parametrize("steps", range(6))
async def test_cancelling_together_with_the_event_is_not_lost(steps: int) -> None:
    wake = asyncio.Event()

    async def for_ever() -> None:
        while True:
            await woken(wake, NEVER_S)

    task = asyncio.create_task(for_ever())
    await asyncio.sleep(0)
    wake.set()
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        async with asyncio.timeout(WITHIN_S):
            await task
    assert task.cancelled()
