"""Wait for a notification, and look anyway after a while."""

import asyncio


async def woken(wake: asyncio.Event, within_s: float) -> None:
    """Until the event is set or the time is over; clears it, so look after this for what it told of.

    By `asyncio.timeout`: before Python 3.12 `asyncio.wait_for` loses a cancellation that comes
    together with the event, and who cancelled waits for ever.
    """
    try:
        async with asyncio.timeout(within_s):
            await wake.wait()
    except TimeoutError:
        pass
    wake.clear()
