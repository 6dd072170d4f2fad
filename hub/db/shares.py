"""Sweeps change a share of the rows in each transaction, so that others don't wait long for their locks."""

from collections.abc import Awaitable, Callable

from hub.db.connections import Connection, Pool

SHARE = 500
_MOST_SHARES = 50


async def in_shares(
    pool: Pool, sweep: Callable[[Connection], Awaitable[int]], share: int = SHARE
) -> int:
    """Repeat a sweep, each time in a transaction of its own, until it finds less than a full share.

    After _MOST_SHARES rounds the rest is left for the next time. Returns the total.
    """
    total = 0
    for _ in range(_MOST_SHARES):
        async with pool.connection() as db:
            found = await sweep(db)
        total += found
        if found < share:
            break
    return total
