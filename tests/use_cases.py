"""Use cases as a way in carries them out: in one unit of work, written at its end."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar

from hub.db import Connection
from hub.journal import NewEntry, append_all, newest_cursor
from hub.journal.unit_of_work import UnitOfWork

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


async def carry_out(
    db: Connection,
    now: datetime,
    use_case: Callable[Concatenate[UnitOfWork, Arguments], Awaitable[Result]],
    *args: Arguments.args,
    by: str = "user:test",
    **kwargs: Arguments.kwargs,
) -> Result:
    """What the use case returns; it is written, and committed by whoever owns the connection."""
    work = UnitOfWork(db, by, now)
    result = await use_case(work, *args, **kwargs)
    await work.write()
    return result


async def append(db: Connection, entry: NewEntry) -> int:
    """One entry in the journal; returns its id."""
    await append_all(db, [entry])
    return (await newest_cursor(db)).journal_id
