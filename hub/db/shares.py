"""A sweep over all devices changes a share of them in each transaction, so that nobody waits long."""

from collections.abc import Awaitable, Callable

from hub.db.connections import Connection, Pool

SHARE = 500
_MOST_SHARES = 50


async def in_shares(
    pool: Pool, sweep: Callable[[Connection], Awaitable[int]], share: int = SHARE
) -> int:
    """Run a sweep, each time in a transaction of its own, until it finds less than a full share.

    A sweep that finds ever more is left for the next time. Returns how much it was in all.
    """
    total = 0
    for _ in range(_MOST_SHARES):
        async with pool.connection() as db:
            found = await sweep(db)
        total += found
        if found < share:
            break
    return total
